import test, { type ExecutionContext } from 'ava';
import { drain } from '../../src/state/operator.js';
import { pressed } from '../../src/view/keys.js';
import { ModelTerminal } from '../support/model-terminal.js';
import { director, say, web } from '../support/status-host.js';
import type { KernelHost } from '../support/kernel-host.js';

process.env['TZ'] = 'UTC';

/** What main.ts hands over, with a model of a terminal; each frame that has been drawn is told. */
class Seat {
  screen: ModelTerminal;
  readonly frames: string[] = [];
  closed = 0;
  type: (keys: string) => void = () => {};
  resize: () => void = () => {};
  /** Called once a frame is shown, and before it counts as taken. */
  onFrame: (count: number) => Promise<void> | void = () => {};

  constructor(host: KernelHost, columns = 100, rows = 16) {
    this.screen = new ModelTerminal(columns, rows);
    host.openTerminal = ({ keys, resized }) => {
      this.type = keys;
      this.resize = resized;
      return {
        size: () => ({ columns: this.screen.columns, rows: this.screen.rows }),
        write: async text => {
          this.frames.push(text);
          this.screen.write(text);
          await this.onFrame(this.frames.length);
        },
        close: () => void this.closed++,
      };
    };
  }
}

/** Ends after so many frames. */
function quitAfter(seat: Seat, frames: number): void {
  seat.onFrame = count => {
    if (count >= frames) seat.type('q');
  };
}

async function busy(t: ExecutionContext): Promise<KernelHost> {
  const host = await director(t);
  host.kernel.busy.set('192.0.2.100:80 192.0.2.12:80', [50, 7]);
  host.kernel.busy.set('192.0.2.100:80 192.0.2.13:80', [9, 0]);
  return host;
}

test('services and servers with the most connections first, and why they have their weight', async t => {
  const host = await busy(t);
  await say(host, (before, stamp) => drain(before, [web(11)], { author: 'anna', reason: 'disk' }, stamp));
  const seat = new Seat(host);
  quitAfter(seat, 1);
  const { exitCode, out, err } = await host.run('top');
  t.deepEqual([exitCode, out, err], [0, '', '']);
  t.is(seat.closed, 1);
  t.is(
    seat.screen.text,
    `midas  generation 1  12:00:00  every 2 s  by connections
the table differs from what should be in it in 1 line
SERVICE / SERVER      WEIGHT  ACTIVE  INACTIVE  CONN/S  PKT/S  IN B/S  OUT B/S  WHY
web                      104      59         7                                  wrr  persistent 300s
  192.0.2.12:80            1      50         7                                  configured
  192.0.2.13:80            1       9         0                                  configured
  web1 192.0.2.11:80     100       0         0                                  DRIFT: weight 100, s
  192.0.2.14:80            1       0         0                                  configured
  192.0.2.15:80            1       0         0                                  configured
fwmark:7                   1       0         0                                  wlc
  192.0.2.12:8080          1       0         0                                  configured




q quit  c connections  r rate  w weight  n name  ↑ ↓ scroll
`,
  );
});

test('rates are those between two readings; the second frame has only what has changed', async t => {
  const host = await busy(t);
  const seat = new Seat(host);
  let second = '';
  host.kernel.counted.set('192.0.2.100:80', [100, 0, 0, 0, 0]);
  host.kernel.counted.set('192.0.2.100:80 192.0.2.14:80', [1, 2, 3, 4, 5]);
  seat.onFrame = count => {
    if (count === 1) {
      host.kernel.counted.set('192.0.2.100:80', [300, 4, 0, 0, 100_000]);
      host.kernel.counted.set('192.0.2.100:80 192.0.2.14:80', [2, 2, 3, 0, 5]);
    } else if (count === 2) second = seat.screen.text;
    else if (count === 4) seat.type('q');
  };
  t.is((await host.run('top', '--sort', 'rate', '--interval', '4s')).exitCode, 0);
  t.regex(second, /^web +104 +59 +7 +50 +1 +0 +25\.0k /m);
  t.regex(second, /^ {2}192\.0\.2\.14:80 +1 +0 +0 +0 +0 +0 +0 /m);
  // From the third to the fourth only the time has gone on.
  t.true(seat.frames[3]!.length < 60, JSON.stringify(seat.frames[3]));
  t.regex(seat.screen.text, /every 4 s {2}by rate$/m);
  // The third reading has seen nothing new.
  t.regex(seat.screen.text, /^web +104 +59 +7 +0 +0 +0 +0 /m);
});

