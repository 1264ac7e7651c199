import type { Row } from '../lab/reliability/measure.js';
import { FAULTS, FLAPS } from '../lab/reliability/faults.js';
import { lostIn, type Outcome } from '../lab/reliability/observed.js';
import { PATIENCE } from '../lab/reliability/observer.js';
import { RATE } from '../lab/reliability/stage.js';
import { type Reliability, TARGETS } from '../lab/scenarios/reliability.js';

const HEAD = [
  'what happens to the server',
  'checker',
  'table right after',
  'requests lost',
  'of them refused / reset / without answer',
  'lost within',
  'slow',
  'longest gap',
  'lost when it returned',
];
const RULE = ['---', '---', '---:', '---:', '---:', '---:', '---:', '---:', '---:'];

/** A line for each fault and checker: the median of all rounds, and the worst where that is another. */
export function reliabilityTable(all: readonly Reliability[]): string {
  const names = [...new Set(all.flatMap(({ rows }) => rows.map(({ name }) => name)))];
  const lines = names.flatMap(name =>
    all.flatMap(({ checker, rows }) => {
      const own = rows.filter(row => row.name === name);
      return own.length > 0 ? [[name, checker, ...cells(own)]] : [];
    }),
  );
  return [HEAD, RULE, ...lines].map(row => `| ${row.join(' | ')} |`).join('\n');
}

function cells(rows: readonly Row[]): string[] {
  const during = rows.map(row => row.during);
  const sum = (what: (one: Outcome) => number): number => during.reduce((all, one) => all + what(one), 0);
  const kinds = [sum(one => one.lost.refused), sum(one => one.lost.reset), sum(one => one.lost.silent)];
  return [
    changes(rows),
    `${spread(during.map(lostIn), 0)} of ${spread(
      during.map(one => one.requests),
      0,
    )}`,
    sum(lostIn) === 0 ? '' : kinds.join(' / '),
    sum(lostIn) === 0
      ? ''
      : `${spread(
          during.map(one => one.span),
          1,
        )} s`,
    spread(
      during.map(one => one.slow),
      0,
    ),
    `${spread(
      during.map(one => one.gap),
      2,
    )} s`,
    rows.some(({ back }) => back !== undefined)
      ? spread(
          rows.map(one => lostIn(one.after)),
          0,
        )
      : '',
  ];
}

/** Where the server never left, or left more than once, that is what there is to tell. */
function changes(rows: readonly Row[]): string {
  const times = rows.flatMap(({ changed }) => changed ?? []);
  if (times.length === 0) return 'it stayed';
  const most = Math.max(...rows.map(({ departures }) => departures));
  const text = `${spread(times, 1)} s`;
  const stayed = rows.length - times.length;
  return [
    text,
    ...(most > 1
      ? [
          `out ${spread(
            rows.map(({ departures }) => departures),
            0,
          )} times`,
        ]
      : []),
    ...(stayed > 0 ? [`stayed ${stayed} of ${rows.length} times`] : []),
  ].join('; ');
}

/** The median, and the worst in brackets where it is another. */
function spread(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [median, worst] = [sorted[sorted.length >> 1]!, sorted.at(-1)!].map(one => one.toFixed(digits));
  return median === worst ? median! : `${median} (${worst})`;
}

/** A line for each target: whether a dead server left in time, each time. */
export function verdicts(all: readonly Reliability[]): { readonly text: string; readonly isMet: boolean }[] {
  const dead = new Set(['killed', 'port closed', 'link cut', 'hangs']);
  const left = all.flatMap(({ checker, rows }) => {
    const target = TARGETS[checker];
    const times = rows.filter(({ name }) => dead.has(name)).map(({ changed }) => changed ?? Infinity);
    if (target === undefined || times.length === 0) return [];
    const worst = Math.max(...times);
    const text = `${checker}: a dead server left the table after ${worst.toFixed(1)} s at most; the target is ${target} s`;
    return [{ text, isMet: worst <= target }];
  });
  const waited = all.flatMap(({ checker, rows }) => {
    const own = rows.filter(({ name }) => name.includes('--wait'));
    if (own.length === 0) return [];
    const lost = own.reduce((sum, { during, after }) => sum + lostIn(during) + lostIn(after), 0);
    return [{ text: `${checker}: \`drain --wait\` lost ${lost}; the target is 0`, isMet: lost === 0 }];
  });
  return [...left, ...waited];
}

/**
 * docs/reliability.md, whole.
 *
 * @param load of the machine on which the lab was, of its last minutes
 */
