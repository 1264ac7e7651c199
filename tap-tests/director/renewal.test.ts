import test from 'ava';
import { KernelHost, MON_PID } from '../support/kernel-host.js';
import { configured, MON_CF, NEW, OLD, SLOWER } from '../support/renewed.js';

const HUP = 'systemctl kill --kill-who=main --signal=HUP mon.service';

/** The paths whose content differs. */
function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter(path => before[path] !== after[path]).toSorted();
}

test('apply renews the files that are there and ours, and has mon read its own', async t => {
  const host = await configured(t);
  const before = host.everything('/etc');
  const { out, err } = await host.applied(t, NEW);
  t.deepEqual(changed(before, host.everything('/etc')), [MON_CF]);
  t.regex(host.text(MON_CF), /^ {8}interval 7s$/m);
  t.regex(host.text('/usr/local/sbin/fill_table'), /192\.0\.2\.14/);
  t.true(host.called.includes(HUP), host.called.join());
  t.false(host.called.includes('systemctl daemon-reload'));
  t.regex(out, /\n~ renew \/usr\/local\/sbin\/fill_table\n~ renew \/etc\/mon\/mon\.cf\n~ reload mon\n\n/);
  t.false(/warning/.test(err), err);
  // `configure` would render the same.
  t.is((await host.run('configure', '-f', 'lvs.yaml', '--check')).exitCode, 0);
});

test('the one file of ours that is left, and was edited, is told of', async t => {
  const host = await configured(t);
  for (const path of host.paths('/etc').filter(one => !one.endsWith('lvs.yaml')))
    await host.files.remove(path);
  const table = '/usr/local/sbin/fill_table';
  host.put(table, `${host.text(table)}# mine\n`);
  const { err } = await host.applied(t, NEW);
  t.regex(err, /warning: \/usr\/local\/sbin\/fill_table is not renewed: it was edited since lvsctl wrote it/);
});

test('plan and a dry run list what would be renewed, and change nothing', async t => {
  const host = await configured(t);
  host.put('/here/lvs.yaml', SLOWER);
  const before = host.everything('/etc');
  const plan = await host.run('plan', '-f', 'lvs.yaml');
  t.is(plan.exitCode, 2);
  t.is(plan.out, '~ renew /etc/mon/mon.cf\n~ reload mon\n\n0 to add, 1 to change, 0 to remove\n');
  const dry = await host.run('apply', '-f', 'lvs.yaml', '-n', '-o', 'json');
  const { files, reloads } = JSON.parse(dry.out);
  t.deepEqual([files, reloads], [[{ path: MON_CF, act: 'renew' }], ['mon']]);
  t.deepEqual(host.everything('/etc'), before);
  t.false(host.called.includes(HUP));
});

test('where nothing of ours is, nothing happens, and no template is read', async t => {
  const host = new KernelHost(t);
  host.put('/etc/lvsctl/templates/mon/mon.cf.hbs', '{{nonsense');
  await host.applied(t, OLD);
  host.put(MON_CF, '# mine\n');
  await host.applied(t, NEW);
  t.deepEqual(host.paths('/etc'), ['/etc/lvsctl/templates/mon/mon.cf.hbs', MON_CF, '/etc/services']);
});

