import test, { type ExecutionContext } from 'ava';
import { alerted, mon, servers } from '../support/alerted.js';
import type { KernelHost } from '../support/kernel-host.js';
import { done, journal } from '../support/operated.js';

const WEB = '192.0.2.100:80/tcp';

/** web1 is drained, and web2 is dead; these die after that. */
async function ill(t: ExecutionContext, ...died: readonly string[]): Promise<KernelHost> {
  const host = await alerted(t);
  await done(t, host, 'drain', 'web', 'web1');
  for (const server of ['192.0.2.12:80', ...died]) {
    host.time += 10_000;
    t.is((await mon(host, 'failure', 'web', server)).exitCode, 0);
  }
  t.is(servers(host), '11=0 12=1');
  return host;
}

test('undrain and weight say of a dead server that it is, and why it is in service', async t => {
  const host = await ill(t, '192.0.2.11:80');
  const name = 'web → web1 (192.0.2.11:80)';
  const dead = 'it is dead, and kept in service by minimum_servers';
  const out = await done(t, host, 'undrain', 'web', 'web1');
  t.is(out.trim().split('\n').at(-1), `${name} is not drained any more: weight 3, as configured; ${dead}`);
  // It died last; so it is kept, and the other one goes.
  t.is(servers(host), '11=3');
  t.true((await done(t, host, 'weight', 'web', 'web1', '5')).endsWith(`${name} has weight 5; ${dead}\n`));
  const kept = JSON.parse(await done(t, host, 'weight', 'web', 'web1', 'auto', '-n', '-o', 'json'));
  t.like(kept.servers[0], { cause: 'configured', weight: 3, kept: true });
  t.is((await mon(host, 'up', 'web', '192.0.2.11:80')).exitCode, 0);
  const well = JSON.parse(await done(t, host, 'weight', 'web', 'web1', 'auto', '-o', 'json'));
  t.false('kept' in well.servers[0]);
});

test('a dead server that is needed no more leaves by what was said: no drift is mended', async t => {
  const host = await ill(t);
  await done(t, host, 'undrain', 'web', 'web1', '--reason', 'done');
  t.is(servers(host), '11=3');
  const [undrained, gone] = journal(host).slice(-2);
  t.like(undrained, { event: 'undrained', service: WEB, server: '192.0.2.11:80' });
  t.like(gone, { event: 'changed', service: WEB, server: '192.0.2.12:80', cause: 'ada: done' });
});

test('what had drifted, and what was said changes with it, is told as mended', async t => {
  const host = await ill(t);
  host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 9']);
  await done(t, host, 'undrain', 'web', 'web1');
  t.like(journal(host).at(-1), { event: 'mended', server: '192.0.2.12:80' });
});
