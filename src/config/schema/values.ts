import { isAbsolute } from 'node:path/posix';
import type * as z from '../../diagnostic/zod.js';
import { canonicalAddress, familyOf, addressBits } from '../../cluster/address.js';
import { formatDuration, inWholeUnits, parseDuration } from '../../cluster/duration.js';
import { isInterface, isName } from '../../cluster/naming.js';
import { list } from '../../diagnostic/quote.js';
import { cronProblem } from '../cron.js';
import { splitWords } from '../words.js';
import { scalar, text } from './scalar.js';

const DAY = 86_400_000;

export const address = text({
  code: 'bad-address',
  allowed: 'the IPv4 or IPv6 address of a host',
  help: 'host names are not looked up; write the address itself, IPv6 without brackets and zone',
  matches: value => canonicalAddress(value) !== undefined,
  json: { anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
});

export const address6 = text({
  code: 'bad-address',
  allowed: 'the IPv6 address of a host',
  matches: value => value.includes(':') && canonicalAddress(value) !== undefined,
  json: { format: 'ipv6' },
});

/** An address with the prefix length of its network, as `ip addr` takes it. */
export const network = text({
  code: 'bad-network',
  allowed: 'an address with the prefix length of its network, such as 10.0.70.1/24',
  matches: value => splitNetwork(value) !== undefined,
  json: { pattern: '^[0-9a-fA-F.:]+/[0-9]+$' },
});

export function splitNetwork(value: string): { address: string; prefix: number } | undefined {
  const parts = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(value);
  const canonical = parts ? canonicalAddress(parts[1]!) : undefined;
  if (!parts || !canonical) return undefined;
  const prefix = Number(parts[2]);
  return prefix >= 1 && prefix <= addressBits(familyOf(canonical))
    ? { address: canonical, prefix }
    : undefined;
}

/** @param beside a word that is meant as it stands: it looks like a name, and whoever resolves names has to know it */
function portSchema(least: 0 | 1, beside?: string): z.ZodType<number | string> {
  const names = 'a name of /etc/services';
  return scalar<number | string>({
    code: 'bad-port',
    allowed: `a port from ${least} to 65535${beside === undefined ? ` or ${names}` : `, ${names} or ${beside}`}`,
    why: value =>
      typeof value === 'boolean' && beside !== undefined ? `write a port or ${beside}` : undefined,
    accepts: (value): value is number | string =>
      typeof value === 'number'
        ? Number.isInteger(value) && value >= least && value <= 65535
        : typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_.+-]{0,62}$/.test(value),
    json: { anyOf: [{ type: 'integer', minimum: least, maximum: 65535 }, { type: 'string' }] },
  });
}

/** 0 = every port. */
export const servicePort = portSchema(0);
export const port = portSchema(1);
export const agentPort = portSchema(1, 'none');

function durationHint(value: unknown): string | undefined {
  if (typeof value === 'number') return 'write the unit, too: ms, s, m, h or d';
  const whole = typeof value === 'string' ? inWholeUnits(value) : undefined;
  return whole === undefined ? undefined : `its number has to be whole: ${whole}`;
}

/** A duration within bounds, in milliseconds. `whole` asks for whole seconds. */
export function duration(least: number, most: number, whole = false): z.ZodType<string> {
  const bounds = `from ${formatDuration(least)} to ${formatDuration(most)}`;
  const matches = (value: string): boolean => {
    const ms = parseDuration(value);
    return ms !== undefined && ms >= least && ms <= most && (!whole || ms % 1000 === 0);
  };
  const examples = list(['200ms', '30s', '5m', '2h', '1d'].filter(matches));
  return text({
    code: 'bad-duration',
    allowed: `a duration ${bounds}${whole ? ' in whole seconds' : ''}, such as ${examples}`,
    why: durationHint,
    matches,
    json: { pattern: '^[0-9]+(ms|s|m|h|d)$' },
  });
}

/** ipvsadm and the kernel count these in seconds, up to 31 days. */
export const kernelTimeout = duration(0, 31 * DAY, true);

export const name = text({
  code: 'bad-name',
  allowed: 'a name of at most 63 letters, digits, _ . - that begins with a letter, digit or _',
  matches: isName,
  json: { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$' },
});

export const networkInterface = text({
  code: 'bad-interface',
  allowed: 'the name of a network interface: at most 15 letters, digits, _ . -',
  matches: isInterface,
  json: { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$' },
});

const PLAIN_PATH = /^[A-Za-z0-9_./+@,:=~-]{1,255}$/;

/** Fit for every configuration file and script: nothing in it needs quoting there. */
function isPlainPath(value: string): boolean {
  return isAbsolute(value) && PLAIN_PATH.test(value) && !value.split('/').includes('..');
}

export const path = text({
  code: 'bad-path',
  allowed: 'an absolute path of at most 255 letters, digits and _ . / + @ , : = ~ - without ".."',
  matches: isPlainPath,
  json: { pattern: '^/' },
});

/** What rsync(1) takes as its source: a path, host:path, user@host:path or host::module. */
export const rsyncSource = text({
  code: 'bad-path',
  allowed:
    'what rsync reads from: /path, host:/path, user@host:/path or host::module/path, of plain characters',
  matches: value => PLAIN_PATH.test(value) && !value.startsWith('-') && !value.split('/').includes('..'),
});

export const urlPath = text({
  code: 'bad-path',
  allowed:
    'a path of a URL: it begins with / and has at most 255 letters, digits and - . _ ~ ! & ( ) * + , ; = : @ % / ?',
  help: 'write other characters percent-encoded, such as %20 for a blank',
  matches: value => /^\/[A-Za-z0-9._~!&()*+,;=:@%/?-]{0,254}$/.test(value),
  json: { pattern: '^/' },
});

export const hostName = text({
  code: 'bad-name',
  allowed: 'the name of a host, such as www.example.org',
  matches: value => value.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}\.?)+$/.test(value),
});

export const mail = text({
  code: 'bad-mail',
  allowed: 'a mail address such as root@localhost',
  matches: value => /^[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63}(@[A-Za-z0-9][A-Za-z0-9.-]{0,252})?$/.test(value),
});

export const expectedText = text({
  code: 'bad-value',
  allowed: 'one line of at most 255 characters',
  matches: value => /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,255}$/u.test(value),
});

export const command = text({
  code: 'bad-command',
  allowed: 'a program with its absolute path, then words separated by blanks',
  help: 'no shell reads it: no quotes, variables or pipes; put those into a script of its own',
  matches: value => splitWords(value) !== undefined,
});

/** `seconds`: whether a sixth field, in front, may be there. */
export function schedule(seconds: boolean): z.ZodType<string> {
  return text({
    code: 'bad-schedule',
    allowed: `a cron schedule of five fields${seconds ? ', or six with seconds in front,' : ''} such as "*/5 * * * *", or a word such as "@hourly"`,
    matches: value => cronProblem(value, seconds) === undefined,
    why: value => (typeof value === 'string' ? cronProblem(value, seconds) : undefined),
  });
}
