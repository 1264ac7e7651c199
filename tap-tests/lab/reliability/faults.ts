import type { Host } from '../../../src/lab/lab.js';
import { serve } from '../../../src/lab/acts.js';

/** What happens to a real server, and what ends it. Both are shell, run on it. */
export interface Fault {
  readonly name: string;
  /** For the page: what was done. */
  readonly what: string;
  readonly begin: string;
  /** Ends it; the service itself is started anew where `restart` says so. */
  readonly end: string;
  readonly restart?: boolean;
  /** Seconds that it lasts whatever becomes of the table; without it, until the server is out. */
  readonly lasts?: number;
}

const DIE = "pkill -9 -f '^perl .*stand-in'";
const UNPLUG = 'ip link set eth0 down';
const PLUG = 'ip link set eth0 up';
/** Seconds down, and up, and how often. */
export const FLAPS = { down: 3, up: 3, times: 4 } as const;

export const FAULTS: readonly Fault[] = [
  {
    name: 'killed',
    what: 'its power fails: the network and the processes are gone in the same moment',
    begin: `${UNPLUG}; ${DIE}`,
    end: PLUG,
    restart: true,
  },
  {
    name: 'hangs',
    what: 'the program is stopped (SIGSTOP): its kernel goes on accepting connections, and nobody answers on them',
    begin: "pkill -STOP -f '^perl .*stand-in'",
    end: "pkill -CONT -f '^perl .*stand-in'",
  },
  {
    name: 'port closed',
    what: 'the program dies (SIGKILL): the machine lives, and refuses connections',
    begin: DIE,
    end: ':',
    restart: true,
  },
  {
    name: 'link cut',
    what: 'its network link goes down, and everything on the machine goes on',
    begin: UNPLUG,
    end: PLUG,
  },
  {
    name: 'lossy network',
    what: 'netem drops 30 % of the packets that the server sends, for 15 seconds',
    begin: 'tc qdisc add dev eth0 root netem loss 30%',
    end: 'tc qdisc del dev eth0 root',
    lasts: 15,
  },
];

/** Ends a fault: the machine is as before. */
export async function mend(server: Host, { end, restart }: Fault): Promise<void> {
  const routes = server.plan.routes.map(({ to, via }) => `ip route replace ${to} via ${via}`);
  await server.sh([end, ...routes].join('\n'));
  if (restart) await start(server);
}

export async function start(server: Host): Promise<void> {
  await serve(server, 'tcp:0.0.0.0:80');
}

/** A program that dies and returns: `FLAPS`. Its last word is that it lives. */
export async function flap(server: Host, pause: (seconds: number) => Promise<void>): Promise<void> {
  for (let n = 0; n < FLAPS.times; n++) {
    await server.run(DIE);
    await pause(FLAPS.down);
    await start(server);
    await pause(FLAPS.up);
  }
}
