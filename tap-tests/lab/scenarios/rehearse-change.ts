import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { unionOf } from '../../../src/lab/change/compare.js';
import { rehearseChange as run } from '../../../src/lab/change/rehearse.js';
import type { Described } from '../../../src/lab/change/stage.js';
import { Lab } from '../../../src/lab/lab.js';
import type { DrillResult } from '../../../src/lab/report.js';
import { folderOf, PROJECT, type Scenario, tools } from '../harness.js';
import { note } from '../notes.js';

const HEAD = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
services:
`;
const web = (...servers: string[]): string =>
  `  - { name: web, address: 192.168.45.26, port: 80, scheduler: rr, servers: [ ${servers.join(', ')} ] }\n`;
const mail = `  - { name: mail, address: 192.168.45.26, port: 25, servers: [ 192.168.45.43 ] }\n`;
const dns = `  - { name: dns, address: 192.168.45.27, port: 53, protocol: udp, servers: [ 192.168.45.44 ] }\n`;
const marked = `  - { name: marked, fwmark: 7, match: [ { address: 192.168.45.27, port: 8080 } ], servers: [ 192.168.45.44 ] }\n`;

const OLD = HEAD + web('192.168.45.13', '192.168.45.43') + mail;
/**
 * A server goes, one comes, a service on an address of its own comes, and one by a mark; and somebody has
 * forgotten the mail.
 */
const NEW = HEAD + web('192.168.45.13', '{ address: 192.168.45.44, weight: 2 }') + dns + marked;

/** `lvsctl lab rehearse --from`: what a change costs is found out, and nothing else is blamed. */
export const rehearseChange: Scenario = {
  name: 'rehearse-change',
  onlyNamed: true,
  descriptions: [OLD, NEW],
  async run(check) {
    const results: DrillResult[] = [];
    const detailOf = (id: string, subject?: string): string =>
      results.find(one => one.id === id && one.subject === subject)!.detail;
    await check('a service that is missing fails the drill about its requests, and no other', async () => {
      results.push(...(await rehearsed(OLD, NEW, 901)));
      const failed = results.filter(one => one.outcome === 'failed');
      assert.deepEqual(
        failed.map(one => `${one.id} ${one.subject}`),
        ['apply-requests mail'],
      );
      // On a busy machine the lab may say that it cannot tell what was lost; nothing else is left out.
      for (const one of results.filter(({ outcome }) => outcome === 'not-run')) {
        assert.match(`${one.id}: ${one.detail}`, /^\w+-requests: .*the lab is too busy to tell$/);
      }
      assert.match(detailOf('apply-requests', 'mail'), /\d+ refused.*: the step takes the service away/);
    });
    await check('each step is told with its plan, and whom it cuts', () => {
      assert.match(detailOf('apply'), /^\+ 192\.168\.45\.26:80\/tcp → 192\.168\.45\.44:80 .* weight 2$/m);
      assert.match(detailOf('apply'), /^− 192\.168\.45\.26:25\/tcp {2}cuts \d+ active/m);
      assert.match(detailOf('rollback'), /^generation 3 runs$/m);
      const web = detailOf('apply-connections', 'web');
      assert.match(web, /^2 of 4 live on .*; cut with servers that went: server-192-168-45-43 2$/);
      const found = results.filter(one => one.id.startsWith('rollback')).map(one => one.subject ?? '');
      assert.deepEqual(found, ['', 'web', 'dns', 'marked', 'web', 'marked']);
      assert.match(detailOf('back', 'mail'), /^192\.168\.45\.43 12/);
      return Promise.resolve();
    });
  },
};

async function rehearsed(old: string, next: string, number: number): Promise<DrillResult[]> {
  const [before, after] = [described('old', old), described('next', next)];
  const lab = await Lab.start(unionOf(before.cluster, after.cluster), tools, number);
  const results: DrillResult[] = [];
  try {
    const trees = { old: join(folderOf(old), 'trees'), next: join(folderOf(next), 'trees') };
    const lvsctl = `${PROJECT}/node ${PROJECT}/dist/main.js`;
    await run({ lab, old: before, next: after, trees, lvsctl }, told => {
      if (told.event !== 'end') return;
      results.push(told);
      const figures = JSON.stringify(told.figures);
      note(`${told.outcome} ${told.id} ${told.subject ?? ''}: ${told.detail} ${figures} (${told.seconds} s)`);
    });
  } finally {
    await lab.stop();
  }
  return results;
}

function described(name: string, text: string): Described {
  const cluster = JSON.parse(readFileSync(join(folderOf(text), 'cluster.json'), 'utf8')) as Cluster;
  return { cluster, file: `${name}.yaml`, text };
}
