import test from 'ava';
import { watcher } from '../../src/commands/doctor/watch.js';
import type { Context } from '../../src/commands/context.js';
import { examine } from '../../src/doctor/examine.js';
import type { Patient } from '../../src/doctor/patient.js';
import { createClock } from '../../src/system/clock.js';
import { createStyle } from '../../src/view/style.js';
import { healthy } from '../support/doctor-host.js';

function told(errTerminal: boolean): { readonly text: () => string; readonly context: Context } {
  let text = '';
  const context = {
    errTerminal,
    errStyle: createStyle(false),
    err: (more: string) => void (text += more),
    ports: { clock: createClock() },
  };
  return { text: () => text, context: context as unknown as Context };
}

test('a terminal shows what is looked at, and nothing of it stays; elsewhere nothing is shown', async t => {
  for (const errTerminal of [true, false]) {
    const { text, context } = told(errTerminal);
    const watch = watcher(context);
    const wait = {
      examine: () =>
        createClock()
          .sleep(30)
          .then(() => []),
      about: '',
    };
    await examine(
      [
        { name: 'one', ...wait },
        { name: 'two', ...wait },
      ],
      {} as Patient,
      watch.see,
    );
    watch.end();
    t.is(/looking at one, two …/.test(text()), errTerminal);
    t.is(text().endsWith('\r\u001b[K'), errTerminal);
  }
});

test('Ctrl-C ends it between two checks, and what was found till then is no answer', async t => {
  const host = await healthy(
    t,
    'version: 1\ndirectors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]\nservices: [ { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11 ] } ]\n',
  );
  host.interrupted = () => true;
  const { exitCode, out, err } = await host.run('doctor');
  t.deepEqual([exitCode, out], [130, '']);
  t.regex(err, /interrupted/);
});
