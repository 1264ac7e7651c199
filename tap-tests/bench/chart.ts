/** Charts for pages that are read in light and in dark. Sizes in pixels. */

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f }
.head { font-weight: 600 } .small { font-size: 12px; fill: #57606a }
.axis { stroke: #d0d7de; stroke-width: 1 } .line { fill: none; stroke-width: 2; stroke-linejoin: round }
.best { stroke: #8c959f; fill: #8c959f } .ours { stroke: #1f6feb; fill: #1f6feb } .other { stroke: #bc4c00; fill: #bc4c00 }
.line.best, .line.ours, .line.other { fill: none }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } .axis { stroke: #3d444d } }`;

export type Role = 'best' | 'ours' | 'other';

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly role: Role;
  /** Behind the value. */
  readonly note?: string;
}

export interface Line {
  readonly name: string;
  readonly role: Role;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const LABELS = 250;
const BARS = 330;
const NOTES = 150;
const ROW = 24;
const HEAD = 52;

function framed(width: number, height: number, label: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 ${width + 16} ${height}" role="img"
  aria-label="${escaped(label)}">
<style>
${STYLE}
</style>
${parts.join('\n')}
</svg>
`;
}

/** XML's five, which a title may have. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function heads(title: string, under: string): string[] {
  return [
    `<text class="head" y="16">${escaped(title)}</text>`,
    `<text class="small" y="34">${escaped(under)}</text>`,
  ];
}

/** Horizontal bars whose length is the logarithm of the value: each ten times longer is one step. */
export function logBars(title: string, under: string, bars: readonly Bar[]): string {
  const [least, most] = [Math.min, Math.max].map(pick => pick(...bars.map(one => one.value)));
  const from = Math.floor(Math.log10(least!));
  const span = Math.max(1, Math.ceil(Math.log10(most!)) - from);
  const rows = bars.map(({ name, value, role, note = '' }, index) => {
    const y = HEAD + index * ROW;
    const width = Math.max(2, Math.round(((Math.log10(value) - from) / span) * BARS));
    return (
      `<text x="${LABELS - 10}" y="${y + 14}" text-anchor="end">${escaped(name)}</text>` +
      `<rect class="${role}" x="${LABELS}" y="${y + 2}" width="${width}" height="${ROW - 8}" rx="2" stroke="none"/>` +
      `<text x="${LABELS + width + 6}" y="${y + 14}">${escaped(`${amount(value)}${note}`)}</text>`
    );
  });
  return framed(LABELS + BARS + NOTES, HEAD + bars.length * ROW + 8, title, [
    ...heads(title, under),
    ...rows,
  ]);
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [640, 240, 56, 40];

/**
 * Lines over seconds, all with the same scale from 0.
 *
 * @param most the top of the scale; what is above it is cut off there
 */
export function lineChart(
  title: string,
  under: string,
  lines: readonly Line[],
  { most, xName }: { readonly most: number; readonly xName: string },
): string {
  const xs = lines.flatMap(one => one.points.map(([x]) => x));
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const at = ([x, y]: readonly [number, number]): string => {
    const across = LEFT + ((x - first) / (last - first)) * WIDTH;
    const up = HEAD + HEIGHT - (Math.min(y, most) / most) * HEIGHT;
    return `${across.toFixed(1)},${up.toFixed(1)}`;
  };
  const base = HEAD + HEIGHT;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(share => {
    const y = base - share * HEIGHT;
    return (
      `<path class="axis" d="M${LEFT} ${y}H${LEFT + WIDTH}"/>` +
      `<text class="small" x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${amount(share * most)}</text>`
    );
  });
  const minutes = Math.floor((last - first) / MINUTE + 1e-9);
  const times = Array.from({ length: minutes + 1 }, (_, n) => {
    const x = LEFT + ((n * MINUTE) / (last - first)) * WIDTH;
    return `<text class="small" x="${Number(x.toFixed(1))}" y="${base + 18}" text-anchor="middle">${first + n * MINUTE}</text>`;
  });
  const legend = lines.map(({ name, role }, index) => {
    const x = LEFT + index * 210;
    return `<rect class="${role}" x="${x}" y="${base + 26}" width="14" height="4" stroke="none"/><text x="${x + 20}" y="${base + 33}">${escaped(name)}</text>`;
  });
  const drawn = lines.map(
    ({ role, points }) => `<polyline class="line ${role}" points="${points.map(at).join(' ')}"/>`,
  );
  const unit = `<text class="small" x="${LEFT + WIDTH}" y="${base + 33}" text-anchor="end">${escaped(xName)}</text>`;
  return framed(LEFT + WIDTH + 30, base + BOTTOM, title, [
    ...heads(title, under),
    ...grid,
    ...times,
    ...drawn,
    ...legend,
    unit,
  ]);
}

/** Seconds. */
const MINUTE = 60;

/** Three figures are enough for an eye. */
function amount(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
