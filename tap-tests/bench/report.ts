import { availableParallelism } from 'node:os';
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
export function page(results: readonly Result[]): string {
  const [major, minor] = process.versions.node.split('.');
  const lines = [HEAD, ['---', '---:', '---:', '---'], ...rows(results)].map(row => `| ${row.join(' | ')} |`);
  return `# Performance

How fast lvsctl starts, and what it takes for a cluster as large as they get: ${number(LARGE.services)} services with
${number(LARGE.servers)} servers. \`npm run bench\` measures it and fails where a target is missed;
\`npm run bench -- --write\` writes this page.

${lines.join('\n')}

Measured on ${availableParallelism()} cores with Node ${major}.${minor}.

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
`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
