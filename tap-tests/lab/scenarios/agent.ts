import assert from 'node:assert/strict';
import type { Host } from '../../../src/lab/lab.js';
import { readAnswer } from '../../../src/weights/answer.js';
import type { Scenario } from '../harness.js';
import { note } from '../notes.js';
import { putToWork, withUnits } from '../units.js';

const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 } ]
real_servers: { interface: eth0 }
polling: { law: capacity }
hosts: { web1: { address: 192.168.45.13, address6: "2001:db8:45::13", agent: 2400 } }
services:
  - { name: web, address: 192.168.45.26, port: 80, servers: [ web1, 192.168.45.14 ] }
`;
const PLACES = ['192.168.45.13 2357', '192.168.45.13 2400', '2001:db8:45::13 2400'];
const ANSWERS = 10;
/** Sixty clients at once, each of whom stays until the agent has sent it away; in one process, which costs less. */
const CROWD = `alarm 100; my @all = grep { $_ } map { IO::Socket::INET->new(PeerAddr => $ARGV[0], Timeout => 20) } 1 .. 60;
  die "no crowd: $!" if @all < 30; for my $one (@all) { 1 while <$one> }`;

/** What a host hears from an agent; nothing where it is not answered in time. */
async function hear(host: Host, place: string, seconds = 10): Promise<string> {
  const { stdout } = await host.run(`ncat --recv-only -w ${seconds} ${place} </dev/null`);
  return stdout;
}

/** Microseconds of processors that a host has used since its boot. */
async function used(host: Host): Promise<number> {
  return Number(await host.sh("sed -n 's/^usage_usec //p' /sys/fs/cgroup/cpu.stat"));
}

/** The load agent of a real server under systemd, without Node. */
export const agent: Scenario = {
  name: 'agent',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withUnits(DESCRIPTION, async units => {
      const { lab } = units;
      const web = await units.boot('web1');
      const director = lab.host('midas');

      await check(`as configure says it answers the director, on each port, over IPv4 and IPv6`, async () => {
        const steps = await putToWork(units, web);
        assert.ok(steps.includes('systemctl enable uptimesrv.socket'), steps.join('; '));
        for (const place of PLACES) {
          const said = await hear(director, place);
          const { load, counters, readiness } = readAnswer(said) ?? {};
          assert.ok(load !== undefined && counters && counters.busy > 0, `${place}: ${said}`);
          assert.equal(readiness, 'ready');
          note(said.trim());
        }
      });
      await check(`its counters grow with time, and the boot stays the same`, async () => {
        const [first, second] = [await hear(director, PLACES[0]!), await hear(director, PLACES[0]!)];
        const [then, now] = [first, second].map(text => readAnswer(text)!.counters!);
        assert.equal(now!.boot, then!.boot);
        assert.ok(now!.time > then!.time && now!.busy > then!.busy);
      });
      await check(`who is no director hears nothing`, async () => {
        const heard = await Promise.all(PLACES.map(async place => hear(lab.client, place, 5)));
        assert.deepEqual(heard, ['', '', '']);
      });
      await check(`what the administrator says is in the next answer`, async () => {
        await web.sh('/usr/local/sbin/uptimesrv --state drain');
        assert.equal(readAnswer(await hear(director, PLACES[1]!))?.readiness, 'drain');
        await web.sh('/usr/local/sbin/uptimesrv --state ready');
        assert.equal(readAnswer(await hear(director, PLACES[1]!))?.readiness, 'ready');
      });
      await check(`no process stays, and answers leave nothing in the journal`, async () => {
        await lab.until('the last answer is over', async () => (await resident(web)) === '');
        assert.equal(await web.sh("journalctl -b -q -o cat | grep -F 'one answer' || :"), '');
        assert.equal(await web.sh('journalctl -b -q -o cat -t uptimesrv'), '');
        await assertServing(web);
      });
      await check(`a crowd of clients does not end it`, async () => {
        await director.sh(`exec perl -MIO::Socket::INET -e '${CROWD}' ${PLACES[0]!.replace(' ', ':')}`);
        await lab.until('it answers again', async () => (await hear(director, PLACES[0]!)) !== '');
        await assertServing(web);
      });
      await check(`an answer costs what is noted here, of an emulated machine`, async () => {
        await lab.until('the crowd is gone', async () => (await resident(web)) === '');
        const before = await used(web);
        await director.sh(
          `for i in $(seq ${ANSWERS}); do ncat --recv-only -w 10 ${PLACES[0]} </dev/null | grep -q lvsctl/1; done`,
        );
        const whole = (await used(web)) - before;
        // What is called from outside is no work of the host's own control group.
        const times = await web.sh(
          `export REMOTE_ADDR=::1; for i in $(seq ${ANSWERS}); do /usr/local/sbin/uptimesrv >/dev/null; done; times`,
        );
        const script = secondsOfChildren(times) * 1e6;
        note(
          `milliseconds of a processor: ${ms(whole)} with what systemd does for it, ${ms(script)} the script alone`,
        );
        assert.ok(script > 0 && whole > 0);
      });
    });
  },
};

/** Nothing has failed, and nothing was logged but whom systemd sent away, and that a container may not filter addresses. */
async function assertServing(host: Host): Promise<void> {
  assert.equal(
    await host.sh('systemctl is-active uptimesrv.socket; systemctl --failed --plain --no-legend'),
    'active',
  );
  const warnings = await host.sh('journalctl -b -q -o cat -p warning -u uptimesrv.socket');
  const [first = ''] = warnings.split('\n');
  if (first !== '') note(first);
  assert.deepEqual(
    warnings.split('\n').filter(line => line !== '' && !/firewall|Too many incoming connections/i.test(line)),
    [],
  );
}

async function resident(host: Host): Promise<string> {
  return await host.sh("systemctl list-units --plain --no-legend 'uptimesrv@*'; pgrep -x uptimesrv || :");
}

/** What times(1posix) says of the processes that a shell has waited for: the second line, user and system. */
function secondsOfChildren(times: string): number {
  const children = [...times.split('\n')[1]!.matchAll(/(\d+)m([\d.]+)s/g)];
  return children.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function ms(microseconds: number): string {
  return (microseconds / 1000 / ANSWERS).toFixed(1);
}
