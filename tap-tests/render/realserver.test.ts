import { spawnSync } from 'node:child_process';
import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { renderOutputs } from '../../src/render/render.js';
import { PLACES } from '../../src/render/places.js';
import { realServerOutputs } from '../../src/render/targets.js';
import { cluster, marked, server, service } from '../support/clusters.js';
import { bodyOf, createEngine } from '../support/rendered.js';

function render(changes: Partial<Cluster>): ReturnType<typeof artifacts> {
  return artifacts(cluster(changes));
}

function artifacts(whole: Cluster) {
  const outputs = realServerOutputs(whole);
  return new Map(renderOutputs(outputs, createEngine(), 'lvs.yaml').map(one => [one.path, one]));
}

/** The lines of the settings that say something. */
function settings(changes: Partial<Cluster>): string[] {
  return bodyOf(render(changes), PLACES.realServerSettings)
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => line.replaceAll(/ +/g, ' '));
}

test('each server gets a line for each VIP that it serves, once', t => {
  const services = [
    service('192.0.2.1:80', ['198.51.100.1', '198.51.100.2']),
    service('192.0.2.1:443', ['198.51.100.1']),
    service('[2001:db8::1]:80', ['2001:db8:1::1']),
  ];
  t.deepEqual(
    settings({ services }).filter(line => line.startsWith('vip')),
    ['vip 198.51.100.1 192.0.2.1 lo', 'vip 198.51.100.2 192.0.2.1 lo', 'vip 2001:db8:1::1 2001:db8::1 lo'],
  );
});

test('ARP is kept quiet about IPv4 VIPs on a device, and only then', t => {
  const quiet = (lines: string[]): boolean => lines.some(line => line.includes('arp_ignore'));
  const six = [service('[2001:db8::1]:80', ['2001:db8:1::1'])];
  t.true(quiet(settings({})));
  t.true(quiet(settings({ realServers: { vipOn: 'dummy0' } })));
  t.false(quiet(settings({ realServers: { vipOn: 'filter' } })));
  t.false(quiet(settings({ services: six })));
});

test('the packet filter takes protocol and port of everything that a mark matches', t => {
  const services = [marked(7, '192.0.2.1', ['198.51.100.1'])];
  t.deepEqual(settings({ services, realServers: { vipOn: 'filter' } }), [
    'filter 198.51.100.1 192.0.2.1 tcp 80',
    'filter 198.51.100.1 192.0.2.1 tcp 443',
    'filter 198.51.100.1 192.0.2.1 udp 0',
  ]);
});

test('a tunnel is unpacked by its type, for the family of the VIP', t => {
  const tunnel = (address: string, type: 'ipip' | 'gue') =>
    server(address, {
      forwarding: 'tunnel',
      tunnel: { type, checksum: false, ...(type === 'gue' ? { port: 6080 } : {}) },
    });
  const servers = [tunnel('198.51.100.1', 'ipip'), tunnel('198.51.100.2', 'gue')];
  const lines = settings({ services: [service('[2001:db8::1]:80', [], { forwarding: 'tunnel', servers })] });
  t.deepEqual(
    lines.filter(line => line.startsWith('tunnel')),
    ['tunnel 198.51.100.1 ipip ipv6', 'tunnel 198.51.100.2 gue ipv6 6080'],
  );
});

test('a server behind NAT has nothing to set up', t => {
  const servers = [server('198.51.100.1', { forwarding: 'nat', port: 8080 })];
  t.deepEqual(settings({ services: [service('192.0.2.1:80', [], { forwarding: 'nat', servers })] }), [
    'nat 198.51.100.1',
  ]);
});

test('a fallback takes the VIP like a server, unless it is a director', t => {
  const withFallback = (address: string): string[] =>
    settings({ services: [service('192.0.2.1:80', ['198.51.100.1'], { fallback: { address, port: 80 } })] });
  t.true(withFallback('198.51.100.99').includes('vip 198.51.100.99 192.0.2.1 lo'));
  t.false(withFallback('192.168.45.204').some(line => line.includes('192.168.45.204')));
});

test('the interface is the host’s own, else the general one, else found on the spot', t => {
  const hosts = [{ name: 'web', address: '192.168.45.13', interface: 'bond0' }];
  const lines = (changes: Partial<Cluster>): string[] =>
    settings(changes).filter(line => line.startsWith('interface'));
  t.deepEqual(lines({ hosts, realServers: { vipOn: 'lo', interface: 'eth1' } }), [
    'interface 192.168.45.13 bond0',
    'interface 192.168.45.43 eth1',
  ]);
  t.deepEqual(lines({}), []);
});

test('content comes by cron, with every value as one word of the shell', t => {
  const content = { from: 'files.example.org:/srv/www/', to: '/srv/www/', schedule: '*/10 * * * *' };
  const files = render({ realServers: { vipOn: 'lo', content } });
  const line = bodyOf(files, PLACES.contentCron).trimEnd().split('\n').at(-1)!;
  t.regex(
    line,
    /^\*\/10 \* \* \* \* root flock -n \S+ rsync .* files\.example\.org:\/srv\/www\/ \/srv\/www\/$/,
  );
  t.is(spawnSync('sh', ['-n', '-c', line.split(' root ')[1]!]).status, 0);
  t.false(render({}).has(PLACES.contentCron));
});

test('a server on the director itself has no line: no host of its own has to be set up for it', t => {
  t.false(
    settings({ services: [service('192.0.2.1:80', ['127.0.0.1', '198.51.100.1'])] }).some(line =>
      line.includes('127.0.0.1'),
    ),
  );
});
