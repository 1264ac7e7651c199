import test from 'ava';
import { Source } from '../../src/diagnostic/source.js';

const at = (text: string, what: string): [line: number, column: number] => {
  const { line, column } = new Source('x', text).place(text.indexOf(what));
  return [line, column];
};

test('lines and columns count from 1', t => {
  t.deepEqual(at('a', 'a'), [1, 1]);
  t.deepEqual(at('ab\ncd\n', 'd'), [2, 2]);
  t.deepEqual(new Source('x', 'ab\n').place(3), { line: 2, column: 1 });
});

test('a tab is one column', t => t.deepEqual(at('\t\tx', 'x'), [1, 3]));

test('CR LF ends a line; a lone CR does not', t => {
  t.deepEqual(at('ab\r\ncd', 'd'), [2, 2]);
  t.deepEqual(at('ab\rcd', 'd'), [1, 5]);
});

test('a character beyond the basic plane is one column, a combining one is one as well', t => {
  t.deepEqual(at('🎉🎉x', 'x'), [1, 3]);
  t.deepEqual(at('網網x', 'x'), [1, 3]);
  t.deepEqual(at('e\u0301x', 'x'), [1, 3]);
});

test('offsets outside the text are its ends', t => {
  const source = new Source('x', 'ab\ncd');
  t.deepEqual(source.place(-1), { line: 1, column: 1 });
  t.deepEqual(source.place(99), { line: 2, column: 3 });
  t.deepEqual(new Source('x', '').place(0), { line: 1, column: 1 });
});

test('a line comes without its end; there is nothing outside the text', t => {
  const source = new Source('x', 'one\r\ntwo\n\nfour');
  t.deepEqual(
    [1, 2, 3, 4].map(number => source.line(number)),
    ['one', 'two', '', 'four'],
  );
  t.deepEqual([0, 5, 99].map(number => source.line(number)).slice(1), ['', '']);
});

test('the place of every offset agrees with counting by hand', t => {
  const text = 'a\t🎉\r\n\n網b\n🎉';
  const source = new Source('x', text);
  let [line, column] = [1, 1];
  for (let offset = 0; offset < text.length; ) {
    t.deepEqual(source.place(offset), { line, column }, `offset ${offset}`);
    const character = String.fromCodePoint(text.codePointAt(offset)!);
    offset += character.length;
    [line, column] = character === '\n' ? [line + 1, 1] : [line, column + 1];
  }
});
