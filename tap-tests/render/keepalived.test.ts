import test from 'ava';
import { DEFAULT_FAILOVER, withCheckDefaults } from '../../src/cluster/defaults.js';
import { PLACES } from '../../src/render/places.js';
import { cluster, ESTEPE, marked, MIDAS, server, service } from '../support/clusters.js';
import { keepalivedConf } from '../support/keepalived.js';
import { bodyOf, renderDirector } from '../support/rendered.js';

const WEB = service('192.168.45.26:80', ['192.168.45.13', '192.168.45.43'], { name: 'web' });
const VRRP = { ...DEFAULT_FAILOVER, by: 'vrrp' as const, syncConnections: true };

test('without keepalived nothing is rendered', t => {
  t.is(renderDirector(cluster({ checker: 'mon' }), ['keepalived']).size, 0);
});

test('a small cluster with checks and VRRP', t => {
  const text = keepalivedConf(
    cluster({
      checker: 'keepalived',
      failover: { ...VRRP, advertInterval: 200 },
      notify: { mail: ['root@localhost'] },
      services: [{ ...WEB, servers: [server('192.168.45.13', { weight: 100, upper: 2000, lower: 1500 })] }],
    }),
  );
  t.is(
    text,
    `
global_defs {
    router_id midas
    notification_email {
        root@localhost
    }
    smtp_server 127.0.0.1
    smtp_alert_checker true
    smtp_alert_vrrp true
    # Programs run as root, and none that anyone but root could have changed.
    script_user root
    enable_script_security
    # How long idle connections are kept.
    lvs_timeouts tcp 900 tcpfin 120 udp 300
    # Whoever holds the addresses tells the others of its connections. Id: as virtual_router_id.
    lvs_sync_daemon eth0 VI_4 id 51
}

vrrp_instance VI_4 {
    # Version 2 counts whole seconds.
    version 3
    interface eth0
    virtual_router_id 51
    # Everyone begins as BACKUP; the priority decides. With MASTER here, preemption could not be put off or forbidden.
    state BACKUP
    priority 200
    advert_int 0.2
    # A director that returns knows no connections yet: the addresses stay where they are.
    nopreempt
    virtual_ipaddress {
        192.168.45.26/32 dev eth0
    }
}

# Weights: a file holds what is added to the server's configured weight, in which its name ends. There is no quorum
# below: it sums weights, so low ones would bring the fallback in. All files stand here, not each at its service:
# keepalived then finds them in a third of the time.
track_file web_192.168.45.13_80.100 {
    file "/var/lib/lvsctl/tracks/web_192.168.45.13_80.100"
}

# web
virtual_server 192.168.45.26 80 {
    protocol TCP
    lvs_sched wlc
    lvs_method DR
    delay_loop 5
    warmup 1

    real_server 192.168.45.13 80 {
        weight 100
        uthreshold 2000
        lthreshold 1500
        TCP_CHECK {
            connect_port 80
            connect_timeout 3
            retry 1
            delay_before_retry 5
        }
        FILE_CHECK {
            track_file web_192.168.45.13_80.100
            weight 1
        }
    }
}
`,
  );
});

/** The lines of a block whose first line begins so. */
function block(text: string, begin: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex(line => line.trimStart().startsWith(begin));
  const indent = lines[first]?.search(/\S/) ?? 0;
  const end = lines.findIndex((line, index) => index > first && line === `${' '.repeat(indent)}}`);
  return lines.slice(first, end + 1).join('\n');
}

test('a service by mark has neither protocol nor ports, and its checks connect to the first match', t => {
  const shop = {
    ...marked(7, '2001:db8::28', ['2001:db8::13']),
    persistence: { timeout: 600_000, netmask: 64 },
    check: withCheckDefaults({
      type: 'https',
      host: 'shop.example.org',
      expect: 'Price: $5.00',
      status: [200, 204],
    }),
    fallback: { address: '2001:db8::99', port: 0 },
    servers: [server('2001:db8::13', { port: 0 })],
  };
  t.is(
    block(keepalivedConf(cluster({ checker: 'keepalived', services: [shop] })), 'virtual_server'),
    `virtual_server fwmark 7 {
    ip_family inet6
    lvs_sched wlc
    lvs_method DR
    persistence_timeout 600
    persistence_granularity 64
    delay_loop 5
    warmup 1
    inhibit_on_failure
    sorry_server 2001:db8::99

    real_server 2001:db8::13 {
        weight 1
        SSL_GET {
            connect_port 80
            connect_timeout 3
            retry 1
            delay_before_retry 5
            virtualhost shop.example.org
            enable_sni
            url {
                path "/"
                status_code 200 204
                regex "Price: \\\\x245\\\\.00"
            }
        }
        FILE_CHECK {
            track_file shop-7__2001_db8__13__0.1
            weight 1
        }
    }
}`,
  );
});

