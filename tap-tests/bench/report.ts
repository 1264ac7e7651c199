import { availableParallelism, loadavg } from 'node:os';
import { MANY, ROUNDS as ALERT_ROUNDS } from '../lab/scenarios/alert-speed.js';
import type { Manner, Rate } from '../lab/load.js';
import { ROUNDS, SINGLE } from '../lab/scenarios/apply-speed.js';
import type { Rates } from '../lab/scenarios/rates.js';
import { OUTSIDE_ROUNDS } from './alert.js';
import { LARGE } from './large.js';

/** One measured value; it has to be at most its target. */
export interface Result {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number;
}

const HEAD = ['what', 'measured', 'target', ''];

function rows(results: readonly Result[]): string[][] {
  return results.map(({ what, value, unit, target }) => {
    return [what, `${value} ${unit}`, `≤ ${target} ${unit}`, value <= target ? 'pass' : 'FAIL'];
  });
}

/** For a terminal: columns under each other, numbers to the right. */
export function table(results: readonly Result[]): string {
  const all = [HEAD, ...rows(results)].map(row => row.map(cell => cell.replaceAll('`', '')));
  const widths = HEAD.map((_, column) => Math.max(...all.map(row => row[column]!.length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) =>
        column === 1 || column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

/** docs/performance.md, whole. */
export function page(results: readonly Result[], rates: readonly Rates[]): string {
  const [major, minor] = process.versions.node.split('.');
  const lines = [HEAD, ['---', '---:', '---:', '---'], ...rows(results)].map(row => `| ${row.join(' | ')} |`);
  return `# Performance

How fast lvsctl starts, what it takes for a cluster as large as they get (${number(LARGE.services)} services with
${number(LARGE.servers)} servers), and how fast the [lab](lab.md) is. \`npm run bench\` measures it and fails where a target is missed;
\`npm run bench -- --write\` writes this page.

${lines.join('\n')}

Measured on ${availableParallelism()} cores with Node ${major}.${minor}; the load at the end was ${loadavg()[0]!.toFixed(1)}. The lab's machine was
emulated.

## How it is measured

- What is measured is \`dist/main.js\`, as it is installed, each time as a new process.
- The start is compared with that of a Node program that does nothing, since most of it is Node's own. Both take turns,
  41 times each; the value is the ratio of the medians.
- The large cluster is generated: 4,000 machines, each in several services. In YAML it has the checker keepalived and
  VRRP between two directors; in the classic form mon and heartbeat. \`configure --out\` makes the files of both directors
  and of the real servers, into an empty folder. The value is the median of five.
- Memory is the most that the process held at once (\`VmHWM\` of \`/proc/self/status\`).
- \`ten times the servers\` is the time of the large cluster over that of a tenth of it, both without the start of Node.
  More than 10 would mean that the time grows faster than the size; less, that Node's compiler is still warming up.
- The lab's rows are single runs. The way to the first scenario begins with the command: it has the rendering of the
  descriptions in it, the boot, and the start of Node in the machine. Hosts are up when their files are installed.

- \`apply\` is measured in the lab, in tables of so many services × servers each, in an emulated machine. The dumps are
  \`ipvsadm -Sn\` and \`ipvsadm -Ln --thresholds\`, \`-R\` is the bare \`ipvsadm -R\` of the same lines, a process for each
  entry is reckoned from ${SINGLE} of them. Emulation makes Node's compiled code more than ten times slower and its start five
  times (the apply of 100 weights to 10,000 servers takes 2.0 s outside, with a stand-in for ipvsadm), so on a real
  machine these ratios are smaller. Medians of ${ROUNDS}; the fills are single.
- \`alert\` is lvs.alert as mon calls it. In the lab it ends when the table has changed, with ${MANY} servers of ten
  services at once; medians of ${ALERT_ROUNDS}. Outside there is no IPVS: the tests' stand-in for ipvsadm has the table, and
  the time is to the end of the alert; medians of ${OUTSIDE_ROUNDS}. What ipvsadm takes by itself is three dumps before, three after,
  and one line of \`-R\`, as an alert needs them. Of many that come at once one or two start lvsctl.

- \`poll\` is a whole dry run, from the start of Node to its end, against agents that are one program on this machine; those
  that hang accept and say nothing. Medians of five.

## Direct routing and NAT, side by side

![Connections and requests a second on each way](rates.svg)

${ratesTable(rates)}

What the figures say, and what not:

- All hosts are containers of one emulated machine with two processors. Its own speed says nothing about a cluster's.
  So, for the first figures, each server and the director got a network card that sends ${rates[0]!.megabits} Mbit/s, and none of them has
  to do more than the processors can. What limits is then what limits in a cluster: a card.
- Under direct routing n servers carry n times as much: the director's card has only the requests, the answers pass it by.
  Under NAT all answers go through the director, and three servers carry what its card does, as much as one.
- Against a server without a director, direct routing costs nothing that can be seen where cards are the limit.
- Without the cards' limit the two processors are the limit. They do the client's work, the director's and the servers':
  more servers bring nothing then, and differences between the ways are the processors' time for each packet's way.
- The client is wrk with 9 connections at a time, and asks for a page of 4 KiB from nginx. Each figure is of ${rates[0]!.seconds} seconds.
  wrk hides refused connections, so they are counted by the client's kernel. Errors in all: ${errorsOf(rates)}.
`;
}

function ratesTable(sets: readonly Rates[]): string {
  const heads = sets.flatMap(({ megabits }) => {
    const cards = megabits === undefined ? 'no limit' : `${megabits} Mbit/s`;
    return [`connections/s, ${cards}`, `requests/s, ${cards}`];
  });
  const lines = Object.keys(sets[0]!.rates.requests).map(way => {
    const value = (set: Rates, manner: Manner): string =>
      String(Math.round(set.rates[manner][way as keyof Rates['rates'][Manner]][manner]));
    return [way, ...sets.flatMap(set => [value(set, 'connections'), value(set, 'requests')])];
  });
  const rule = ['---', ...heads.map(() => '---:')];
  return [['', ...heads], rule, ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function errorsOf(sets: readonly Rates[]): number {
  const all = sets.flatMap(({ rates }) => [rates.connections, rates.requests].flatMap(Object.values<Rate>));
  return all.reduce((sum, one) => sum + one.errors, 0);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
