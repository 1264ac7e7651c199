/** The largest cluster that is asked for: as many services and servers as a large site was seen to have. */
export const LARGE = { services: 2284, servers: 37_298 };
export const TENTH = { services: 228, servers: 3730 };

type Size = typeof LARGE;

interface LargeService {
  readonly name: string;
  readonly vip: string;
  readonly port: number;
  readonly servers: readonly { readonly address: string; readonly weight: number }[];
}

/** 4,000 machines behind all services, each in several. */
function* services({ services, servers }: Size): Generator<LargeService> {
  let next = 0;
  for (let index = 0; index < services; index++) {
    const count = Math.floor(servers / services) + (index < servers % services ? 1 : 0);
    const own = Array.from({ length: count }, () => {
      const machine = next++ % 4000;
      return { address: `10.20.${machine >> 8}.${machine & 255}`, weight: 1 + (machine % 100) };
    });
    const vip = `10.10.${index >> 8}.${index & 255}`;
    yield { name: `service-${index}`, vip, port: 80 + (index % 3), servers: own };
  }
}

/** With keepalived and VRRP, one map a server. */
export function largeYaml(size: Size): string {
  const lines = [
    'version: 1',
    'checker: keepalived',
    'directors:',
    '  - { name: one, address: 10.0.0.1, interface: eth0 }',
    '  - { name: two, address: 10.0.0.2, interface: eth0 }',
    'failover: { by: vrrp, links: [eth0, eth1] }',
    'services:',
  ];
  for (const { name, vip, port, servers } of services(size)) {
    lines.push(`  - name: ${name}`, `    address: ${vip}`, `    port: ${port}`, '    servers:');
    for (const { address, weight } of servers)
      lines.push(`      - { address: ${address}, weight: ${weight} }`);
  }
  return `${lines.join('\n')}\n`;
}

/** With mon and heartbeat. */
export function largeClassic(size: Size): string {
  const lines = ['director one 10.0.0.1 eth0', 'director two 10.0.0.2 eth0', 'failover heartbeat'];
  for (const { vip, port, servers } of services(size)) {
    lines.push(`lvshost ${vip}`, `service tcp ${port} wlc {`);
    for (const { address, weight } of servers) lines.push(`\t${address}\t${weight}`);
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}
