import type { Cluster } from '../../cluster/cluster.js';
import type { Service, VirtualAddress } from '../../cluster/service.js';
import { ask, arpAnswerers } from '../acts.js';
import { Held } from '../held.js';
import { type Host, type Lab, LabFailure } from '../lab.js';
import type { LabEvent } from '../events.js';
import { startDirector, startServer, startStandIns } from '../bring-up.js';
import { bars, Teller } from './teller.js';

/** A service that a story can be told of: TCP on an address, by direct routing, two servers or more. */
type Web = Service & { readonly virtual: VirtualAddress };

/**
 * The example as it lives: ARP wrong and right, requests balanced, a server and a director that die.
 *
 * @returns how much did not come as it should
 */
export async function tellStory(lab: Lab, told: (event: LabEvent) => void): Promise<number> {
  const tell = new Teller(told);
  const story = new Story(lab, tell);
  await story.arp();
  await story.balance();
  await story.serverDies();
  await story.directorDies();
  return tell.broken;
}

class Story {
  readonly #web: Web;
  readonly #vip: string;
  readonly #port: number;
  readonly #servers: readonly Host[];
  readonly #primary: Host;
  readonly #standby: Host;

  constructor(
    private readonly lab: Lab,
    private readonly tell: Teller,
  ) {
    this.#web = webOf(lab.cluster);
    this.#vip = this.#web.virtual.address;
    this.#port = this.#web.virtual.port;
    this.#servers = lab.role('server');
    const [primary, standby] = lab.role('director');
    if (!primary || !standby) throw new LabFailure('the story needs two directors');
    this.#primary = primary;
    this.#standby = standby;
  }

