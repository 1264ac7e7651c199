import test, { type ExecutionContext } from 'ava';
import { Killed, Mortal, survives } from '../support/mortal.js';

const WEB = `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11 ] }
`;
const MAIL = '  - { address: 192.0.2.101, port: 25, scheduler: rr, servers: [ 192.0.2.21 ] }\n';
const OTHER = WEB.replace('wrr', 'rr');

/** A director of which MAIL has gone, and still has connections for which nobody waits any more. */
async function made(t: ExecutionContext): Promise<Mortal> {
  const mortal = new Mortal(t);
  const { host } = mortal;
  await mortal.ready(WEB + MAIL);
  const thresholds = host.kernel.thresholds.bind(host.kernel);
  host.kernel.thresholds = () => thresholds().replace(/(192\.0\.2\.21:25 .*?)0 +0 +$/m, '$13          0');
  host.interrupted = () => true;
  t.is(await mortal.apply(WEB, '--wait', '20s'), 0);
  t.regex(mortal.table(), /192\.0\.2\.101:25[^]*192\.0\.2\.101\/32/);
  return mortal;
}

for (const [what, text, ...more] of [
  ['the same apply', WEB],
  ['another apply', OTHER],
  ['another apply --wait', OTHER, '--wait', '5s'],
  ['a trial', OTHER, '--confirm', '10s'],
] as const) {
  test(`kill -9 at any step of ${what}: what lingered goes when its time is up, its address too`, async t => {
    const whole = await made(t);
    t.is(await whole.apply(text, ...more), 0);
    const { steps } = whole;
    t.true(steps > 5, `${steps} steps`);
    for (let at = 1; at <= steps; at++) {
      const mortal = await made(t);
      mortal.before = step => {
        if (step >= at) throw new Killed();
      };
      if (await survives(() => mortal.apply(text, ...more))) t.fail(`step ${at} was not reached`);
      mortal.before = () => {};
      t.is(await mortal.tick(), 0);
      mortal.host.time += 60_000;
      t.is(await mortal.tick(), 0);
      t.notRegex(mortal.table(), /192\.0\.2\.101/, `killed at step ${at}`);
    }
  });
}
