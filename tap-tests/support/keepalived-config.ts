export interface RealServer {
  readonly name: string;
  /** As ipvsadm has it. */
  readonly place: string;
  readonly forwarding: string;
  readonly configured: number;
  readonly limits: string;
  readonly track: string;
  readonly inhibit: boolean;
  weight: number;
  alive: boolean;
  set: boolean;
}

export interface VirtualServer {
  /** `-t 192.0.2.100:80`. */
  readonly name: string;
  readonly words: string;
  readonly servers: RealServer[];
  readonly sorry: RealServer | undefined;
  quorum: boolean;
}

/** A block of keepalived.conf: its words, its lines, and the blocks in it. */
interface Block {
  readonly words: readonly string[];
  readonly lines: readonly (readonly string[])[];
  readonly blocks: readonly Block[];
}

export function real(weight: number): number {
  return Math.max(0, Math.min(65_535, weight));
}

export function addressOf({ name }: RealServer): string {
  return name.split(' ')[0]!;
}

export function parse(text: string): Block {
  const words: string[] = [];
  const root = { words, lines: [] as string[][], blocks: [] as Block[] };
  const open = [root];
  for (const line of text.split('\n').map(one => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const parts = line.split(/\s+/);
    if (line === '}') open.pop();
    else if (parts.at(-1) === '{') {
      const block = { words: parts.slice(0, -1), lines: [], blocks: [] };
      open.at(-1)!.blocks.push(block);
      open.push(block);
    } else open.at(-1)!.lines.push(parts);
  }
  return root;
}

function valueOf({ lines }: Block, name: string): string | undefined {
  return lines
    .find(([word]) => word === name)
    ?.slice(1)
    .join(' ');
}

const METHODS: Readonly<Record<string, string>> = { DR: '-g', NAT: '-m', TUN: '-i' };

export function serviceOf(block: Block, offset: (track: string) => number): VirtualServer {
  const [, address = '', port = ''] = block.words;
  const protocol = { TCP: '-t', UDP: '-u' }[valueOf(block, 'protocol') ?? 'UDP'];
  const persistence = valueOf(block, 'persistence_timeout');
  const inhibit = valueOf(block, 'inhibit_on_failure') !== undefined;
  const method = METHODS[valueOf(block, 'lvs_method')!]!;
  const server = (words: readonly string[], own: Block | undefined): RealServer => {
    const [rip = '', rport = ''] = words;
    const configured = Number((own && valueOf(own, 'weight')) ?? 1);
    const forwarding = (own && METHODS[valueOf(own, 'lvs_method') ?? '']) ?? method;
    const check = own?.blocks.find(one => one.words[0] === 'FILE_CHECK');
    const track = (check && valueOf(check, 'track_file')) ?? '';
    const limit = (flag: string, name: string): string => {
      const value = own && valueOf(own, name);
      return value === undefined ? '' : ` ${flag} ${value}`;
    };
    return {
      name: `${rip} ${rport}`,
      place: `${rip}:${forwarding === '-m' ? rport : port}`,
      forwarding,
      configured,
      limits: limit('-x', 'uthreshold') + limit('-y', 'lthreshold'),
      track,
      inhibit: own !== undefined && inhibit,
      weight: configured + offset(track),
      alive: false,
      set: false,
    };
  };
  const sorry = valueOf(block, 'sorry_server');
  return {
    name: `${protocol} ${address}:${port}`,
    words: `-s ${valueOf(block, 'lvs_sched')}${persistence === undefined ? '' : ` -p ${persistence}`}`,
    servers: block.blocks
      .filter(({ words }) => words[0] === 'real_server')
      .map(one => server(one.words.slice(1), one)),
    sorry: sorry === undefined ? undefined : server(sorry.split(' '), undefined),
    quorum: false,
  };
}

/** The lines of dump_vs and dump_rs that are read, among some others. */
export function dump({ name, servers, quorum }: VirtualServer): string {
  const [flag, place = ''] = name.split(' ');
  const [, address, port] = /^(.*):(\d+)$/.exec(place)!;
  const title = ` ------< Virtual server >------
 VS VIP = ${address}, VPORT = ${port}
   Address family = inet
   protocol = ${flag === '-t' ? 'TCP' : 'UDP'}
   default forwarding method = DR
   alive = 1
   quorum_state_up = ${Number(quorum)}
`;
  const forwarding = (one: RealServer): string =>
    Object.keys(METHODS).find(key => METHODS[key] === one.forwarding)!;
  return (
    title +
    servers
      .map(one => {
        const [rip, rport] = one.name.split(' ');
        return `   ------< Real server >------
   RIP = ${rip}, RPORT = ${rport}, WEIGHT = ${real(one.weight)} EFF WEIGHT = ${one.weight}
   forwarding method = ${forwarding(one)}
   Inhibit on failure is ${one.inhibit ? 'ON' : 'OFF'}
   initial weight = ${one.configured}
   effective weight = ${one.weight}
   alive = ${Number(one.alive)}
   RS set = ${Number(one.set)}
`;
      })
      .join('')
  );
}

/** Whether its servers are in the table, and not the fallback in their place. */
export function isOpen({ quorum, sorry }: VirtualServer): boolean {
  return quorum || !sorry?.alive;
}

/** As ipvsadm has it. */
export function lineOf(command: string, service: VirtualServer, server: RealServer, weight: number): string {
  return `${command} ${service.name} -r ${server.place} ${server.forwarding} -w ${weight}${server.limits}`;
}
