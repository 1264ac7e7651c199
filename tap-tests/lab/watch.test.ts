import test from 'ava';
import { type Answer, lossesOf } from '../../src/lab/watch.js';

/** `0.5 a`: answered; `0.5`: lost. */
const answers = (target: number, ...texts: readonly string[]): Answer[] =>
  texts.map(text => {
    const [seconds, by] = text.split(' ');
    return { seconds: Number(seconds), target, ...(by === undefined ? {} : { by }) };
  });

test('a silence lasts from the last answer before it to the first one after it', t => {
  const found = lossesOf(answers(0, '0 a', '0.3 a', '0.6', '1.6', '2.7 b', '3 b'));
  t.deepEqual(found, { requests: 6, lost: 2, refused: 0, longest: 2.4 });
});

test('without a loss there is no silence, however slow the client', t => {
  t.deepEqual(lossesOf(answers(0, '0 a', '9 a')), { requests: 2, lost: 0, refused: 0, longest: 0 });
  t.deepEqual(lossesOf([]), { requests: 0, lost: 0, refused: 0, longest: 0 });
});

test('one that does not end is as long as it was watched, also from the start', t => {
  t.is(lossesOf(answers(0, '0 a', '1', '2', '5')).longest, 5);
  t.is(lossesOf(answers(0, '1', '2', '4')).longest, 3);
});

test('targets are silent each for itself', t => {
  const both = [...answers(0, '0 a', '1', '2 a'), ...answers(1, '0 b', '1 b', '2 b')];
  t.deepEqual(lossesOf(both), { requests: 6, lost: 1, refused: 0, longest: 2 });
});

test('what is lost sooner than a client waits was refused', t => {
  const found = lossesOf(answers(0, '0 a', '0.3', '0.6', '1.7', '2 a'));
  t.deepEqual([found.lost, found.refused], [3, 2]);
});
