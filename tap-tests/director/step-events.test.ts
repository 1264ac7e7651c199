import test from 'ava';
import { stepEvents } from '../../src/director/step-events.js';
import { tableOf } from '../../src/director/target.js';
import { planTable } from '../../src/table/plan.js';

const WHY = { event: 'mended', cause: 'lvsctl apply' } as const;
const WEB = '192.0.2.100:80/tcp';

test('an event has the line that was there, and the one that changes it', t => {
  const live = [
    '-A -t 192.0.2.100:80 -s rr',
    '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1',
    '-a -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 1',
    '-A -t 192.0.2.101:80 -s rr',
    '--set 900 120 300',
  ];
  const wanted = [
    '-A -t 192.0.2.100:80 -s wlc',
    '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 5',
    '-a -t 192.0.2.100:80 -r 192.0.2.13:80 -g -w 1',
    '-A -u 192.0.2.100:53 -s rr',
    '--set 600 120 300',
  ];
  const { steps } = planTable(tableOf(live, 'live'), tableOf(wanted, 'wanted'), { owned: () => true });
  const events = stepEvents(steps, WHY).toSorted((a, b) => (a.after! < b.after! ? -1 : 1));
  t.deepEqual(events, [
    { ...WHY, before: '--set 900 120 300', after: '--set 600 120 300' },
    { ...WHY, service: '192.0.2.100:53/udp', after: '-A -u 192.0.2.100:53 -s rr' },
    {
      ...WHY,
      service: '192.0.2.101:80/tcp',
      before: '-A -t 192.0.2.101:80 -s rr',
      after: '-D -t 192.0.2.101:80',
    },
    { ...WHY, service: WEB, before: live[0]!, after: '-E -t 192.0.2.100:80 -s wlc' },
    {
      ...WHY,
      service: WEB,
      server: '192.0.2.13:80',
      after: '-a -t 192.0.2.100:80 -r 192.0.2.13:80 -g -w 1',
    },
    {
      ...WHY,
      service: WEB,
      server: '192.0.2.12:80',
      before: live[2]!,
      after: '-d -t 192.0.2.100:80 -r 192.0.2.12:80',
    },
    {
      ...WHY,
      service: WEB,
      server: '192.0.2.11:80',
      before: live[1]!,
      after: '-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 5',
    },
  ]);
});

test('of very many the first thousand are told, and how many more there are', t => {
  const lines = Array.from({ length: 1500 }, (_, n) => `-A -f ${n + 1} -s rr`);
  const { steps } = planTable(tableOf([], 'live'), tableOf(lines, 'wanted'));
  const events = stepEvents(steps, WHY);
  t.is(events.length, 1001);
  t.deepEqual(events.at(-1), { ...WHY, after: '500 more entries' });
});
