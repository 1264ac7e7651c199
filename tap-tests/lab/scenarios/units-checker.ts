import assert from 'node:assert/strict';
import { Held } from '../../../src/lab/held.js';
import { differences, kernelTable, wantedTable } from '../../../src/lab/kernel-table.js';
import { clusterOf, realServer, type Scenario } from '../harness.js';
import { installLvsctl, must, patiently } from '../lvsctl.js';
import { note } from '../notes.js';
import { KEEPALIVED, MON, VIP } from './change-checker.js';
import { putToWork, withUnits } from '../units.js';

const DAEMONS = ['mon', 'keepalived', 'lvsctl-after-keepalived'];
const MON_RUNS = ['mon active enabled'];
const KEEPALIVED_RUNS = ['keepalived active enabled', 'lvsctl-after-keepalived inactive enabled'];

/** Lines of a unit by which keepalived cannot begin. */
type Broken = Readonly<Record<string, readonly string[]>>;

/** Another checker by `apply` alone, where systemd runs the daemons. */
export const unitsChecker: Scenario = {
  name: 'units-checker',
  descriptions: [MON, KEEPALIVED],
  run: check => changes(check, {}, true),
};

/** The same, where something is in its way. */
export const unitsCheckerHindered: Scenario = {
  name: 'units-checker-hindered',
  onlyNamed: true,
  descriptions: [MON, KEEPALIVED],
  run: check =>
    changes(
      check,
      {
        'does not start': ['ExecStart=/bin/false'],
        'never says that it has started': ['Type=notify', 'TimeoutStartSec=5', 'ExecStart=/bin/sleep 1000'],
      },
      false,
    ),
};

