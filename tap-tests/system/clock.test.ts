import test from 'ava';
import { createClock } from '../../src/system/clock.js';

test('a sleep lasts as long as asked, or until it is ended', async t => {
  const clock = createClock();
  const start = clock.elapsed();
  await clock.sleep(20);
  t.true(clock.elapsed() - start >= 19);
  const end = new AbortController();
  const long = clock.sleep(1e9, end.signal);
  end.abort();
  await long;
  await clock.sleep(1e9, end.signal);
  t.pass();
});
