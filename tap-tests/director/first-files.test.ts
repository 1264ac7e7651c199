import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';
import { Killed, type Mortal, survives } from '../support/mortal.js';
import { etc, MON_CF, mortalConfigured, NEW, OLD, SLOWER } from '../support/renewed.js';

const KEPT = '/var/lib/lvsctl/files-before.json';
const HUP = 'systemctl kill --kill-who=main --signal=HUP mon.service';
const MARKED = `${NEW}  - { name: mark, fwmark: 7, match: [ { address: 192.0.2.100, port: 90 } ], servers: [ 192.0.2.11 ] }\n`;

/** A host that has files of a description, and on which nothing has been applied. */
async function configured(t: ExecutionContext): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/run/systemd/system/x', '');
  host.put('/here/lvs.yaml', OLD);
  const { exitCode, err } = await host.run('configure', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  return host;
}

test('the first trials end: their files go, and those that were there come back', async t => {
  const host = await configured(t);
  const before = host.everything('/etc');
  await host.applied(t, NEW, '--confirm', '60s');
  t.regex(host.text(MON_CF), /interval 7s/);
  await host.applied(t, MARKED, '--confirm', '60s');
  t.regex(host.text('/etc/lvsctl/marks.nft'), /90/);
  t.like(await host.files.look(KEPT), { mode: 0o600 });
  host.called.length = 0;
  host.time = 60_000;
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.deepEqual(host.everything('/etc'), before);
  t.is(host.kernel.rules(), '');
  t.true(host.called.includes(HUP), host.called.join());
  t.true(host.called.includes('systemctl daemon-reload'));
  t.is(await host.files.look(KEPT), undefined);
  t.false(/warning: \/etc/.test(err), err);
});

test('what somebody has edited meanwhile stays, and is told of', async t => {
  const host = await configured(t);
  const table = host.text('/usr/local/sbin/fill_table');
  await host.applied(t, NEW, '--confirm', '60s');
  const mine = `${host.text(MON_CF)}# mine\n`;
  host.put(MON_CF, mine);
  host.time = 60_000;
  const { err } = await host.run('tick');
  t.regex(err, /warning: \/etc\/mon\/mon\.cf is not put back: it was edited meanwhile\n/);
  t.is(host.text(MON_CF), mine);
  t.is(host.text('/usr/local/sbin/fill_table'), table);
});

test('once one holds, nothing of it is kept', async t => {
  for (const words of ['confirm', 'apply -f lvs.yaml']) {
    const host = await configured(t);
    await host.applied(t, NEW, '--confirm', '60s');
    t.truthy(await host.files.look(KEPT));
    t.is((await host.run(...words.split(' '))).exitCode, 0);
    t.is(await host.files.look(KEPT), undefined, words);
    t.regex(host.text(MON_CF), /interval 7s/);
  }
});

test('what a trial long ago had found is not what this one goes back to', async t => {
  for (const text of [NEW, OLD]) {
    const host = await configured(t);
    const content = Buffer.from(host.text(MON_CF).replace('interval 5s', 'interval 3s')).toString('base64');
    host.put(KEPT, JSON.stringify({ version: 1, files: [{ path: MON_CF, was: { mode: 0o644, content } }] }));
    const before = host.everything('/etc');
    await host.applied(t, text, '--confirm', '60s');
    host.time = 60_000;
    t.is((await host.run('tick')).exitCode, 0);
    t.deepEqual(host.everything('/etc'), before);
  }
});

test('where it cannot be read how they were, the table goes back all the same', async t => {
  const host = await configured(t);
  await host.applied(t, NEW, '--confirm', '60s');
  host.put(KEPT, '{');
  host.time = 60_000;
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.regex(err, /the rendered files of this host stay as they are: \S+files-before\.json is damaged/);
  t.is(host.kernel.rules(), '');
});

/** Table and files; an empty folder may stay. */
async function whole(mortal: Mortal): Promise<string[]> {
  return [mortal.table(), (await etc(mortal)).replaceAll(/\n{2,}/g, '\n')];
}

test('kill -9 at any step of the first trial, of the next, and of their end: files and table are as before', async t => {
  const unapplied = async (): Promise<Mortal> => await mortalConfigured(t, false);
  const first = await unapplied();
  const before = await whole(first);
  const acts: Record<string, (mortal: Mortal) => Promise<number>> = {
    'the first trial': mortal => mortal.apply(SLOWER, '--confirm', '60s'),
    'the next one': mortal => mortal.apply(MARKED, '--confirm', '60s'),
    'their end': mortal => {
      mortal.host.time = 70_000;
      return mortal.tick();
    },
  };
  const counts = new Map<string, number>();
  for (const [what, act] of Object.entries(acts)) {
    t.is(await act(first), 0, what);
    counts.set(what, first.steps);
  }
  t.deepEqual(await whole(first), before);
  for (const [victim, steps] of counts) {
    for (let at = 1; at <= steps; at++) {
      const mortal = await unapplied();
      for (const [what, act] of Object.entries(acts)) {
        if (what === victim)
          mortal.before = step => {
            if (step >= at) throw new Killed();
          };
        await survives(() => act(mortal));
        mortal.before = () => {};
      }
      mortal.host.time = 200_000;
      t.is(await mortal.tick(), 0);
      t.deepEqual(await whole(mortal), before, `${victim}, killed at step ${at}`);
    }
  }
});