test('an edited file stays, and is told of where the change concerns it', async t => {
  const host = await configured(t);
  const mine = `${host.text(MON_CF)}# mine\n`;
  host.put(MON_CF, mine);
  const sysctls = '/etc/sysctl.d/60-lvsctl.conf';
  host.put(sysctls, `${host.text(sysctls)}# mine\n`);
  const { err } = await host.applied(t, NEW);
  t.is(host.text(MON_CF), mine);
  t.regex(
    err,
    /warning: \/etc\/mon\/mon\.cf is not renewed: it was edited since lvsctl wrote it; `lvsctl configure/,
  );
  t.false(err.includes(sysctls), err);
  t.false(host.called.includes(HUP));
  t.regex(host.text('/usr/local/sbin/fill_table'), /192\.0\.2\.14/);
});

test('a part of a foreign file is renewed, and the rest stays', async t => {
  const host = new KernelHost(t);
  host.put(MON_CF, '# theirs\nhostgroup other 192.0.2.99\n');
  host.put('/here/lvs.yaml', OLD);
  t.is((await host.run('configure', '-f', 'lvs.yaml', '--fragment')).exitCode, 0);
  await host.applied(t, OLD);
  await host.applied(t, NEW);
  t.regex(
    host.text(MON_CF),
    /^# theirs\nhostgroup other 192\.0\.2\.99\n# BEGIN lvsctl [^]* interval 7s\n[^]*# END lvsctl\n$/,
  );
});

test('what the new cluster needs is made beside ours; what somebody removed stays away; what is left is named', async t => {
  const host = await configured(t);
  const monitor = '/usr/lib/mon/mon.d/lvs.monitor';
  host.remove(monitor);
  const marked = `${OLD}  - { name: mark, fwmark: 7, match: [ { address: 192.0.2.100, port: 90 } ], servers: [ 192.0.2.11 ] }\n`;
  const { out } = await host.applied(t, marked);
  t.regex(out, /^\+ make \/etc\/lvsctl\/marks\.nft$/m);
  t.regex(host.text('/etc/lvsctl/marks.nft'), /90/);
  t.false(host.paths('/usr').includes(monitor));
  t.true(host.called.includes('systemctl daemon-reload'));
  const { err } = await host.applied(t, OLD);
  t.regex(err, /warning: \/etc\/lvsctl\/marks\.nft is needed no more, and stays: remove it by hand\n/);
});

test('a checker that comes has its files made, and what is left to do by hand is told', async t => {
  const none = OLD.replace('checker: mon', 'checker: none');
  const host = await configured(t, none);
  const { err } = await host.applied(t, OLD);
  t.regex(
    err,
    /then mon checks the servers: `systemctl daemon-reload; systemctl enable mon; systemctl restart mon`\n/,
  );
  t.true(host.paths('/etc').includes(MON_CF));
  const back = await host.applied(t, none);
  t.regex(
    back.err,
    /nobody checks the servers from then on, and mon may stop: `systemctl disable --now mon`\n/,
  );
});

test('broken templates: an apply is refused before anything changes, a rollback and a trial’s end are not', async t => {
  const host = await configured(t);
  await host.applied(t, NEW);
  const table = host.kernel.rules();
  const files = host.everything('/etc');
  host.put('/etc/lvsctl/templates/mon/mon.cf.hbs', '{{nonsense');
  host.put('/here/lvs.yaml', SLOWER);
  const refused = await host.run('apply', '-f', 'lvs.yaml');
  t.is(refused.exitCode, 78);
  t.regex(refused.err, /a template cannot be used:\n\/etc\/lvsctl\/templates\/mon\/mon\.cf\.hbs/);
  const { ['/etc/lvsctl/templates/mon/mon.cf.hbs']: _broken, ...rest } = host.everything('/etc');
  t.deepEqual(rest, files);
  t.is(host.kernel.rules(), table);
  const back = await host.run('rollback');
  t.is(back.exitCode, 0, back.err);
  t.regex(back.err, /warning: the rendered files of this host stay as they are: a template cannot be used/);
  t.not(host.kernel.rules(), table);
  t.is(host.text(MON_CF).includes('interval 7s'), true);
});

test('a trial ends by itself, its files with it; with broken templates its table alone', async t => {
  for (const isBroken of [false, true]) {
    const host = await configured(t);
    const before = [host.kernel.rules(), host.text(MON_CF)];
    await host.applied(t, NEW, '--confirm', '60s');
    t.regex(host.text(MON_CF), /interval 7s/);
    if (isBroken) host.put('/etc/lvsctl/templates/mon/mon.cf.hbs', '{{nonsense');
    host.called.length = 0;
    host.time = 60_000;
    const { exitCode, err } = await host.run('tick');
    t.is(exitCode, 0);
    t.deepEqual([host.kernel.rules(), host.text(MON_CF)], isBroken ? [before[0], host.text(MON_CF)] : before);
    t.is(host.called.includes(HUP), !isBroken);
    t.is(/the rendered files of this host stay as they are/.test(err), isBroken, err);
    t.is(host.text(MON_CF).includes('interval 7s'), isBroken);
  }
});

test('an edit of the description renews the files, too', async t => {
  const host = await configured(t);
  t.is((await host.run('server', 'add', 'web', '192.0.2.15', '-f', 'lvs.yaml')).exitCode, 0);
  t.regex(host.text(MON_CF), /192\.0\.2\.15/);
});

test('a daemon that cannot be told keeps nothing from running, and is told of and written down', async t => {
  const host = await configured(t);
  host.answers.set(HUP, { exitCode: 1, stderr: 'Failed to kill unit\n' });
  const { err } = await host.applied(t, NEW);
  t.regex(
    err,
    /warning: mon has not read its renewed files, and goes on with the old ones: .*Failed to kill unit/,
  );
  const log = await host.run('log', '--event', 'reload-failed', '-o', 'json');
  t.is(log.out.trim().split('\n').length, 1);
  t.regex(log.out, /mon: /);
});

test('what the kernel refuses takes the files back with it', async t => {
  const host = await configured(t);
  const before = [host.everything('/etc'), host.everything('/usr'), host.kernel.rules()];
  host.kernel.lacks.add('mh');
  host.put('/here/lvs.yaml', NEW.replace('port: 81,', 'port: 81, scheduler: mh,'));
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.regex(err, /all of it is taken back/);
  t.deepEqual([host.everything('/etc'), host.everything('/usr'), host.kernel.rules()], before);
  t.false(host.called.includes(HUP));
});

test('a daemon that does not run is not told', async t => {
  const host = await configured(t);
  host.answers.set('systemctl is-active --quiet mon.service', { exitCode: 3 });
  const { out } = await host.applied(t, NEW);
  t.false(out.includes('reload'));
  t.false(host.called.includes(HUP));
  t.regex(host.text(MON_CF), /interval 7s/);
});

test('without systemd the process that wrote its number down is told, if it is the daemon', async t => {
  for (const [command, isTold] of [
    ['/usr/bin/perl\0/usr/sbin/mon\0', true],
    ['/bin/sleep\x0060\0', false],
    ['/usr/bin/dbus-daemon\0--system\0', false],
  ] as const) {
    const host = new KernelHost(t);
    host.put(MON_PID, '');
    host.put('/here/lvs.yaml', OLD);
    await host.run('configure', '-f', 'lvs.yaml');
    await host.applied(t, OLD);
    host.put('/run/mon.pid', '815\n');
    host.put('/proc/815/cmdline', command);
    host.answers.set('sh -c kill -HUP "$1" sh 815', {});
    const { out, err } = await host.applied(t, NEW);
    t.is(out.includes('~ reload mon'), isTold);
    t.is(err.includes('kill -HUP 815'), isTold, err);
  }
});

test('who was found dead by another check is asked anew, and who has the same stays dead', async t => {
  const host = await configured(t);
  host.called.length = 0;
  host.monAlertType = 'failure';
  for (const server of ['192.0.2.11', '192.0.2.12']) {
    const words = ['-s', 'tcp', '-g', 'x', '-h', server, '-t', '1', 'shop', `${server}:81`];
    t.is((await host.run('alert', ...words)).exitCode, 0);
  }
  const [, last] = /-t 192\.0\.2\.100:81 -r (192\.0\.2\.1[12]):81/.exec(host.kernel.rules()) ?? [];
  t.truthy(last, 'minimum_servers keeps one');
  await host.applied(t, OLD.replace('interval: 5s', 'interval: 6s'));
  t.is(host.kernel.rules().split('192.0.2.100:81 -r').length, 2, host.kernel.rules());
  const { out } = await host.applied(t, OLD.replace('port: 81,', 'port: 81, check: { type: ping },'));
  t.is(host.kernel.rules().split('192.0.2.100:81 -r').length, 3, out);
  const log = await host.run('log', '--event', 'up');
  t.is(log.out.match(/its check is another one/g)?.length, 2, log.out);
});

test('clear leaves mon nothing to watch', async t => {
  const host = await configured(t);
  t.is((await host.run('clear')).exitCode, 0);
  t.false(/^(hostgroup|watch) /m.test(host.text(MON_CF)));
  t.true(host.called.includes(HUP));
});

test('what no signal brings about is told', async t => {
  const host = new KernelHost(t);
  host.put('/etc/hosts', '127.0.0.1 localhost\n');
  const pair = (deadtime: string): string =>
    OLD.replace(
      /^directors.*$/m,
      `directors: [ { name: midas, address: 192.0.2.1, interface: eth0 }, { name: estepe, address: 192.0.2.2, interface: eth0 } ]
failover: { by: heartbeat, heartbeat: { deadtime: ${deadtime} } }`,
    );
  host.put('/here/lvs.yaml', pair('20s'));
  const { exitCode, err } = await host.run('configure', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  await host.applied(t, pair('20s'));
  const key = host.text('/etc/ha.d/authkeys');
  const told = await host.applied(t, pair('25s'));
  t.regex(told.out, /^~ renew \/etc\/ha\.d\/ha\.cf$/m);
  t.regex(told.err, /warning: heartbeat reads its files when it starts/);
  t.regex(host.text('/etc/ha.d/ha.cf'), /^deadtime +25$/m);
  t.is(host.text('/etc/ha.d/authkeys'), key);
});

test('comments alone render nothing', async t => {
  const host = await configured(t);
  host.put('/etc/lvsctl/templates/mon/mon.cf.hbs', '{{nonsense');
  const { out } = await host.applied(t, `# A comment.\n${OLD}`);
  t.is(out, 'nothing to change\ngeneration 2 runs\n');
});

test('a file that lvsctl has not been told of is no path for an intent', async t => {
  const host = await configured(t);
  for (const path of ['/etc/../root/x', 'etc/x', '/etc/x\ny']) {
    const intent = {
      version: 1,
      kind: 'apply',
      from: 1,
      to: 2,
      changes: [],
      files: { files: [{ path, act: 'make' }], units: false, reloads: [] },
      begun: { at: '2026-01-01T00:00:00.000Z', boot: '6f1c1d6e-0000-4000-8000-000000000001', elapsed: 0 },
      by: 'apply',
    };
    host.put('/var/lib/lvsctl/intent.json', JSON.stringify(intent));
    const { exitCode, err } = await host.run('tick');
    t.not(exitCode, 0);
    t.regex(err, /intent\.json is damaged: .*absolute path/);
  }
});