async function changes(
  check: Parameters<Scenario['run']>[0],
  broken: Broken,
  isWhole: boolean,
): Promise<void> {
  await withUnits(MON, async units => {
    const { lab } = units;
    for (const one of lab.role('server')) await realServer(one, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:81');
    const midas = await units.boot('midas', 'mon', 'keepalived');
    const sh = async (script: string): Promise<string> => must(lab, midas, script);
    await midas.sh('systemctl disable --now keepalived mon; cat >/root/mon.yaml', MON);
    await midas.sh('cat >/root/keepalived.yaml', KEEPALIVED);
    await putToWork(units, midas);
    await midas.sh('rm -f /etc/ipvsadm.rules /etc/default/ipvsadm');
    await installLvsctl(midas);
    await sh('lvsctl apply -f /root/mon.yaml');

    /** `mon active enabled`, of all that run or would at a boot. */
    const state = async (): Promise<string[]> => {
      const words = await Promise.all(
        DAEMONS.map(async name => {
          const { stdout } = await midas.run(`systemctl is-active ${name}; systemctl is-enabled ${name}`);
          return `${name} ${stdout.trim().replaceAll('\n', ' ')}`;
        }),
      );
      return words.filter(one => / (active|enabled)\b/.test(one));
    };
    const rightAs = async (text: string, file: string, wanted: readonly string[]): Promise<void> => {
      const found = async (): Promise<string[]> =>
        differences(wantedTable(clusterOf(text)), await kernelTable(midas));
      await lab
        .until('the table is as described', async () => (await found()).length === 0, 120)
        .catch(async () => assert.deepEqual(await found(), []));
      await lab
        .until('nothing starts or stops any more', async () => String(await state()) === String(wanted), 60)
        .catch(async () => assert.deepEqual(await state(), wanted));
      const { stdout, stderr } = await patiently(lab, midas, `lvsctl plan -f ${file}`);
      assert.match(stdout, /^nothing to change$/m, stdout + stderr);
    };
    const hold = async (): Promise<() => Promise<void>> => {
      const held = await Promise.all([80, 80, 81].map(port => Held.open(lab.client, VIP, port)));
      const homes = await Promise.all(held.map(one => one.say()));
      return async () => assert.deepEqual(await Promise.all(held.map(one => one.say())), homes);
    };
    let live = await hold();
    /** Whoever checks takes a dead server out, whose connections end with that, and brings it back. */
    const checks = async (): Promise<void> => {
      const web2 = lab.host('web2');
      const isIn = async (): Promise<boolean> =>
        (await midas.sh('ipvsadm -Sn')).includes(`-t ${VIP}:80 -r 192.168.45.43:80`);
      await web2.sh('iptables -I INPUT -p tcp --dport 80 -s 192.168.45.23 -j REJECT --reject-with tcp-reset');
      await lab.until('web2 is out', async () => !(await isIn()), 120);
      await web2.sh('iptables -F INPUT');
      await lab.until('web2 is back', isIn, 120);
      live = await hold();
    };

    await check('the plan says which unit ends and which begins, and nothing is left by hand', async () => {
      const { stdout, stderr } = await patiently(lab, midas, 'lvsctl plan -f /root/keepalived.yaml');
      note(stdout.trim());
      assert.match(stdout, /^~ stop mon\.service$/m);
      assert.match(stdout, /^~ start keepalived\.service$/m);
      assert.doesNotMatch(stderr, /systemctl/);
      assert.deepEqual(await state(), MON_RUNS);
    });
    for (const [how, unit] of Object.entries(broken))
      await check(`where keepalived ${how}, mon goes on, and nothing has changed`, async () => {
        const folder = '/etc/systemd/system/keepalived.service.d';
        const lines = ['[Service]', 'ExecStart=', ...unit].map(line => `'${line}'`).join(' ');
        await midas.sh(
          `mkdir -p ${folder} && printf '%s\\n' ${lines} >${folder}/zz.conf && systemctl daemon-reload`,
        );
        const { exitCode, stderr } = await patiently(lab, midas, 'lvsctl apply -f /root/keepalived.yaml');
        note(stderr.trim());
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, /all of it is taken back/);
        await rightAs(MON, '/root/mon.yaml', MON_RUNS);
        await live();
        await midas.sh(`rm ${folder}/zz.conf && systemctl daemon-reload && systemctl reset-failed`);
      });
    if (!isWhole) {
      await check(
        'where keepalived is masked, the plan and the apply say so, and who checks then',
        async () => {
          await midas.sh('systemctl mask keepalived');
          const plan = await patiently(lab, midas, 'lvsctl plan -f /root/keepalived.yaml');
          note(plan.stdout.trim());
          note(plan.stderr.trim());
          assert.match(plan.stderr, /keepalived\.service is masked, .*`systemctl unmask keepalived` first/);
          await midas.sh('systemctl unmask keepalived');
        },
      );
      await check('killed between the two, the next run leaves one of them at work', async () => {
        await midas.sh(
          `setsid lvsctl apply -f /root/keepalived.yaml >/tmp/killed 2>&1 </dev/null &
            while systemctl -q is-active mon; do sleep 0.1; done
            pkill -9 -f '[m]ain.js apply'; true`,
        );
        note(await sh('lvsctl tick 2>&1'));
        const isMon = String(await state()) === String(MON_RUNS);
        if (isMon) await rightAs(MON, '/root/mon.yaml', MON_RUNS);
        else await rightAs(KEEPALIVED, '/root/keepalived.yaml', KEEPALIVED_RUNS);
        await live();
        assert.equal(await midas.sh('systemctl --failed --plain --no-legend'), '');
      });
      return;
    }
    await check('to keepalived by one apply: it checks, and every connection lives', async () => {
      note(await sh('lvsctl apply -f /root/keepalived.yaml 2>&1'));
      await rightAs(KEEPALIVED, '/root/keepalived.yaml', KEEPALIVED_RUNS);
      await live();
      await checks();
    });
    await check('back to mon by one apply: the same', async () => {
      note(await sh('lvsctl apply -f /root/mon.yaml 2>&1'));
      await rightAs(MON, '/root/mon.yaml', MON_RUNS);
      await live();
      await checks();
    });
  });
}