export function reliabilityPage(all: readonly Reliability[], load: number): string {
  const rounds = Math.max(...all.map(({ rows }) => rows.filter(({ name }) => name === 'port closed').length));
  const calm = all.map(one => one.calm);
  const total = calm.reduce((sum, one) => sum + one.requests, 0);
  const lost = calm.reduce((sum, one) => sum + lostIn(one), 0);
  const without = all.filter(one => one.refusal !== undefined && one.checker !== 'ldirectord');
  const marks = verdicts(all).map(({ text, isMet }) => `- ${text}: ${isMet ? 'pass' : 'FAIL'}.`);
  return `# Reliability

What clients see when one of two real servers fails, and how long it stays in the director's table.
\`npm run reliability\` measures it in the [lab](lab.md); \`npm run reliability -- --write\` writes this page.

${reliabilityTable(all)}

${marks.join('\n')}

${rounds === 1 ? 'Each figure is of a single run.' : `Each figure is the median of ${rounds} runs, with the worst in brackets where that is another one.`}

- *table right after*: seconds from the fault until the director sent the server no new connection any more (for
  \`undrained\`: until it did so again). For drains it begins with the command, so it has the program's start in it.
- *requests lost*: of those that clients sent from the fault until it was mended. Refused: at once, by the machine or by
  its neighbour, who does not find it. Reset: the connection was made and then ended. Without answer: nothing came in
  ${PATIENCE} seconds. *lost within*: from the first of them to the last.
- *slow*: answered, but only after more than a second. *longest gap*: the longest time in which no client at all got an
  answer.
- *lost when it returned*: from the mending until the server had been in the table again for two seconds.

## How it is measured

One director, two real servers of the same weight behind direct routing, and clients that open ${RATE} new connections
each second, one after the other, whatever has become of those before. So a fault costs about ${RATE / 2} requests for each second
in which the server is still in the table. All is in one emulated machine with two processors: programs start five to
ten times slower there than on yours, and mon starts one for each check, and for the alert lvsctl. The load of the machine around it was ${load.toFixed(1)}, of which the lab's own is about 2: more makes\nall of it slower. While nothing was done to anybody, ${lost} of ${total.toLocaleString('en-US')} requests were lost.

Each checker asks by HTTP once a second, wants an answer within a second, and takes the server for dead at the first
check that fails: \`check: { type: http, interval: 1s, timeout: 1s, retries: 0 }\`. ldirectord, as others use it, has the
same in its own words and keeps its own table; lvsctl is not in its way.${without.map(({ checker, refusal }) => `\nDrains with ${checker} are not in the table: ${refusal}.`).join('')}

${FAULTS.map(({ name, what }) => `- **${name}**: ${what}.`).join('\n')}
- **flaps**: the program dies and is back after ${FLAPS.down} seconds, for ${FLAPS.up} seconds, ${FLAPS.times} times.
- **drained**, **undrained**: \`lvsctl drain web web1\` and \`lvsctl undrain web web1\`.
- **\`drain --wait\`, then stopped**: as for maintenance: clients hold connections, which end after the drain has begun;
  when \`drain --wait\` has ended the program is stopped, started again, and the drain taken back.

## What mon itself takes

mon 1.3.6 looks once a second at what its checks have said, and begins a check anew in the second after that: with
\`interval: 1s\` a server is checked every other second. So a death waits up to two seconds for its check, and the check's
word another one for mon, however fast check and alert are. Measured by itself on a machine that is not emulated, but had other work, with a check and an
alert that take nothing: 1.2 to 3.2 s from a death to the start of the alert (median 2.6 of 23); 2.3 to 4.0 s (3.5 of 12) where the
check hangs for a whole second, which mon sees only in the second after. A \`timeout\` below a second saves that one. Nothing
behind mon can be faster: where two seconds are too long, let keepalived be the checker.

## What is lost, and why

- **What arrives before the checker has noticed.** Nothing can help that but shorter intervals: a dead server keeps
  getting its share. A closed port costs least, since clients are refused at once and may try again; a machine without
  power or link costs each of them the time that it waits.
- **What is under way in the moment of the fault.** A killed server's connections are gone with it. Once it is out of the
  table, \`expire_nodest_conn=1\`, which lvsctl sets, resets them with the client's next packet, so that clients find out
  at once and not after minutes.
- **What a lossy network delays.** Lost packets are sent again, so most requests are late, not lost; checks are, too. A
  check that fails by chance takes out a server that works, badly, and one that succeeds brings it back. With
  \`retries: 0\` the table follows each.
- **Nothing by a drain.** Weight 0 leaves connections as they are, and new ones go elsewhere. What a drain does not do is
  end them: whoever stops the server then cuts what is left, unless \`--wait\` has waited for it.

## What to choose

- \`interval\` and \`timeout\` of the check add up to what a dead server stays in the table at most, \`retries\` times one
  interval more. Each second is a share of the requests: 1 of N with N servers.
- A **tcp** check sees closed ports, dead machines and cut links, but not a program that hangs: until its queue is full, the kernel goes on
  accepting. Ask what clients ask: \`http\` with a path that needs the program, \`expect\` where the answer matters.
- **\`retries: 1\`** on networks that lose packets: one interval more for a dead server, and far fewer departures of one
  that lives.
- **\`on_failure: remove\`** (the default) frees the clients of a dead server at once, persistent ones too.
  \`quiesce\` keeps their connections for a server that may come back soon, a short restart; until then they get nothing.
- **\`expire_nodest_conn\`** and **\`expire_quiescent_template\`** stay 1, as lvsctl sets them: without the first, clients of a
  removed server wait for nothing; without the second, persistent clients go on to a drained one.
- **keepalived** sees a death soonest, as one program that keeps its timers. **mon** starts a monitor for each check, every
  other second at the soonest: with many servers and short intervals that is most of the director's load.
- For maintenance **\`drain --wait\`**, always: it is the one way in this table that loses nothing by design.
`;
}
