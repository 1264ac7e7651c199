import { PLACES } from '../../src/render/places.js';
import type { RunResult } from '../../src/system/ports.js';
import type { FakeFiles } from './fake-files.js';
import { offsetIn, putProcess } from './keepalived-files.js';
import {
  addressOf,
  dump,
  isOpen,
  lineOf,
  parse,
  real,
  type RealServer,
  serviceOf,
  type VirtualServer,
} from './keepalived-config.js';
import type { KernelHost } from './kernel-host.js';

const CONFIG = '/etc/keepalived/keepalived.conf';
const PARENT = 50;

/**
 * keepalived 2.2.7, as it was measured and as ipwrapper.c, check_file.c and track_file.c have it: what it does to the
 * table, what it makes of track files, and what it says on SIGUSR1. It acts when it is told to: `settle` is a while in
 * which nothing else happens.
 */
export class ModelKeepalived {
  /** The real servers that do not answer, as `192.0.2.11`. */
  readonly ill = new Set<string>();
  /** Whether it finds time for its track files while others are at work. */
  prompt = false;
  /** How often its checker has crashed since it was asked too early. */
  crashes = 0;
  isMute = false;
  /** Whether it is started with `-I`. */
  keepsTable = true;
  #checker: number | undefined;
  #runs = false;
  #pid = PARENT;
  #services: VirtualServer[] = [];
  #watches: 'never' | 'lost' | 'kept' = 'never';
  #files = new Map<string, number>();

  constructor(
    private readonly host: KernelHost,
    private readonly disk: FakeFiles,
  ) {
    const others = host.programs;
    host.programs = async (program, args, options) => {
      if (this.prompt) await this.#notice();
      const [, script = '', , pid] = args;
      if (program !== 'sh' || !/kill -(s )?(HUP|USR1)/.test(script))
        return await others(program, args, options);
      return /kill -(s )?HUP/.test(script) ? await this.#hup(Number(pid)) : await this.#print(Number(pid));
    };
  }

  /** The servers that it had out when it was stopped, in services that are still in the table. */
  outWhileStopped(): string[] {
    if (this.#runs) return [];
    return this.#services.flatMap(({ name, servers }) =>
      servers.flatMap(one => (one.alive ? [] : `${name} -r ${one.place}`)),
    );
  }

