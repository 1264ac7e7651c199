import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { virtualAddresses } from '../../../src/cluster/machines.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { allIsServed, readersAreContent, startServers, tableIsDesired } from '../example.js';
import { type Check, PROJECT, type Scenario, withCluster } from '../harness.js';

const read = (path: string): string => readFileSync(`${PROJECT}/${path}`, 'utf8');
const DROP_IN = '/etc/systemd/system/keepalived.service.d/lvsctl.conf';
const SCRIPT = '/etc/init.d/director.lvs.dr';

/** The active director starts, as its boot unit and its failover daemon would start it. */
async function startDirector(director: Host, by: string): Promise<void> {
  if (by === 'heartbeat') {
    await director.sh(`${SCRIPT} standby && /etc/ha.d/resource.d/director.lvs.dr start`);
    return;
  }
  await director.sh(`${SCRIPT} start`);
  if (by !== 'vrrp') return;
  const command = await director.sh(`sed -n 's/^ExecStart=\\(.*\\) .DAEMON_ARGS/\\1/p' ${DROP_IN}`);
  await director.daemon('keepalived', `${command} --log-console`);
}

/** mon takes its file, and asks every server of every service. */
async function monReads(lab: Lab, director: Host): Promise<void> {
  await director.sh(
    'cat >/usr/local/bin/lvsctl && chmod 755 /usr/local/bin/lvsctl',
    '#!/bin/sh\nprintf "%s %s\\n" "$MON_ALERTTYPE" "$*" >>/tmp/alerts\n',
  );
  assert.equal(await director.sh('mon -f -c /etc/mon/mon.cf -P /run/mon.pid 2>&1'), '');
  const watched = lab.cluster.services.flatMap(one => (one.check.type === 'none' ? [] : one.servers));
  await lab.until('mon announces every server', async () => {
    const { stdout } = await director.run('grep ^startup /tmp/alerts | sort -u | wc -l');
    return Number(stdout) === watched.length;
  });
  await director.sh('sleep 3');
  assert.equal((await director.run('grep ^failure /tmp/alerts')).stdout, '');
}

/** A whole example, from its files to an answer of each service. */
async function works(
  check: Check,
  name: string,
  description: string,
  own: {
    readonly prepare?: (lab: Lab) => Promise<unknown>;
    readonly taken?: readonly string[];
    readonly also?: (lab: Lab) => Promise<void>;
  } = {},
): Promise<void> {
  await withCluster(description, async lab => {
    const directors = lab.role('director');
    const { checker, failover } = lab.cluster;
    await own.prepare?.(lab);
    await check(`${name}: every reader is content with the files of its host`, async () => {
      for (const director of directors) await readersAreContent(lab, director);
    });
    await check(`${name}: started as described, the first director has the desired table`, async () => {
      await startServers(lab, own.taken);
      await startDirector(directors[0]!, failover.by);
      await tableIsDesired(lab, directors[0]!);
      const vips = [...virtualAddresses(lab.cluster).keys()];
      await lab.until('the addresses', async () => {
        const present = await directors[0]!.sh('ip -o addr show');
        return vips.every(vip => present.includes(` ${vip}/`));
      });
    });
    await check(`${name}: every service answers`, async () => {
      await allIsServed(lab);
      await own.also?.(lab);
      // By now every server has been checked. In a busy machine a check may come too late, and the next brings it back.
      await tableIsDesired(lab, directors[0]!, 30);
    });
    if (checker === 'mon')
      await check(`${name}: mon reads its file and finds every server alive`, () =>
        monReads(lab, directors[0]!),
      );
  });
}

const CLASSIC = [
  'lvs.conf.example',
  'tap-tests/examples/ime.lvs.conf',
  'tap-tests/examples/ime-full.lvs.conf',
];
const CAMPUS = read('tap-tests/examples/campus.yaml');
const EVERY_KEY = read('tap-tests/examples/every-key.yaml');

