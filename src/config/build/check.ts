import { CHECK_KEYS, type Check } from '../../cluster/check.js';
import { defaultCheckType, withCheckDefaults } from '../../cluster/defaults.js';
import type { Virtual } from '../../cluster/service.js';
import { list } from '../../diagnostic/quote.js';
import type { Path } from '../located.js';
import type { RawCheck } from '../schema/service.js';
import { splitWords } from '../words.js';
import { type Context, defined, resolvePort } from './context.js';
import { time } from './time.js';

const ALWAYS = ['type', 'interval', 'timeout', 'retries'];

/** The check of a service; options that its type does not read are reported and left out. */
export function buildCheck(raw: RawCheck, virtual: Virtual, path: Path, context: Context): Check {
  const type = raw.type ?? defaultCheckType(virtual);
  const typeKnown = !context.report.isSpoilt([...path, 'type']);
  const allowed = CHECK_KEYS[type];
  const reads = (key: string): boolean => allowed.includes(key);
  for (const key of Object.keys(raw)) {
    if (!typeKnown || ALWAYS.includes(key) || reads(key)) continue;
    const message = `a check of type ${type} does not read ${key}`;
    const help = allowed.length === 0 ? 'it has no options' : `it reads ${list(allowed, 'and')}`;
    context.report.add('check-option', [...path, key], { message, help, part: 'key' });
  }
  for (const [needed, needing] of [
    ['host', 'dns'],
    ['command', 'script'],
  ] as const) {
    if (type !== needing || raw[needed] !== undefined || context.report.isSpoilt([...path, needed])) continue;
    const message = `${needed} is missing: a check of type ${needing} needs it`;
    context.report.add('missing-key', [...path, needed], { message });
  }
  const status = raw.status === undefined ? undefined : [raw.status].flat().filter(one => one !== undefined);
  return withCheckDefaults({
    type,
    ...defined({
      interval: time(raw.interval),
      timeout: time(raw.timeout),
      retries: raw.retries,
      port:
        raw.port === undefined || !reads('port')
          ? undefined
          : resolvePort(raw.port, type === 'dns' ? 'udp' : 'tcp', [...path, 'port'], context),
      path: reads('path') ? raw.path : undefined,
      host: reads('host') ? raw.host : undefined,
      expect: reads('expect') ? raw.expect : undefined,
      status: reads('status') && status?.length ? status : undefined,
      command: reads('command') && raw.command !== undefined ? splitWords(raw.command) : undefined,
    }),
  });
}
