import test from 'ava';
import {
  changesBetween,
  type Intent,
  progress,
  readIntent,
  recovery,
  removeIntent,
  writeIntent,
} from '../../src/state/intent.js';
import { INTENT } from '../../src/state/paths.js';
import { desired } from '../../src/table/desired.js';
import type { Table } from '../../src/table/table.js';
import { cluster, marked, service } from '../support/clusters.js';
import { FakeFiles } from '../support/fake-files.js';
import { after, fails, rebooted, spoil } from './support.js';

const WEB = service('192.0.2.100:80', ['192.0.2.1', '192.0.2.2']);
const SHOP = marked(7, '192.0.2.101', ['192.0.2.1']);
const MAIL = service('[2001:db8::1]:25', ['2001:db8::2']);
const table = (...services: (typeof WEB)[]): Table => desired(cluster({ services }));

const OLD = table(WEB, SHOP);
const NEW = table({ ...WEB, servers: WEB.servers.slice(1) }, MAIL);

function intent(changes: Partial<Intent> = {}): Intent {
  return {
    kind: 'apply',
    from: 1,
    to: 2,
    changes: changesBetween(OLD, NEW),
    begun: after(0),
    by: 'apply',
    ...changes,
  };
}

test('an intent has the services that change, as they are and as they are to be', t => {
  t.deepEqual(changesBetween(OLD, NEW), [
    {
      service: '192.0.2.100:80/tcp',
      before: [
        '-A -t 192.0.2.100:80 -s wlc',
        '-a -t 192.0.2.100:80 -r 192.0.2.1:80 -g -w 1',
        '-a -t 192.0.2.100:80 -r 192.0.2.2:80 -g -w 1',
      ],
      after: ['-A -t 192.0.2.100:80 -s wlc', '-a -t 192.0.2.100:80 -r 192.0.2.2:80 -g -w 1'],
    },
    { service: 'fwmark:7/ipv4', before: ['-A -f 7 -s wlc', '-a -f 7 -r 192.0.2.1:0 -g -w 1'], after: [] },
    {
      service: '[2001:db8::1]:25/tcp',
      before: [],
      after: ['-A -t [2001:db8::1]:25 -s wlc', '-a -t [2001:db8::1]:25 -r [2001:db8::2]:25 -g -w 1'],
    },
  ]);
  t.deepEqual(changesBetween(OLD, OLD), []);
});

test('how far it has come is read off the table, in whatever order the kernel has it', t => {
  const reversed = (one: Table): Table => ({
    ...one,
    services: one.services.toReversed().map(each => ({ ...each, servers: each.servers.toReversed() })),
  });
  t.is(progress(intent(), reversed(OLD)), 'nothing');
  t.is(progress(intent(), reversed(NEW)), 'all');
  t.is(progress(intent(), table(WEB, SHOP, MAIL)), 'part');
  t.is(progress(intent(), table()), 'part');
  t.is(progress(intent({ changes: [] }), table()), 'all');
});

test("other people's services mean nothing to it", t => {
  const theirs = service('192.0.2.200:80', ['192.0.2.9']);
  t.is(progress(intent(), { ...OLD, services: [...OLD.services, ...table(theirs).services] }), 'nothing');
});

test('an apply that was begun is finished, one that was not never was', t => {
  const found = { live: OLD, now: after(9), written: true, current: 1 };
  t.is(recovery(intent(), found), 'undo');
  t.is(recovery(intent(), { ...found, live: table(WEB, SHOP, MAIL) }), 'complete');
  t.is(recovery(intent(), { ...found, live: NEW }), 'complete');
  t.is(recovery(intent(), { ...found, live: NEW, written: false }), 'undo');
});

test('after a reboot what ran before comes back, unless the new one ran already', t => {
  const found = { live: table(), now: rebooted(60_000, 5000), written: true, current: 1 };
  t.is(recovery(intent(), found), 'undo');
  t.is(recovery(intent(), { ...found, current: 2 }), 'complete');
});

test('a way back, and a reconciliation, are always finished', t => {
  for (const kind of ['return', 'reconcile'] as const) {
    for (const live of [OLD, NEW, table()]) {
      for (const now of [after(9), rebooted(60_000, 5000)]) {
        t.is(recovery(intent({ kind }), { live, now, written: true, current: 1 }), 'complete');
      }
    }
  }
});

test('an intent is read as it was written, and one that cannot be read is said to be damaged', async t => {
  const files = new FakeFiles();
  t.is(await readIntent(files), undefined);
  await writeIntent(files, intent({ from: null }));
  t.deepEqual(await readIntent(files), intent({ from: null }));
  await removeIntent(files);
  await removeIntent(files);
  t.is(await readIntent(files), undefined);
  for (const content of ['', '{"version":1}', JSON.stringify({ version: 1, ...intent(), kind: 'else' })]) {
    await spoil(files, INTENT, content);
    await fails(t, readIntent(files), 'damaged', /intent\.json is damaged/);
  }
});
