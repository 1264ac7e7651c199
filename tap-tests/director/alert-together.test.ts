import test from 'ava';
import { alerted, mon, servers } from '../support/alerted.js';

const WEB1 = '192.0.2.11:80';
const SILENT = { input: '192.0.2.11\nno answer within 1 s\n' };

test('of a server that died and returned before anybody could look each is told as it was', async t => {
  const host = await alerted(t);
  const { files } = host;
  host.files = { ...files, lock: () => Promise.resolve(undefined) };
  for (const kind of ['failure', 'up']) {
    host.time += 1000;
    t.is((await mon(host, kind, 'web', WEB1, SILENT)).exitCode, 75);
  }
  host.files = files;
  t.is((await host.run('tick')).exitCode, 0);
  const { out } = await host.run('log', '-o', 'json', '--event', 'down', 'up');
  const told = out
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Record<string, string>);
  t.deepEqual(
    told.map(({ event, cause, after }) => [event, cause, after]),
    [
      ['down', 'mon: no answer within 1 s', 'web1 (192.0.2.11:80) was dead'],
      // mon says with the return once more what the monitor said of the failure: it is no reason for that.
      ['up', 'mon', 'web1 (192.0.2.11:80) is alive again: weight 3'],
    ],
  );
  t.is(servers(host), '11=3 12=1');
});