  async start(): Promise<void> {
    if (this.#runs) return;
    this.#runs = true;
    await putProcess(this.disk, 'keepalived', PARENT, this.keepsTable);
    await this.#begin();
  }

  /** With `-I`: the table stays. */
  async stop(): Promise<void> {
    if (!this.#runs) return;
    await this.#end('checkers');
    await this.disk.remove('/run/checkers.pid');
    await this.#end('keepalived');
    await this.disk.remove('/run/keepalived.pid');
    this.#runs = false;
  }

  /** kill -9: its file stays, and its parent starts another one a while later. */
  async killChecker(): Promise<void> {
    if (this.#checker !== undefined) await this.#end('checkers');
  }

  async reload(): Promise<void> {
    if (!this.#runs) return;
    if (this.#checker === undefined) return await this.#begin();
    const old = this.#services;
    await this.#read();
    for (const one of old) if (!this.#services.some(({ name }) => name === one.name)) this.#drop(one);
    for (const service of this.#services) {
      const before = old.find(({ name }) => name === service.name);
      if (before) this.#migrate(before, service);
      this.#init(service, before);
    }
  }

  /** A while: the checker is there again, has read its files, and has asked every server. */
  async settle(): Promise<void> {
    if (this.#runs && this.#checker === undefined) await this.#begin();
    if (this.#checker === undefined) return;
    await this.#notice();
    for (const service of this.#services)
      for (const server of service.servers) this.#judge(service, server, !this.ill.has(addressOf(server)));
  }

  async #end(name: 'keepalived' | 'checkers'): Promise<void> {
    const pid = name === 'keepalived' ? PARENT : this.#checker;
    if (name === 'checkers') this.#checker = undefined;
    if (pid === undefined) return;
    for (const one of ['comm', 'cmdline', 'fd/9', 'fdinfo/9']) await this.disk.remove(`/proc/${pid}/${one}`);
  }

  async #begin(): Promise<void> {
    this.#checker = ++this.#pid;
    await putProcess(this.disk, 'checkers', this.#checker, this.keepsTable);
    await this.#read();
    for (const service of this.#services) this.#init(service, undefined);
  }

  async #read(): Promise<void> {
    const text = await this.disk.read(CONFIG).then(
      bytes => new TextDecoder().decode(bytes),
      () => '',
    );
    const config = parse(text);
    const names = config.blocks
      .filter(({ words }) => words[0] === 'track_file')
      .map(({ words }) => words[1]!);
    const isThere = (await this.disk.look(PLACES.tracks))?.kind === 'folder';
    this.#watches = isThere && names.length > 0 ? 'kept' : 'never';
    const proc = `/proc/${this.#checker}`;
    if (this.#watches === 'kept') {
      await this.disk.link(`${proc}/fd/9`, 'anon_inode:inotify');
      await this.disk.replace(`${proc}/fdinfo/9`, 'pos:\t0\ninotify wd:1 ino:2a sdev:1 mask:2c8\n', 0o444);
    } else for (const one of ['fd/9', 'fdinfo/9']) await this.disk.remove(`${proc}/${one}`);
    this.#files = new Map();
    for (const name of isThere ? names : []) this.#files.set(name, await offsetIn(this.disk, name, 0));
    this.#services = config.blocks
      .filter(({ words }) => words[0] === 'virtual_server')
      .map(block => serviceOf(block, name => this.#files.get(name) ?? 0));
  }

  /** What inotify has told meanwhile. */
  async #notice(): Promise<void> {
    if (this.#checker === undefined || this.#watches !== 'kept') return;
    const isThere = (await this.disk.look(PLACES.tracks))?.kind === 'folder';
    if (!isThere) {
      this.#watches = 'lost';
      await this.disk.replace(`/proc/${this.#checker}/fdinfo/9`, 'pos:\t0\n', 0o444);
    }
    for (const service of this.#services) {
      for (const server of service.servers) {
        const before = this.#files.get(server.track) ?? 0;
        const now = isThere ? await offsetIn(this.disk, server.track, before) : 0;
        this.#files.set(server.track, now);
        if (now !== before) this.#weigh(service, server, server.weight + now - before);
      }
    }
  }

  /** update_svr_wgt */
  #weigh(service: VirtualServer, server: RealServer, weight: number): void {
    const isOther = real(server.weight) !== real(weight);
    server.weight = weight;
    if (!isOther) return;
    if (server.set && server.alive && isOpen(service)) this.#edit(service, server);
    this.#quorum(service, false);
  }

  /** update_svr_checker_state and perform_svr_state */
  #judge(service: VirtualServer, server: RealServer, alive: boolean): void {
    if (server.alive === alive) return;
    if (isOpen(service)) {
      if (alive) this.#add(service, server);
      else this.#remove(service, server);
    }
    server.alive = alive;
    this.#quorum(service, false);
  }

  /** update_quorum_state, with the quorum of 1 that is never rendered. */
  #quorum(service: VirtualServer, init: boolean): void {
    const { sorry, servers } = service;
    const sum = servers.reduce((all, one) => all + (one.alive ? real(one.weight) : 0), 0);
    if (!service.quorum && sum >= 1) {
      service.quorum = true;
      if (!sorry?.alive) return;
      this.#remove(service, sorry);
      sorry.alive = false;
      for (const one of servers) if (one.alive) this.#add(service, one);
    } else if ((service.quorum && sum < 1) || (init && !service.quorum && sorry && !sorry.alive)) {
      service.quorum = false;
      if (!sorry || sorry.alive) return;
      for (const one of servers) if (one.alive) this.#remove(service, one);
      this.#add(service, sorry);
      sorry.alive = true;
    }
  }

  /** init_service_vs */
  #init(service: VirtualServer, before: VirtualServer | undefined): void {
    if (!before) this.#tell(`-A ${service.name} ${service.words}`);
    for (const server of service.servers) {
      const old = before?.servers.find(({ place }) => place === server.place);
      if (old) {
        const { weight } = server;
        server.weight = old.weight;
        if (real(weight) !== real(old.weight) && server.set && server.alive && isOpen(service)) {
          server.weight = weight;
          this.#edit(service, server);
        }
        server.weight = weight;
        continue;
      }
      this.#add(service, server);
      server.alive = true;
    }
    this.#quorum(service, true);
  }

  /** clear_diff_services */
  #migrate(old: VirtualServer, now: VirtualServer): void {
    now.quorum = old.quorum;
    if (old.words !== now.words) this.#tell(`-E ${now.name} ${now.words}`);
    for (const server of old.servers) {
      const next = now.servers.find(({ place }) => place === server.place);
      if (!next) {
        if (server.set) this.#tell(`-d ${old.name} -r ${server.place}`);
        continue;
      }
      next.alive = server.alive;
      next.set = server.set;
      if (!next.alive && next.set !== next.inhibit) {
        if (next.inhibit) {
          next.set = true;
          this.#tell(lineOf('-a', now, next, 0));
        } else {
          next.set = false;
          this.#tell(`-d ${now.name} -r ${next.place}`);
        }
      }
      // Edits a server that is dead, too, which brings it back into the table.
      if (server.forwarding !== next.forwarding) this.#edit(now, next);
    }
    const { sorry } = old;
    if (sorry && now.sorry?.place === sorry.place)
      Object.assign(now.sorry, { alive: sorry.alive, set: sorry.set });
    else if (sorry?.alive) this.#tell(`-d ${old.name} -r ${sorry.place}`);
  }

  #drop(service: VirtualServer): void {
    for (const one of [...service.servers, ...(service.sorry ? [service.sorry] : [])])
      if (one.set) this.#tell(`-d ${service.name} -r ${one.place}`);
    this.#tell(`-D ${service.name}`);
  }

  #add(service: VirtualServer, server: RealServer): void {
    if (server.inhibit && server.set) return this.#edit(service, server);
    server.set = true;
    this.#tell(lineOf('-a', service, server, real(server.weight)));
  }

  #remove(service: VirtualServer, server: RealServer): void {
    if (server.inhibit) return this.#edit(service, server, 0);
    server.set = false;
    this.#tell(`-d ${service.name} -r ${server.place}`);
  }

  /** One that is not there is added instead. */
  #edit(service: VirtualServer, server: RealServer, weight = real(server.weight)): void {
    if (this.#tell(lineOf('-e', service, server, weight))) return;
    this.#tell(lineOf('-a', service, server, weight));
  }

  #tell(line: string): boolean {
    return this.host.kernel.restore([line]).stderr === '';
  }

  async #hup(pid: number): Promise<RunResult> {
    if (pid !== PARENT || !this.#runs) return { ...DONE, exitCode: 1 };
    await this.reload();
    return DONE;
  }

  async #print(pid: number): Promise<RunResult> {
    if (pid !== this.#checker || this.isMute) return { ...DONE, exitCode: 1 };
    if (this.#watches === 'never') {
      this.crashes++;
      await this.killChecker();
      return { ...DONE, exitCode: 1 };
    }
    return { ...DONE, stdout: this.#services.map(dump).join('') };
  }
}

const DONE: RunResult = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
