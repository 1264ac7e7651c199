import { writeFileSync } from 'node:fs';
import { RESULTS, type Scenario, withCluster } from '../harness.js';

/** A cluster of so many hosts: the client, a director, and servers. */
function description(hosts: number): string {
  const servers = Array.from({ length: hosts - 2 }, (_, index) => `192.168.45.${index + 101}`);
  return `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
services: [ { name: web, address: 192.168.45.26, port: 80, servers: [ ${servers.join(', ')} ] } ]
`;
}

const SIZES = new Map([4, 10, 50].map(hosts => [hosts, description(hosts)]));

/** How long hosts take to start and to get their files, for build/lab/results/hosts.json. */
export const hosts: Scenario = {
  name: 'hosts',
  descriptions: [...SIZES.values()],
  alone: true,
  onlyNamed: true,
  async run(check) {
    const seconds: Record<number, number> = {};
    for (const [size, text] of SIZES) {
      await check(`${size} hosts start, get their files and end`, () =>
        withCluster(text, (_lab, _trees, took) => {
          seconds[size] = took;
          return Promise.resolve();
        }),
      );
    }
    writeFileSync(`${RESULTS}/hosts.json`, JSON.stringify(seconds));
  },
};