  async arp(): Promise<void> {
    const { lab, tell } = this;
    tell.chapter('Who has the address? ARP, wrong and right');
    tell.say(
      `Direct routing needs the VIP ${this.#vip} on the director and on every real server. Put there in the plain way, with`,
    );
    tell.say(`\`ip addr add\`, every machine answers when a client asks who has it:`);
    const plainly = [this.#primary, ...this.#servers];
    const address = (verb: string): Promise<unknown> =>
      Promise.all(plainly.map(one => one.sh(`ip addr ${verb} ${this.#vip}/32 dev lo`)));
    await address('add');
    await this.#whoAnswers(plainly.length);
    await address('del');
    tell.say(
      'The client would send its packets to whoever was faster, past the director. Now with what lvsctl makes:',
    );
    await Promise.all(this.#servers.map(one => startServer(lab, one)));
    await startDirector(lab, this.#primary);
    await lab.until(`${this.#primary.name} has the VIP`, () => this.#holdsVip(this.#primary), 40);
    await startDirector(lab, this.#standby);
    await this.tell.shell(this.#servers[0]!, '/usr/local/sbin/realserver.lvs.dr status');
    await this.#whoAnswers(1);
  }

  async balance(): Promise<void> {
    const { lab, tell } = this;
    tell.chapter('Requests are balanced');
    await lab.until('every server is in the table', () => this.#inTable(this.#servers.length), 40);
    await tell.shell(this.#primary, `ipvsadm -Ln -t ${this.#vip}:${this.#port}`);
    const weights = this.#web.servers.map(one => one.weight).join(' and ');
    tell.say(`The weights are ${weights}. 30 requests from the client:`);
    const counts = await ask(lab.client, 'tcp', this.#vip, this.#port, 30);
    const answered = 30 - (counts['-'] ?? 0);
    tell.expect(answered === 30, bars(counts), 'every request should have been answered');
    tell.say('The answers went to the client directly: the director has seen none (OutPkts 0).');
    // The kernel sums its counters up every two seconds.
    await lab.until('the counters are there', async () => (await this.#outPackets()) !== undefined, 10);
    await tell.shell(this.#primary, `ipvsadm -Ln --stats -t ${this.#vip}:${this.#port}`);
    if ((await this.#outPackets()) !== 0) tell.expect(false, '', 'OutPkts should be 0');
  }

  async serverDies(): Promise<void> {
    const { lab, tell } = this;
    const dying = this.#servers[0]!;
    tell.chapter('A server dies, and returns');
    tell.say(`The services of ${dying.name} are killed. The client goes on asking:`);
    await dying.sh('pkill -f "^perl .*stand-in"');
    const seen: Record<string, number> = {};
    const gone = await lab.until(
      `${dying.name} is out of the table`,
      async () => {
        const one = await ask(lab.client, 'tcp', this.#vip, this.#port, 1);
        for (const name of Object.keys(one)) seen[name] = (seen[name] ?? 0) + 1;
        return this.#inTable(this.#servers.length - 1);
      },
      60,
    );
    tell.say(bars(seen));
    const after = await ask(lab.client, 'tcp', this.#vip, this.#port, 20);
    tell.expect(
      after['-'] === undefined && after[dying.name] === undefined,
      `After ${gone} s keepalived had taken it out of the table. Twenty requests after that:\n${bars(after)}`,
      'the servers that live should have answered all of them',
    );
    const [back] = await Promise.all([
      lab.until(`${dying.name} is in the table again`, () => this.#inTable(this.#servers.length), 60),
      startStandIns(lab, dying),
    ]);
    tell.say(`Its services are started again: back in the table after ${back} s.`);
  }

  async directorDies(): Promise<void> {
    const { lab, tell } = this;
    tell.chapter('The director dies');
    const held = await Held.open(lab.client, this.#vip, this.#port);
    // The standby learns of a connection within three seconds.
    for (let second = 0; second < 4; second++) {
      await lab.client.sh('sleep 1');
      await held.say();
    }
    tell.say(`The client keeps a connection open. Then ${this.#primary.name} loses its power.`);
    await this.#primary.kill();
    const served = await lab.until(
      `${this.#standby.name} serves`,
      async () => !('-' in (await ask(lab.client, 'tcp', this.#vip, this.#port, 1))),
      60,
    );
    tell.expect(
      await this.#holdsVip(this.#standby),
      `New requests are answered after ${served} s: ${this.#standby.name} has taken the VIP over.`,
      `${this.#standby.name} should hold the VIP`,
    );
    const still = await held.say();
    tell.expect(
      still !== '-' && still !== '',
      `The open connection lives on: ${still} answers on it. The standby knew of it beforehand.`,
      'the open connection should have survived',
    );
    await tell.shell(this.#standby, `ip -brief addr show dev eth0`);
  }

  async #whoAnswers(wanted: number): Promise<void> {
    const names = await arpAnswerers(this.lab, this.#vip);
    this.tell.expect(
      names.length === wanted,
      `  who has ${this.#vip}?  ${names.length === 1 ? 'one answers' : `${names.length} answer`}: ${names.join(', ')}`,
      `${wanted} should have answered`,
    );
  }

  async #holdsVip(host: Host): Promise<boolean> {
    return (await host.sh(`ip -o addr show to ${this.#vip}`)) !== '';
  }

  async #inTable(servers: number): Promise<boolean> {
    const { stdout } = await this.#primary.run(`ipvsadm -Ln -t ${this.#vip}:${this.#port}`);
    const entries = stdout.split('\n').filter(line => /^ +-> \d/.test(line));
    return entries.filter(line => line.split(/ +/)[4] !== '0').length === servers;
  }

  /** Undefined until a packet was counted. */
  async #outPackets(): Promise<number | undefined> {
    const text = await this.#primary.sh(`ipvsadm -Ln --stats --exact -t ${this.#vip}:${this.#port}`);
    const [, inPackets, outPackets] = /^TCP +\S+ +\d+ +(\d+) +(\d+)/m.exec(text) ?? [];
    return Number(inPackets ?? 0) === 0 ? undefined : Number(outPackets);
  }
}

/** The last one: in the example that is the web. */
function webOf(cluster: Cluster): Web {
  const web = cluster.services.findLast(isWeb);
  if (!web) throw new LabFailure('the story needs a TCP service with two servers');
  return web;
}

function isWeb(service: Service): service is Web {
  const { virtual, servers } = service;
  return (
    virtual.kind === 'address' &&
    virtual.protocol === 'tcp' &&
    servers.length > 1 &&
    servers.every(one => one.forwarding === 'direct')
  );
}
