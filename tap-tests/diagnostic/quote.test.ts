import test from 'ava';
import { didYouMean, list, quote } from '../../src/diagnostic/quote.js';

test('a text is quoted on one line, with what is invisible made visible', t => {
  t.is(quote('web'), '"web"');
  t.is(quote('a "b" \\ c'), String.raw`"a \"b\" \\ c"`);
  t.is(quote('a\nb\tc\u001b[31m'), String.raw`"a\nb\tc\u001b[31m"`);
  t.is(quote('\u202e\u200b\u009b\ufeff\u2066\u00ad'), String.raw`"\u202e\u200b\u009b\ufeff\u2066\u00ad"`);
  t.is(quote('Straße 網 🎉'), '"Straße 網 🎉"');
});

test('other values are quoted as JSON writes them, numbers as they are', t => {
  t.deepEqual([80, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map(quote), [
    '80',
    '-1',
    '1.5',
    'NaN',
    'Infinity',
  ]);
  t.deepEqual([null, true, [], ['a'], { a: 1 }].map(quote), ['null', 'true', '[]', '["a"]', '{"a":1}']);
  t.is(quote(undefined), 'undefined');
  t.is(quote(['\u202e']), String.raw`["\u202e"]`);
});

test('a long value is shortened between characters, never inside one', t => {
  t.is(quote('a'.repeat(60)), `"${'a'.repeat(60)}"`);
  t.is(quote('a'.repeat(61)), `"${'a'.repeat(57)}..."`);
  t.is(quote('🎉'.repeat(61)), `"${'🎉'.repeat(57)}..."`);
  t.true(quote(Array.from({ length: 1000 }, () => 'x')).length <= 60);
});

const words = ['rr', 'wrr', 'lc', 'wlc', 'sed', 'lblcr', 'scheduler', 'persistence', 'port'];

for (const [typed, meant] of [
  ['shceduler', 'scheduler'],
  ['schedluer', 'scheduler'],
  ['persistance', 'persistence'],
  ['prot', 'port'],
  ['PORT', 'port'],
  ['wlcc', 'wlc'],
  ['wrrr', 'wrr'],
  ['r', 'rr'],
  ['ports', 'port'],
] as const) {
  test(`${typed} suggests ${meant}`, t => t.is(didYouMean(typed, words), meant));
}

for (const typed of ['', 'x', 'xy', 'icmp', 'weight', 'random', 'a'.repeat(10_000)]) {
  test(`${quote(typed)} suggests nothing`, t => t.is(didYouMean(typed, words), undefined));
}

test('the nearest word is suggested, the first of equals', t => {
  t.is(didYouMean('wlb', ['wlc', 'wla']), 'wlc');
  t.is(didYouMean('mh-prot', ['sh-port', 'mh-port']), 'mh-port');
});

test('words are listed as people write them', t => {
  t.is(list([]), '');
  t.is(list(['a']), 'a');
  t.is(list(['a', 'b']), 'a or b');
  t.is(list(['a', 'b', 'c'], 'and'), 'a, b and c');
});
