import { readFileSync } from 'node:fs';
import test from 'ava';
import { drawingOf } from '../../src/view/lab-drawing.js';
import { reportPage } from '../../src/view/report-page.js';
import { topologyOf } from '../../src/lab/topology.js';
import { cluster, service } from '../support/clusters.js';
import { drill, report } from '../support/reports.js';

const TEMPLATE = readFileSync('templates/lab/report.html.hbs', 'utf8');
const EVIL = `"><script>alert(1)</script>&'`;

test('the page names every host, VIP and drill, with outcome, detail and figures', t => {
  const page = reportPage(
    report([
      drill({ id: 'arp', subject: '192.168.45.26', title: 'one machine answers' }),
      drill({ subject: 'web', figures: { requests: 12, packets_in: 7 } }),
      drill({
        id: 'server-down',
        subject: 'server-192-168-45-13',
        outcome: 'failed',
        detail: 'never\nnoticed',
      }),
      drill({ id: 'director-down', outcome: 'not-run', detail: 'there is one', figures: { takeover: 2.5 } }),
    ]),
    TEMPLATE,
  );
  for (const words of [
    'midas',
    'estepe',
    'server-192-168-45-43',
    '192.168.45.26',
    '<p>never</p>',
    '<p>noticed</p>',
  ]) {
    t.true(page.includes(words), words);
  }
  for (const title of ['Virtual addresses', 'Services', 'Real servers', 'The cluster']) {
    t.true(page.includes(`<h2>${title}</h2>`), title);
  }
  t.true(page.includes('packets in <b>7</b>'));
  t.true(page.includes('takeover <b>2.5 s</b>'));
  t.regex(page, /<title>Rehearsal of lvs\.yaml: 2 passed, 1 failed, 1 not run<\/title>/);
  t.regex(page, /<div class="band failed">/);
});

test('a service and a host of one name are kept apart', t => {
  const hosts = topologyOf(cluster()).map(one =>
    one.role === 'server' ? { ...one, name: 'web' } : { ...one, name: `the-${one.name}` },
  );
  const results = [
    drill({ id: 'traffic', subject: 'web', outcome: 'failed' }),
    drill({ id: 'server-down', subject: 'web' }),
  ];
  const page = reportPage(report(results, { hosts }), TEMPLATE);
  t.regex(page, /<h2>Services<\/h2>[^]*<h2>Real servers<\/h2>/);
  const cards = drawingOf(report(results, { hosts })).cards.filter(one => one.name === 'web');
  t.deepEqual([...new Set(cards.map(one => one.outcome))], ['passed']);
});

test('whatever names are made of, it is text on the page', t => {
  const hosts = topologyOf(cluster()).map(one => ({ ...one, name: EVIL }));
  const hostile = drill({ subject: EVIL, title: EVIL, detail: EVIL, figures: { [EVIL]: 1 } });
  const page = reportPage(
    report([hostile, { ...hostile, id: 'arp' }], { hosts, description: EVIL }),
    TEMPLATE,
  );
  t.false(page.includes('<script'));
  t.true(page.includes('&quot;&gt;&lt;script&gt;'));
});

test('it needs nothing from elsewhere and runs nothing', t => {
  const page = reportPage(report([drill()]), TEMPLATE);
  t.notRegex(page, /https?:|src=|@import|url\(|<script|<link|\son[a-z]+=/);
  t.regex(page, /default-src 'none'/);
});

test('what was not run keeps the whole from looking good, and so does an empty rehearsal', t => {
  const band = (drills: Parameters<typeof report>[0]): string | undefined =>
    /<div class="band ([\w-]+)">/.exec(reportPage(report(drills), TEMPLATE))?.[1];
  t.is(band([drill()]), 'passed');
  t.is(band([drill(), drill({ outcome: 'not-run' })]), 'not-run');
  t.is(band([]), 'not-run');
});

test('a field that is not there is an error, not a gap', t => {
  t.throws(() => reportPage(report([drill()]), '{{titel}}'), { any: true });
});

for (const count of [1, 3, 24, 50]) {
  test(`with ${count} real servers nothing overlaps or leaves the drawing`, t => {
    const addresses = Array.from({ length: count }, (_, index) => `192.168.45.${index + 30}`);
    const hosts = topologyOf(cluster({ services: [service('192.168.45.26:80', addresses)] }));
    const { cards, panels, width, height } = drawingOf(report([], { hosts }));
    t.is(cards.length, hosts.length);
    for (const [index, one] of cards.entries()) {
      t.true(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height);
      const inside = panels.filter(
        panel =>
          one.x >= panel.x &&
          one.y >= panel.y &&
          one.x + one.width <= panel.x + panel.width &&
          one.y + one.height <= panel.y + panel.height,
      );
      t.is(inside.length, 1);
      for (const other of cards.slice(index + 1)) {
        const apart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        t.true(apart, `${one.name} and ${other.name}`);
      }
    }
    // A page is about 1,050 wide: less than two thirds of the size could not be read.
    t.true(width < 1600, `${width}×${height}`);
  });
}

test('a long name is cut in the drawing and whole in its title', t => {
  const name = 'a-server-with-a-name-of-sixty-three-characters';
  const hosts = topologyOf(cluster()).map(one => (one.role === 'server' ? { ...one, name } : one));
  const card = drawingOf(report([], { hosts })).cards.find(one => one.role === 'server');
  t.is(card?.fullName, name);
  t.true(card!.name.length <= 21 && card!.name.endsWith('…'));
});
