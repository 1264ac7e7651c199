import test from 'ava';
import { checkedDescription, director, type CheckedDirector } from '../support/checked.js';
import { Killed, survives } from '../support/mortal.js';

/** An apply that kill -9 ends before its step; the kernel takes its lock. @returns whether it came to its end */
async function killedAt(one: CheckedDirector, text: string, step: number): Promise<boolean> {
  one.before = at => {
    if (at >= step) throw new Killed();
  };
  const isEnded = await survives(() => one.apply(text));
  one.before = () => {};
  one.disk.unlock();
  return isEnded;
}

test('killed, and keepalived stopped since: a service that went, or came, is there or not as the next run says', async t => {
  const without = checkedDescription(text =>
    text.replace(/^ {2}- \{ name: dns.*\n/m, '').replace('weight: 3 }', 'weight: 9 }'),
  );
  const found = new Set<string>();
  for (const isGoing of [true, false]) {
    for (let step = 5; ; step++) {
      const one = await director(t);
      if (!isGoing) t.is(await one.apply(without), 0);
      const begun = await one.state();
      const isEnded = await killedAt(one, isGoing ? without : checkedDescription(), step);
      // So that a part of the change seems to have reached the table.
      one.host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 33']);
      await one.keepalived.stop();
      t.is(await one.act('tick'), 0);
      const isNew = (await one.state()) !== begun;
      const hasService = /-u 192\.0\.2\.100:53 /.test(one.host.kernel.rules());
      t.is(hasService, isGoing !== isNew, `step ${step}`);
      found.add(`${isGoing} ${isNew}`);
      if (isEnded) break;
    }
  }
  t.is(found.size, 4);
});

test('killed, and what it brought was found dead before keepalived was stopped: nobody brings it back', async t => {
  let times = 0;
  for (let step = 5; ; step++) {
    const one = await director(t);
    const fewer = checkedDescription(text => text.replace('{ host: web1, weight: 10 }, web2', 'web2'));
    t.is(await one.apply(fewer), 0);
    const isEnded = await killedAt(one, checkedDescription(), step);
    one.keepalived.ill.add('192.0.2.11');
    await one.keepalived.settle();
    const out = one.weights('192.0.2.101:443');
    await one.keepalived.stop();
    t.is(await one.act('tick'), 0);
    if (out.includes('11:0')) {
      times += 1;
      t.is(one.weights('192.0.2.101:443'), out, `step ${step}`);
    }
    if (isEnded) break;
  }
  t.true(times > 1, String(times));
});