test('the addresses of a family move as one instance, both families together, with the gateway among them', t => {
  const inner = service('10.0.80.1:80', ['10.0.80.13'], { interface: 'eth2' });
  const six = service('[2001:db8::26]:80', ['2001:db8::13']);
  const text = keepalivedConf(
    cluster({
      failover: { ...VRRP, links: ['eth0', 'eth2'], preempt: true, preemptDelay: 30_000, virtualRouterId: 7 },
      gateway: { address: '10.0.70.1', prefix: 24, interface: 'eth1' },
      services: [WEB, inner, six],
    }),
    { director: ESTEPE },
  );
  t.regex(text, /^ {4}lvs_sync_daemon eth2 VI_4 id 7$/m);
  t.is(
    block(text, 'vrrp_sync_group'),
    'vrrp_sync_group VG {\n    group {\n        VI_4\n        VI_6\n    }\n}',
  );
  t.is(
    block(text, 'vrrp_instance VI_4').replace(/^ *#.*\n/gm, ''),
    `vrrp_instance VI_4 {
    version 3
    interface eth0
    virtual_router_id 7
    state BACKUP
    priority 199
    advert_int 1
    preempt_delay 30
    virtual_ipaddress {
        192.168.45.26/32 dev eth0
    }
    virtual_ipaddress_excluded {
        10.0.80.1/32 dev eth2
        10.0.70.1/24 dev eth1
    }
    track_interface {
        eth2
        eth1
    }
}`,
  );
  t.regex(block(text, 'vrrp_instance VI_6'), /2001:db8::26\/128 dev eth0/);
  t.notRegex(text, /virtual_server|track_file/);
});

test('by unicast each director names itself and all others, in the family of the instance', t => {
  const directors = [
    { ...MIDAS, address6: '2001:db8::23' },
    { ...ESTEPE, address6: '2001:db8::204' },
    // Its only address is IPv6.
    { ...MIDAS, name: 'third', address: '2001:db8::3' },
  ];
  const six = service('[2001:db8::26]:80', ['2001:db8::13']);
  const text = keepalivedConf(
    cluster({ directors, failover: { ...VRRP, unicast: true }, services: [WEB, six] }),
  );
  t.regex(text, /unicast_src_ip 192\.168\.45\.23\n {4}unicast_peer \{\n {8}192\.168\.45\.204\n {4}\}/);
  t.regex(
    text,
    /unicast_src_ip 2001:db8::23\n {4}unicast_peer \{\n {8}2001:db8::204\n {8}2001:db8::3\n {4}\}/,
  );
});

test('a service whose only server is the fallback has that at once, unchecked; one with none at all is left out', t => {
  const fallback = { address: '192.168.45.99', port: 80 };
  const text = keepalivedConf(
    cluster({
      checker: 'keepalived',
      services: [{ ...WEB, servers: [], fallback }, service('192.168.45.27:80', [], { name: 'empty' })],
    }),
  );
  t.is(block(text, 'real_server'), '    real_server 192.168.45.99 80 {\n        weight 1\n    }');
  t.notRegex(text, /sorry_server|track_file|virtual_server 192\.168\.45\.27/);
  t.regex(text, /^# Not here, .*\n# {3}empty$/m);
});

test('servers that die stay with weight 0 where they are to be quiesced', t => {
  const text = keepalivedConf(
    cluster({ checker: 'keepalived', services: [{ ...WEB, onFailure: 'quiesce' }] }),
  );
  t.regex(text, /^ {4}inhibit_on_failure$/m);
});

test('a part of a file that is someone else’s sets nothing for all of keepalived but what it needs', t => {
  const own = cluster({
    checker: 'keepalived',
    failover: VRRP,
    notify: { mail: ['root@localhost'], command: ['/usr/local/sbin/page'] },
    services: [WEB],
  });
  const files = renderDirector(own, ['keepalived'], { fragment: path => path === own.keepalived.config });
  t.is(bodyOf(files, own.keepalived.config), 'include /etc/keepalived/lvsctl.conf\n');
  t.is(files.get(own.keepalived.config)?.kind, 'block');
  const text = bodyOf(files, PLACES.keepalivedFragment);
  t.deepEqual(
    text.match(
      /^ {4}(router_id|notification_email|smtp\w+|script_user|enable_script_security|lvs_sync_daemon)\b.*/gm,
    ),
    ['    enable_script_security', '    lvs_sync_daemon eth0 VI_4 id 51'],
  );
});

test('the name of a weight’s file ends in the configured weight and is the same for no two servers', t => {
  const names = (weight: number): string[] => {
    const one = service('192.168.45.26:80', [], {
      name: 'a_[x',
      servers: [server('2001:db8::1', { weight })],
    });
    const other = service('192.168.45.27:80', [], {
      name: 'a__x',
      servers: [server('2001:db8::1', { weight })],
    });
    const text = keepalivedConf(cluster({ checker: 'keepalived', services: [one, other] }));
    return [...text.matchAll(/^track_file (\S+)/gm)].map(match => match[1]!);
  };
  t.deepEqual(names(5), ['a__x__2001_db8__1__80.5', 'a__x__2001_db8__1__80_2.5']);
  t.deepEqual(names(10), ['a__x__2001_db8__1__80.10', 'a__x__2001_db8__1__80_2.10']);
});

const SERVERS = Array.from({ length: 250 }, (_, index) => `10.0.0.${index + 1}`);

for (const [what, count, interval, warmup] of [
  ['a second', 100, 10_000, '1'],
  ['a second for each hundred of servers', 250, 10_000, '3'],
  ['an interval at most', 250, 2000, '2'],
  ['an interval at most', 1, 200, '0.2'],
] as const)
  test(`the first checks are spread over ${what}: ${count} servers every ${interval} ms`, t => {
    const web = service('192.168.45.26:80', SERVERS.slice(0, count));
    const services = [{ ...web, check: { ...web.check, interval } }];
    const text = keepalivedConf(cluster({ checker: 'keepalived', services }));
    t.deepEqual(text.match(/^ *warmup .*$/gm), [`    warmup ${warmup}`]);
  });
