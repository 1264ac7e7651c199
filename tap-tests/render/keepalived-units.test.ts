import test from 'ava';
import { DEFAULT_FAILOVER } from '../../src/cluster/defaults.js';
import { PLACES } from '../../src/render/places.js';
import { cluster } from '../support/clusters.js';
import { bodyOf, renderDirector } from '../support/rendered.js';

const VRRP = { ...DEFAULT_FAILOVER, by: 'vrrp' as const, syncConnections: true };

test('keepalived’s stop leaves the table, also where it may come to be the checker later', t => {
  const dropIn = (changes: Parameters<typeof cluster>[0]): string =>
    bodyOf(renderDirector(cluster(changes), ['keepalived']), PLACES.keepalivedDropIn).replace(/^#.*\n/gm, '');
  t.is(
    dropIn({ checker: 'keepalived' }),
    `[Unit]
After=lvsctl-director.service

[Service]
ExecStart=
ExecStart=/usr/sbin/keepalived --dont-fork --dont-release-ipvs $DAEMON_ARGS
Restart=on-failure
RestartSec=1
`,
  );
  t.is(
    dropIn({ failover: VRRP, keepalived: { config: '/srv/keepalived.conf' } }),
    `[Unit]
After=lvsctl-director.service
ConditionFileNotEmpty=
ConditionFileNotEmpty=/srv/keepalived.conf

[Service]
ExecStart=
ExecStart=/usr/sbin/keepalived --dont-fork --dont-release-ipvs -f /srv/keepalived.conf $DAEMON_ARGS
Restart=on-failure
RestartSec=1
`,
  );
});

test('what keepalived missed while it was dead is mended after each of its starts, only where lvsctl runs', t => {
  const files = renderDirector(cluster({ checker: 'keepalived' }), ['keepalived']);
  const unit = bodyOf(files, PLACES.keepalivedAfter);
  for (const line of [
    'After=keepalived.service',
    'ConditionPathExists=/var/lib/lvsctl/generations/current',
    'ExecCondition=/usr/bin/env lvsctl help director',
    'ExecStart=/usr/bin/env lvsctl director start',
    'WantedBy=keepalived.service',
  ]) {
    t.true(unit.includes(`${line}\n`), line);
  }
  t.false(renderDirector(cluster({ failover: VRRP }), ['keepalived']).has(PLACES.keepalivedAfter));
});
