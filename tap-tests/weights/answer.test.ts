import test from 'ava';
import { type Answer, readAnswer } from '../../src/weights/answer.js';

const UPTIME = ' 14:02:11 up 12 days,  3:04,  2 users,  load average: 1.42, 1.10, 0.97\n';
const OWN = 'lvsctl/1 boot=3f2a t_us=8123456000 cpus=8 busy_us=1000 steal_us=20 psi_cpu_us=1 state=ready\n';

const CASES: readonly (readonly [string, string, Answer | undefined])[] = [
  ['uptime(1)', UPTIME, { load: 1.42 }],
  ['a decimal comma', ' 14:02:11 up 1 day, load average: 1,42, 1,10, 0,97\n', { load: 1.42 }],
  ['BSD', ' 2:02PM  up 1 day, load averages: 0.50 0.40 0.30\n', { load: 0.5 }],
  [
    'the counters',
    UPTIME + OWN,
    { load: 1.42, counters: { boot: '3f2a', time: 8_123_456_000, cpus: 8, busy: 1020 }, readiness: 'ready' },
  ],
  [
    'lines that end as on Windows',
    'load average: 3.00,\r\nlvsctl/1 state=drain\r\n',
    { load: 3, readiness: 'drain' },
  ],
  [
    'half a processor',
    'lvsctl/1 boot=a t_us=1 cpus=0.5 busy_us=1\n',
    { counters: { boot: 'a', time: 1, cpus: 0.5, busy: 1 } },
  ],
  ["HAProxy's percent", '75%\n', { share: 0.75 }],
  ['a line that ends with a carriage return alone', '75%\r', { share: 0.75 }],
  ["HAProxy's words", 'ready 80%\n', { readiness: 'ready', share: 0.8 }],
  [
    "HAProxy's words, with commas and what has no part in it",
    'UP,50%\tmaxconn:30\n',
    { readiness: 'ready', share: 0.5 },
  ],
  ["HAProxy's reasons", 'down 20%#could not ready, up or drain\n', { readiness: 'maint', share: 0.2 }],
  ["HAProxy's failures", 'failed\n', { readiness: 'maint' }],
  ['prose with such a word', 'error: could not drain queue\n', undefined],
  ['a word that every object knows', 'constructor\n', undefined],
  ['prose with another', 'nobody stopped anything\n', undefined],
  ['uptime without a load', ' 14:02:11 up 12 days, 3:04\n', undefined],
  ['more than all', '500%\n', { share: 1 }],
  ['up', 'up\n', { readiness: 'ready' }],
  ['down with a reason', 'down#broken\n', { readiness: 'maint' }],
  ['nothing', '', undefined],
  ['no end of the line', 'load average: 1.4', undefined],
  ['garbage', '\u0000\uffff$$$\n', undefined],
  ['a load below 0', 'load average: -1.00, 0\n', undefined],
  ['a load that is no number', 'load average: 1e9, 0\n', undefined],
  ['counters below 0', 'lvsctl/1 boot=a t_us=-5 cpus=1 busy_us=1\n', undefined],
  [
    'counters beyond what numbers are exact',
    'lvsctl/1 boot=a t_us=99999999999999999 cpus=1 busy_us=1\n',
    undefined,
  ],
  [
    'uptime(1) with a load that cannot be',
    ' 14:02:11 up 1 day, load average: -1.00, 1.10, 0.97\n',
    undefined,
  ],
  ['counters that cannot be beside a load', `${UPTIME}lvsctl/1 boot=a t_us=5 cpus=1 busy_us=-1\n`, undefined],
  ['a stolen time below 0', 'lvsctl/1 boot=a t_us=5 cpus=1 busy_us=1 steal_us=-1\n', undefined],
  [
    'some counters alone',
    `${UPTIME}lvsctl/1 boot=a t_us=5 state=ready\n`,
    { load: 1.42, readiness: 'ready' },
  ],
  ['no processor', 'lvsctl/1 boot=a t_us=5 cpus=0 busy_us=1\n', undefined],
  ['more processors than there are', 'lvsctl/1 boot=a t_us=5 cpus=65537 busy_us=1\n', undefined],
  ['a boot of another kind', 'lvsctl/1 boot=../x t_us=5 cpus=1 busy_us=1\n', undefined],
];

for (const [what, text, expected] of CASES) {
  test(`an answer: ${what}`, t => {
    t.deepEqual(readAnswer(text), expected);
  });
}

test('what comes after a kilobyte is not read', t => {
  t.is(readAnswer(`${'x'.repeat(1_000_000)}\n${UPTIME}`), undefined);
  t.deepEqual(readAnswer(`${UPTIME}${'x'.repeat(1_000_000)}`), { load: 1.42 });
});
