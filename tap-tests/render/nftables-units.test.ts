import test from 'ava';
import { PLACES } from '../../src/render/places.js';
import { renderOutputs } from '../../src/render/render.js';
import { realServerOutputs } from '../../src/render/targets.js';
import { cluster, marked, service } from '../support/clusters.js';
import { bodyOf, createEngine, renderDirector } from '../support/rendered.js';

const RELOADS = 'ExecStartPost=-/usr/bin/systemctl --no-block try-reload-or-restart';
const WEB = service('192.168.45.26:80', ['192.168.45.13']);

test('a start of nftables, which flushes the marks, reloads the director where there are marks', t => {
  const files = renderDirector(cluster({ services: [marked(7, '192.168.45.28', ['192.168.45.13'])] }), [
    'director',
  ]);
  t.true(bodyOf(files, PLACES.marksDropIn).endsWith(`\n${RELOADS} lvsctl-director.service\n`));
  t.true(bodyOf(files, PLACES.directorUnit).includes('\nExecReload='));
  t.false(renderDirector(cluster({ services: [WEB] }), ['director']).has(PLACES.marksDropIn));
});

test('it reloads a real server that takes its VIPs by the packet filter', t => {
  const files = (vipOn: 'lo' | 'filter') => {
    const outputs = realServerOutputs(cluster({ services: [WEB], realServers: { vipOn } }));
    return new Map(renderOutputs(outputs, createEngine(), 'lvs.yaml').map(one => [one.path, one]));
  };
  t.true(bodyOf(files('filter'), PLACES.realServerDropIn).endsWith(`\n${RELOADS} lvs-realserver.service\n`));
  t.true(bodyOf(files('filter'), PLACES.realServerUnit).includes('\nExecReload='));
  t.false(files('lo').has(PLACES.realServerDropIn));
});
