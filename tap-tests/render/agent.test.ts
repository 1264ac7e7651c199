import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { Cluster, Host } from '../../src/cluster/cluster.js';
import { DEFAULT_POLLING } from '../../src/cluster/defaults.js';
import { machineOf } from '../../src/cluster/machines.js';
import { nextSteps } from '../../src/commands/configure/next-steps.js';
import { parseAgentSettings } from '../../src/realserver/agent/settings.js';
import { PLACES } from '../../src/render/places.js';
import { renderOutputs } from '../../src/render/render.js';
import { TARGETS } from '../../src/render/target-names.js';
import { realServerOutputs } from '../../src/render/targets.js';
import { ESTEPE, MIDAS, cluster, service } from '../support/clusters.js';
import { bodyOf, createEngine } from '../support/rendered.js';

const HOSTS: readonly Host[] = [
  { name: 'web1', address: '198.51.100.1', address6: '2001:db8::21' },
  { name: 'web2', address: '198.51.100.2', agent: 2400 },
  { name: 'web3', address: '198.51.100.3', agent: 'none' },
];
const services = [service('192.0.2.1:80', ['198.51.100.1', '198.51.100.2', '198.51.100.3'])];
const POLLED: Partial<Cluster> = {
  polling: DEFAULT_POLLING,
  hosts: HOSTS,
  services,
  directors: [MIDAS, ESTEPE],
};

function render(changes: Partial<Cluster>): ReturnType<typeof artifacts> {
  return artifacts(cluster({ ...POLLED, ...changes }));
}

function artifacts(whole: Cluster) {
  return new Map(
    renderOutputs(realServerOutputs(whole), createEngine(), 'lvs.yaml').map(one => [one.path, one]),
  );
}

const AGENT = [
  PLACES.agentScript,
  PLACES.agentSettings,
  PLACES.agentService,
  PLACES.agentSocket,
  PLACES.agentSocketDropIn,
];

test('real servers get the agent where they are polled, and some host has one', t => {
  const rendered = (changes: Partial<Cluster>): string[] => {
    const paths = render(changes);
    return AGENT.filter(path => paths.has(path));
  };
  t.deepEqual(rendered({}), AGENT);
  const { polling: _none, ...unpolled } = cluster(POLLED);
  t.deepEqual(
    AGENT.filter(path => artifacts(unpolled).has(path)),
    [],
  );
  t.deepEqual(rendered({ hosts: HOSTS.map(host => ({ ...host, agent: 'none' as const })) }), []);
});

test('the directors may ask, from each of their addresses, on each port that some host has', t => {
  const directors = [
    { ...MIDAS, address6: '2001:db8::1', inner: { address: '10.0.0.1', prefix: 24, interface: 'eth1' } },
    ESTEPE,
  ];
  const expected = {
    ports: [2357, 2400],
    allow: [MIDAS.address, '2001:db8::1', '10.0.0.1', ESTEPE.address],
  };
  const files = render({ directors });
  t.deepEqual(parseAgentSettings(bodyOf(files, PLACES.agentSettings)), expected);
  const dropIn = bodyOf(files, PLACES.agentSocketDropIn);
  t.deepEqual(dropIn.match(/^ListenStream=.*$/gm), [
    'ListenStream=',
    'ListenStream=2357',
    'ListenStream=2400',
  ]);
  t.deepEqual(dropIn.match(/^IPAddress.*$/gm), [
    'IPAddressDeny=any',
    'IPAddressAllow=localhost',
    ...expected.allow.map(address => `IPAddressAllow=${address}`),
    // Whoever has an agent may ask it at each of its own addresses.
    'IPAddressAllow=198.51.100.1',
    'IPAddressAllow=2001:db8::21',
    'IPAddressAllow=198.51.100.2',
  ]);
});

test('where no director is named everyone may ask, and the files say so', t => {
  const files = render({ directors: [] });
  t.deepEqual(parseAgentSettings(bodyOf(files, PLACES.agentSettings)).allow, []);
  t.regex(bodyOf(files, PLACES.agentSettings), /everyone may ask/);
  t.notRegex(bodyOf(files, PLACES.agentSocketDropIn), /^IPAddress/m);
});

test('systemd has nothing to say about the units with their drop-in', t => {
  const root = mkdtempSync(join(tmpdir(), 'agent-units-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const files = render({});
  for (const path of AGENT.slice(1)) {
    const to = join(root, path.replace('/etc/systemd/system/', ''));
    mkdirSync(dirname(to), { recursive: true });
    // The script is not installed here.
    writeFileSync(
      to,
      bodyOf(files, path).replace(PLACES.agentScript, join(process.cwd(), 'realserver/uptimesrv')),
    );
  }
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(root, 'uptimesrv.socket')], {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_UNIT_PATH: `${root}:` },
  });
  t.is(
    stderr
      .split('\n')
      .filter(line => line.includes('uptimesrv'))
      .join('\n'),
    '',
  );
  t.is(status, 0);
});

test('the rendered script is the one of the package', t => {
  const source = readFileSync('realserver/uptimesrv', 'utf8');
  t.is(bodyOf(render({}), PLACES.agentScript).replace(/^#!.*\n/, ''), source.replace(/^#!.*\n/, ''));
});

test('a real server is told to enable its agent, unless it has none', t => {
  const whole = cluster(POLLED);
  const steps = (name: string): string[] =>
    [...nextSteps(whole, machineOf(whole, name, [])!, TARGETS).matchAll(/^ {2}(.*)$/gm)].map(one => one[1]!);
  for (const name of ['web1', 'web2'])
    t.deepEqual(steps(name).slice(-2), [
      'systemctl enable uptimesrv.socket',
      'systemctl restart uptimesrv.socket',
    ]);
  t.deepEqual(steps('web3'), ['systemctl daemon-reload', 'systemctl enable --now lvs-realserver.service']);
  const { polling: _none, ...unpolled } = whole;
  t.false(nextSteps(unpolled, machineOf(unpolled, 'web1', [])!, TARGETS).includes('uptimesrv'));
});
