import assert from 'node:assert/strict';
import { addressesOf, machineOf } from '../../src/cluster/machines.js';
import { nextSteps } from '../../src/commands/configure/next-steps.js';
import { BootedHost } from '../../src/lab/booted.js';
import type { Host, Lab } from '../../src/lab/lab.js';
import { TARGETS } from '../../src/render/target-names.js';
import { tools, withCluster } from './harness.js';
import { note } from './notes.js';

/** Units of the image's packages, by the kind of host that has them. */
const DAEMONS = ['keepalived', 'mon', 'heartbeat', 'nginx', 'rsync', 'cron'].map(name => `${name}.service`);

export interface Units {
  readonly lab: Lab;
  /** The rendered trees. */
  readonly trees: string;
  /** Boots a host whose Debian has the packages of these daemons, and no file of ours. */
  readonly boot: (name: string, ...daemons: readonly string[]) => Promise<BootedHost>;
  /** Reboots it in good order. */
  readonly reboot: (host: BootedHost) => Promise<BootedHost>;
  /** Turns it off in the middle of all that it does, and on again. */
  readonly powerCycle: (host: BootedHost) => Promise<BootedHost>;
}

/** A cluster of which some hosts boot their units. */
export async function withUnits(description: string, work: (units: Units) => Promise<void>): Promise<void> {
  await withCluster(description, async (lab, trees) => {
    const running = new Map<string, BootedHost>();
    const up = (host: BootedHost): BootedHost => {
      running.set(host.name, host);
      note(`${host.name} has booted in ${host.seconds} s`);
      return host;
    };
    try {
      await work({
        lab,
        trees,
        boot: async (name, ...daemons) => {
          const without = DAEMONS.filter(unit => !daemons.includes(unit.replace('.service', '')));
          return up(await BootedHost.boot(lab, lab.host(name), tools, without));
        },
        reboot: async host => up(await host.reboot()),
        powerCycle: async host => up(await host.powerCycle()),
      });
    } finally {
      await Promise.all([...running.values()].map(one => one.end()));
    }
  });
}

/** Copies the rendered tree onto a host, and types what `configure` there says is to be done then. */
export async function putToWork({ lab, trees }: Units, host: Host): Promise<string[]> {
  const { cluster } = lab;
  const addresses = host.plan.links.flatMap(link => link.addresses.map(one => one.split('/')[0]!));
  const machine = machineOf(cluster, host.name, [...addressesOf(cluster, host.name), ...addresses])!;
  const tree = machine.director?.name ?? (machine.anonymousDirector ? 'director' : 'realserver');
  await lab.install(host, `${trees}/${tree}`);
  // In place, `configure` puts these lines there itself.
  await host.sh('[ ! -e /etc/hosts.lvsctl ] || cat /etc/hosts.lvsctl >>/etc/hosts');
  const steps = [...nextSteps(cluster, machine, TARGETS).matchAll(/^ {2}(.*)$/gm)].map(one => one[1]!);
  assert.ok(steps.length >= 2, steps.join('; '));
  for (const step of steps) await host.sh(step);
  return steps;
}

/** keepalived's children tell systemd of themselves, and Debian's unit lets only their parent: nothing of ours. */
const HARMLESS = /: Got notification message from PID /;

/** Nothing failed, and nothing was logged of these units as a warning or worse since the host's boot. */
export async function assertHealthy(host: Host, units: readonly string[]): Promise<void> {
  assert.equal(await host.sh('systemctl --failed --plain --no-legend'), '');
  const words = units.map(unit => `-u ${unit}`).join(' ');
  const warnings = await host.sh(`journalctl -b -q -o cat -p warning ${words}`);
  const told = warnings.split('\n').filter(line => line !== '' && !HARMLESS.test(line));
  assert.deepEqual(told, [], host.name);
}

/** Before the last reboot these units stopped without a complaint. */
export async function assertStoppedWell(host: Host, units: readonly string[]): Promise<void> {
  for (const unit of units) {
    const text = await host.sh(`journalctl -b -1 -q -o cat -u ${unit}`);
    const end = text.slice(text.lastIndexOf('\nStopping ')).split('\n');
    assert.ok(
      end.some(line => line.startsWith('Stopped ')),
      `${unit}: ${end.join('\n')}`,
    );
    assert.deepEqual(
      end.filter(line => /fail|refuse|timed out/i.test(line) && !HARMLESS.test(line)),
      [],
      unit,
    );
  }
}

/** When systemd had started each unit, in their order. */
export async function startOrder(host: Host, units: readonly string[]): Promise<string[]> {
  const times = await Promise.all(
    units.map(async unit => {
      const text = await host.sh(`systemctl show -P ActiveEnterTimestampMonotonic ${unit}`);
      return { unit, time: Number(text) };
    }),
  );
  assert.ok(
    times.every(one => one.time > 0),
    JSON.stringify(times),
  );
  return times.toSorted((a, b) => a.time - b.time).map(one => one.unit);
}

/** cron takes a file of /etc/cron.d, while it complains of a wrong one beside it. */
export async function assertCronReads(lab: Lab, host: Host, file: string): Promise<void> {
  await host.sh("printf '61 * * * * root true\\n' >/etc/cron.d/wrong && systemctl restart cron");
  const complaints = async (): Promise<string[]> => {
    const text = await host.sh('journalctl -b -q -o cat -u cron');
    return text.split('\n').filter(line => /error|mode|owner|bad/i.test(line));
  };
  await lab.until('cron has read its files', async () =>
    (await complaints()).some(one => one.includes('wrong')),
  );
  const name = file.split('/').at(-1)!;
  assert.deepEqual(
    (await complaints()).filter(one => one.includes(name)),
    [],
  );
  await host.sh(`test -s ${file} && rm /etc/cron.d/wrong && systemctl restart cron`);
}

/** Runs the only job of a file of /etc/cron.d, as cron would: with the file's variables and nothing else. */
export async function runJob(host: Host, file: string): Promise<void> {
  const script = `sed -n '/^[A-Z]*=/p; s/^[^#]* root //p' ${file}`;
  await host.sh(`job=$(${script}) && env -i HOME=/root sh -ec "$job"`);
}
