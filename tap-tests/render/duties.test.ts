import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { dutiesOf, readSettings, sameDuties } from '../../src/render/director/duties.js';
import { PLACES } from '../../src/render/places.js';
import { cluster, marked, server, service } from '../support/clusters.js';
import { bodyOf, createEngine, renderDirector } from '../support/rendered.js';

const WEB = service('192.168.45.26:80', ['192.168.45.13']);
const NAT = service('192.168.45.27:80', [], { servers: [server('192.168.46.4', { forwarding: 'nat' })] });
const PAIR: Partial<Cluster> = {
  failover: { ...cluster().failover, by: 'heartbeat', links: ['eth1'], syncConnections: true },
};

test('settings and marks are those of the rendered files', t => {
  const all = cluster({ ...PAIR, services: [WEB, NAT, marked(7, '192.168.45.28', ['192.168.45.13'])] });
  const files = renderDirector(all, ['director']);
  const duties = dutiesOf({ cluster: all, director: all.directors[0], serves: false }, createEngine());
  t.deepEqual(duties.settings, readSettings(bodyOf(files, PLACES.directorSysctls)));
  t.true(duties.settings.some(one => one.path === 'net/ipv4/conf/eth0/send_redirects'));
  t.deepEqual(duties.marks?.trim(), bodyOf(files, PLACES.marks).trim());
  t.deepEqual(duties.daemons, { interface: 'eth1', id: all.failover.virtualRouterId });
});

test('settings are read as systemd reads them; patterns and ways out are not', t => {
  t.deepEqual(
    readSettings(`# net.a = 1
; net.b = 1
 net.ipv4.vs.sync_threshold =  2 10
-net/ipv4/conf/eth0.100/send_redirects=0
net.ipv4.conf.eth0/100.send_redirects = 0
net.ipv4.conf.*.rp_filter = 0
net/../../../etc/shadow = x
nothing
`),
    [
      { path: 'net/ipv4/vs/sync_threshold', value: '2 10' },
      { path: 'net/ipv4/conf/eth0.100/send_redirects', value: '0' },
      { path: 'net/ipv4/conf/eth0.100/send_redirects', value: '0' },
    ],
  );
});

test('servers and weights change no duties; addresses, marks, NAT and failover do', t => {
  const old = cluster({ services: [WEB] });
  const other = (changes: Partial<Cluster>): boolean => sameDuties(old, { ...old, ...changes });
  t.true(other({ services: [service('192.168.45.26:80', ['192.168.45.13', '192.168.45.14'])] }));
  t.true(sameDuties(old, JSON.parse(JSON.stringify(old)) as Cluster));
  for (const services of [
    [WEB, NAT],
    [],
    [{ ...WEB, interface: 'eth9' }],
    [{ ...NAT, virtual: WEB.virtual }],
  ])
    t.false(other({ services }), JSON.stringify(services));
  t.false(other(PAIR));
  t.false(other({ gateway: { address: '192.168.46.1', prefix: 24, interface: 'eth1' } }));
  const serves = service('192.168.45.26:80', [old.directors[0]!.address]);
  t.false(other({ services: [serves] }), 'a director that is a real server, too');
});