test('keys sort and scroll; a change of size draws anew', async t => {
  const host = await busy(t);
  const seat = new Seat(host, 60, 8);
  const seen: string[] = [];
  const row = (at: number): string => seat.screen.text.split('\n')[at]!.trim().split(/ {2,}/)[0]!;
  const acts = [
    (): void => seat.type('n'),
    (): void => seat.type('w'),
    (): void => seat.type('\u001b[B\u001b[Bj'),
    (): void => seat.type('G'),
    (): void => seat.type('kkk\u001b[A'),
    (): void => seat.type('zz\u001b[19~\u001b'),
    (): void => seat.type('gc'),
    (): void => {
      seat.screen = new ModelTerminal(30, 6, '#');
      seat.resize();
    },
  ];
  // Readings meanwhile change only the time.
  const sorted = /by (\w+)/;
  let last = '';
  seat.onFrame = async () => {
    const state = `${sorted.exec(seat.screen.text)?.[1] ?? ''} ${row(3)} ${seat.screen.columns}`;
    if (state === last) return;
    last = state;
    seen.push(state);
    const act = acts[seen.length - 1];
    if (act) act();
    else seat.type('q');
    await Promise.resolve();
  };
  acts.splice(5, 1);
  t.is((await host.run('top')).exitCode, 0);
  t.deepEqual(seen, [
    'connections web 60',
    'name fwmark:7 60',
    'weight web 60',
    'weight 192.0.2.13:80 60',
    'weight 192.0.2.14:80 60',
    'weight web 60',
    'connections web 60',
    ' web 30',
  ]);
  t.false(seat.screen.text.includes('#'));
});

test('a terminal that is slow gets the newest frame next, not all of them', async t => {
  const host = await busy(t);
  const seat = new Seat(host);
  let readings = 0;
  let enough = (): void => {};
  const many = new Promise<void>(resolve => {
    enough = resolve;
  });
  const { programs } = host;
  host.programs = (program, args, options) => {
    if (args.includes('--stats') && ++readings === 20) enough();
    return programs(program, args, options);
  };
  seat.onFrame = async count => {
    if (count === 1) await many;
    else seat.type('q');
  };
  t.is((await host.run('top')).exitCode, 0);
  t.is(seat.frames.length, 2);
});

test('it ends also while the terminal takes nothing', async t => {
  const host = await busy(t);
  const seat = new Seat(host);
  seat.onFrame = () => {
    seat.type('\u0003');
    return new Promise<void>(() => {});
  };
  t.is((await host.run('top')).exitCode, 0);
  t.is(seat.closed, 1);
});

test('asked to stop it gives the terminal back', async t => {
  const host = await busy(t);
  const seat = new Seat(host);
  seat.onFrame = () => host.stop.abort();
  t.is((await host.run('top')).exitCode, 0);
  t.is(seat.closed, 1);
});

test('a kernel that cannot be read any more is said, and what was read stays; so does a bug end it cleanly', async t => {
  const host = await busy(t);
  const seat = new Seat(host, 90, 12);
  seat.onFrame = count => {
    if (count === 1)
      host.answers.set('*', { exitCode: 2, stderr: "Can't initialize ipvs: Permission denied\n" });
    else seat.type('q');
  };
  t.is((await host.run('top')).exitCode, 0);
  t.regex(seat.screen.text, /^no longer read: only root may read the IPVS table$/m);
  t.regex(seat.screen.text, /^web +104/m);
  const ill = await busy(t);
  const other = new Seat(ill);
  other.onFrame = () => {
    ill.programs = () => Promise.reject(new Error('a bug'));
  };
  await t.throwsAsync(() => ill.run('top'), { message: 'a bug' });
  t.is(other.closed, 1);
});

test('what cannot be read at all, no terminal, a time that is none: said before the screen is touched', async t => {
  const host = await busy(t);
  const none = await host.run('top');
  t.is(none.exitCode, 64);
  t.is(
    none.err,
    'lvsctl: top needs a terminal for its input and its output\n  help: lvsctl status shows it once\n',
  );
  const seat = new Seat(host);
  for (const time of ['1', '100ms', '0s', '', '$(x)\u001b']) {
    const { exitCode, err } = await host.run('top', `--interval=${time}`);
    t.is(exitCode, 64);
    t.regex(err, /--interval takes a time from 200ms/);
    t.false(err.includes('\u001b'));
  }
  t.is((await host.run('top', '--sort', 'size')).exitCode, 64);
  host.answers.set('*', { missing: true, exitCode: undefined });
  t.is((await host.run('top')).exitCode, 69);
  t.deepEqual(seat.frames, []);
});

test('keys that mean nothing are nothing, wherever a sequence is torn', t => {
  const view = { order: 'name', scroll: 3 } as const;
  for (const keys of ['', 'x', '\u001b', '\u001b[', '\u001b[19~', '\u001b[1;5A', 'ß😀', '\u001a']) {
    t.deepEqual(pressed(view, keys, 10), view, JSON.stringify(keys));
  }
  t.is(pressed(view, 'jq', 10), undefined);
  t.is(pressed(view, '\u001b[6~', 10)?.scroll, 13);
  t.is(pressed(view, '\u001b[5~', 10)?.scroll, 0);
});
