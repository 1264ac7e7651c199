import { DEFAULT_KEEPALIVED } from '../../cluster/defaults.js';
import { shellQuote } from '../engine.js';
import { configView } from '../keepalived/config.js';
import { type DirectorInput, type Output, PROGRAM, SETTINGS } from '../output.js';
import { PLACES } from '../places.js';

/** keepalived on a director: it checks the servers, or moves the addresses, or both. */
export function keepalivedTarget(input: DirectorInput): Output[] {
  const { cluster } = input;
  const checks = cluster.checker === 'keepalived';
  if (!checks && cluster.failover.by !== 'vrrp') return [];
  const config = cluster.keepalived.config;
  const outputs = [
    ...configuration(input),
    settings(PLACES.keepalivedDropIn, 'keepalived.service.conf', {
      config: config === DEFAULT_KEEPALIVED.config ? null : config,
      checks,
    }),
  ];
  if (!checks) return outputs;
  outputs.push(settings(PLACES.keepalivedAfter, 'lvsctl-after-keepalived.service', {}));
  const { command } = cluster.notify;
  if (command) {
    const view = { command: command.map(shellQuote).join(' ') };
    outputs.push({ ...settings(PLACES.keepalivedNotify, 'lvs.notify', view), mode: PROGRAM });
  }
  return outputs;
}

function configuration(input: DirectorInput): Output[] {
  const path = input.cluster.keepalived.config;
  const fragment = input.fragment(path);
  const whole = (at: string): Output => ({
    kind: 'file',
    path: at,
    mode: SETTINGS,
    template: 'keepalived/keepalived.conf.hbs',
    get view() {
      return configView(input, fragment);
    },
  });
  if (!fragment) return [whole(path)];
  const include = settings(path, 'include.conf', { fragment: PLACES.keepalivedFragment });
  return [whole(PLACES.keepalivedFragment), { ...include, kind: 'block' }];
}

function settings(path: string, template: string, view: object): Extract<Output, { template: string }> {
  return { kind: 'file', path, mode: SETTINGS, template: `keepalived/${template}.hbs`, view };
}
