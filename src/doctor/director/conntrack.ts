import { readSetting } from '../../director/host/settings.js';
import { textAt } from '../ask.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

export const conntrack: Check = {
  name: 'conntrack',
  about: 'the tables of connections have room',
  async examine({ ports: { files }, cluster, duties }) {
    if (!(await duties())) return undefined;
    const number = async (path: string): Promise<number | undefined> => {
      const text = await readSetting(files, path);
      return text === undefined ? undefined : Number(text);
    };
    const bits = await textAt(files, '/sys/module/ip_vs/parameters/conn_tab_bits', 64);
    return judgeConntrack({
      count: await number('net/netfilter/nf_conntrack_count'),
      most: await number('net/netfilter/nf_conntrack_max'),
      bits: bits === undefined ? undefined : Number(bits),
      wantedBits: cluster.ipvs.tableBits,
    });
  },
};

export interface Conntrack {
  /** Of the packet filter's connections; undefined where it follows none. */
  readonly count: number | undefined;
  readonly most: number | undefined;
  /** Of IPVS's table, which has 2^bits rows; undefined where the kernel does not tell. */
  readonly bits: number | undefined;
  readonly wantedBits: number;
}

/** Above so much new connections are soon refused. */
const NEARLY = 0.8;

export function judgeConntrack({ count, most, bits, wantedBits }: Conntrack): Finding[] {
  const found: Finding[] = [];
  if (count !== undefined && most !== undefined && most > 0 && count >= most * NEARLY) {
    const what = `the packet filter follows ${count} connections, of at most ${most}`;
    const help = `sysctl -w net.netfilter.nf_conntrack_max=${most * 2}, and a file in /etc/sysctl.d; or a notrack rule for the services`;
    found.push({ code: 'conntrack-full', subject: 'net.netfilter.nf_conntrack_max', what, help });
  }
  if (bits !== undefined && bits !== wantedBits) {
    const what = `the module was loaded with conn_tab_bits=${bits}, and the description has ${wantedBits}`;
    const help = 'it is read when the module is loaded: after lvsctl configure, at the next boot';
    found.push({ code: 'table-size', subject: 'module ip_vs', what, help });
  }
  return found;
}