/** The classic files: the original's, and the one that lvsctl brings. */
export const examplesClassic: Scenario = {
  name: 'examples-classic',
  descriptions: CLASSIC.map(read),
  async run(check) {
    for (const path of CLASSIC) await works(check, path.split('/').at(-1)!, read(path));
  },
};

export const exampleCampus: Scenario = {
  name: 'example-campus',
  descriptions: [CAMPUS],
  async run(check) {
    await works(check, 'campus.yaml', CAMPUS);
  },
};

/** What the checks of every-key.yaml ask besides connections: a word on a page, TLS for a name, DNS, a program. */
async function patientServers(lab: Lab): Promise<void> {
  // No program of its own, which under emulation takes its time to start.
  const check = '#!/bin/bash\nexec 3<>"/dev/tcp/$1/$2"\n';
  await Promise.all([
    ...lab
      .role('director')
      .map(one => one.sh('cat >/usr/local/lib/check-ssh; chmod 755 /usr/local/lib/check-ssh', check)),
    ...['web1', 'web2'].map(async name => {
      const host = lab.host(name);
      const address = host.plan.links[0]!.addresses.find(one => one.includes('.'))!.split('/')[0]!;
      const site = `ssl_certificate /tmp/tls.pem; ssl_certificate_key /tmp/tls.key;`;
      await host.sh(
        `cat >/tmp/nginx.conf
         openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=shop.example.org \
           -keyout /tmp/tls.key -out /tmp/tls.pem 2>&1
         nginx -c /tmp/nginx.conf`,
        `pid /tmp/nginx.pid; error_log /tmp/nginx.log; worker_processes 1; events {}
         http {
           access_log off;
           server { listen ${address}:80; server_name www.example.org; location = /healthz { return 200 "all ok"; } }
           server { listen ${address}:443 ssl; ${site} server_name shop.example.org; location / { return 200; } }
         }\n`,
      );
      await host.daemon('dns', `perl -e '${DNS}' ${address}`);
    }),
  ]);
}

/** Answers each question with one record of 127.0.0.1 (RFC 1035, 4.1). */
const DNS = `
use IO::Socket::IP;
my $socket = IO::Socket::IP->new(LocalHost => shift, LocalPort => 53, Proto => "udp") or die;
while (defined(my $peer = $socket->recv(my $packet, 512))) {
  my $answer = pack("n6", unpack("n", $packet), 0x8180, 1, 1, 0, 0) . substr($packet, 12);
  $socket->send($answer . pack("n3 N n C4", 0xc00c, 1, 1, 60, 4, 127, 0, 0, 1), 0, $peer);
}`.replaceAll('\n', ' ');

const SIP = `
use IO::Socket::IP;
my $socket = IO::Socket::IP->new(PeerHost => "192.168.45.26", PeerPort => 5060, Proto => "udp") or die;
$socket->send("OPTIONS sip:x SIP/2.0\\r\\nCall-ID: " . shift() . "\\r\\n\\r\\n");
local $SIG{ALRM} = sub { print "-"; exit };
alarm 2;
$socket->recv(my $answer, 2000);
print $answer =~ /^(\\S+)/;`.replaceAll('\n', ' ');

/** Two calls; the packets of one stay together. */
async function answersSip(lab: Lab): Promise<void> {
  for (const call of ['one@client', 'two@client']) {
    const name = await lab.client.sh(`perl -e '${SIP}' ${call}`);
    assert.match(name, /^web[12]$/);
    assert.equal(await lab.client.sh(`perl -e '${SIP}' ${call}`), name);
  }
}

/** Everything that can be described at once. */
export const exampleEveryKey: Scenario = {
  name: 'example-every-key',
  descriptions: [EVERY_KEY],
  async run(check) {
    const taken = ['192.168.45.13', '192.168.45.43'].map(one => `tcp:${one}:80`);
    await works(check, 'every-key.yaml', EVERY_KEY, { prepare: patientServers, taken, also: answersSip });
  },
};
