import type { Manner } from '../lab/load.js';
import type { Rates } from '../lab/scenarios/rates.js';

/** In pixels. */
const LABELS = 178;
const BARS = 200;
const VALUES = 62;
const ROW = 24;
const HEAD = 46;
const GAP = 26;
const PANEL = LABELS + BARS + VALUES;

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f }
.head { font-weight: 600 } .small { font-size: 12px; fill: #57606a }
.none { fill: #8c959f } .direct { fill: #1f6feb } .nat { fill: #bc4c00 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } }`;

/** What the rates are, drawn: a row of panels for each set, in it one for each manner, each with its own scale. */
export function plot(sets: readonly Rates[]): string {
  const rows = Object.keys(sets[0]!.rates.requests).length;
  const height = HEAD + rows * ROW + GAP;
  const panels = sets.flatMap((set, row) =>
    (['connections', 'requests'] as const).map(
      (manner, column) =>
        `<g transform="translate(${column * (PANEL + GAP)} ${row * height})">\n${panel(set, manner)}\n</g>`,
    ),
  );
  const size = [2 * PANEL + GAP, sets.length * height];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 ${size[0]! + 8} ${size[1]}" role="img"
  aria-label="Connections and requests a second on each way to the servers">
<style>
${STYLE}
</style>
${panels.join('\n')}
</svg>
`;
}

function panel({ megabits, rates }: Rates, manner: Manner): string {
  const bars = Object.entries(rates[manner]).map(([way, rate]) => ({ way, value: rate[manner] }));
  const most = Math.max(...bars.map(one => one.value));
  const limit =
    megabits === undefined ? 'cards without limit: two processors do all' : `cards of ${megabits} Mbit/s`;
  const head = { connections: 'Connections a second', requests: 'Requests a second, connections kept' }[
    manner
  ];
  return [
    `<text class="head" y="16">${head}</text>`,
    `<text class="small" y="33">${limit}</text>`,
    ...bars.map(({ way, value }, index) => {
      const y = HEAD + index * ROW;
      const kind = way.startsWith('NAT') ? 'nat' : way.startsWith('direct') ? 'direct' : 'none';
      const width = Math.max(1, Math.round((value / most) * BARS));
      return (
        `<text x="${LABELS - 10}" y="${y + 14}" text-anchor="end">${way}</text>` +
        `<rect class="${kind}" x="${LABELS}" y="${y + 2}" width="${width}" height="${ROW - 8}" rx="2"/>` +
        `<text x="${LABELS + width + 6}" y="${y + 14}">${Math.round(value).toLocaleString('en-US')}</text>`
      );
    }),
  ].join('\n');
}
