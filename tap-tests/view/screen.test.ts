import test from 'ava';
import fc from 'fast-check';
import { changes } from '../../src/view/screen/changes.js';
import { type Line, type Paint, screenOf } from '../../src/view/screen/screen.js';
import { cellsOf, ModelTerminal } from '../support/model-terminal.js';

const PAINTS: readonly Paint[] = ['plain', 'bold', 'dim', 'inverse', 'red', 'yellow', 'green'];

const line: fc.Arbitrary<Line> = fc.record({
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 12 }),
  ),
  paint: fc.constantFrom(...PAINTS),
});
const size = fc.record({ columns: fc.integer({ min: 1, max: 10 }), rows: fc.integer({ min: 1, max: 5 }) });
const lines = fc.array(line, { maxLength: 6 });

test('whatever is shown one after the other, the terminal has the last, and only cells that differ were printed', t => {
  fc.assert(
    fc.property(size, fc.array(lines, { minLength: 1, maxLength: 5 }), (given, frames) => {
      // What was there before is anything.
      const terminal = new ModelTerminal(given.columns, given.rows, '#');
      let before: ReturnType<typeof screenOf> | undefined;
      for (const frame of frames) {
        const screen = screenOf(frame, given);
        const [old, now] = [before && cellsOf(before).flat(), cellsOf(screen).flat()];
        const differ = now.filter((cell, index) => cell !== (old?.[index] ?? '  plain'));
        terminal.printed = 0;
        terminal.write(changes(before, screen, true));
        t.deepEqual(terminal.cells, cellsOf(screen));
        t.is(terminal.printed, differ.length);
        t.is(terminal.look, 'plain');
        before = screen;
      }
    }),
  );
});

test('a screen of another size is drawn whole', t => {
  fc.assert(
    fc.property(size, size, lines, lines, (one, other, first, second) => {
      fc.pre(one.columns !== other.columns || one.rows !== other.rows);
      const terminal = new ModelTerminal(other.columns, other.rows, '#');
      terminal.write(changes(screenOf(first, one), screenOf(second, other), true));
      t.deepEqual(terminal.cells, cellsOf(screenOf(second, other)));
    }),
  );
});

test('the same is nothing to send', t => {
  const screen = screenOf([{ text: 'a→b', paint: 'red' }], { columns: 10, rows: 3 });
  t.is(changes(screen, screen, true), '');
  t.is(
    changes(screen, screenOf([{ text: 'a→c', paint: 'red' }], screen), true),
    '\u001b[1;3H\u001b[0;31mc\u001b[0m',
  );
});

test('without colours only bold, dim and inverse are left', t => {
  const all = PAINTS.map((paint): Line => ({ text: 'x', paint }));
  const text = changes(undefined, screenOf(all, { columns: 2, rows: 7 }), false);
  t.notRegex(text, /3[0-9]m/);
  t.regex(text, /0;1m/);
});

test('what is not surely one column wide becomes a question mark: wide, combining, steering', t => {
  const { lines: shown } = screenOf([{ text: 'é Ω ж 日 \u0301\u001b😀\u202e…', paint: 'plain' }], {
    columns: 20,
    rows: 1,
  });
  t.is(
    shown[0]!
      .map(({ character }) => character)
      .join('')
      .trimEnd(),
    'é Ω ж ? ????…',
  );
});
