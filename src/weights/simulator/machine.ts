import { Heap } from './heap.js';

export interface Power {
  /** Work that one processor does in a millisecond, in milliseconds of a processor of speed 1. */
  readonly speed: number;
  readonly cpus: number;
  /** Where the processors are not what limits it (disks are, say): what of them a millisecond of work takes. */
  readonly processorTime?: number;
}

/** A real server: its processors are shared evenly by all that runs there. Times are milliseconds. */
export class Machine {
  /** By how much of the work that each job gets, all together, it is done. */
  private readonly jobs = new Heap<number>();
  private given = 0;
  private last = 0;
  private load = 0;
  private sampled = 0;
  /** Milliseconds of all that limits it: the processors, or what stands for them. */
  busy = 0;
  /** The same of the processors. */
  processorsBusy = 0;
  /** Of 1: what others take of it, before all of its own work. */
  taken = 0;

  constructor(
    public power: Power,
    /** More wait nowhere: they are lost. */
    private readonly room: number,
  ) {}

  get running(): number {
    return this.jobs.size;
  }

  /** As uptime(1) has it for the last minute. */
  get load1(): number {
    return this.load;
  }

  /** When the next job is done, if none comes. */
  get next(): number {
    if (this.jobs.size === 0) return Infinity;
    return this.last + (this.jobs.rank - this.given) / this.rate;
  }

  /** What each job gets in a millisecond. */
  private get rate(): number {
    return this.power.speed * (1 - this.taken) * Math.min(1, this.power.cpus / this.jobs.size);
  }

  /** Lets the time pass. The kernel looks at what runs every five seconds (kernel/sched/loadavg.c). */
  advance(now: number): void {
    while (this.sampled + 5000 <= now) {
      this.sampled += 5000;
      const share = Math.exp(-5 / 60);
      this.load = this.load * share + this.jobs.size * (1 - share);
    }
    const passed = now - this.last;
    if (passed <= 0) return;
    const { cpus, processorTime } = this.power;
    const ours = Math.min(this.jobs.size, cpus) * (1 - this.taken);
    const busy = (ours + cpus * this.taken) * passed;
    const done = this.jobs.size > 0 ? this.rate * passed : 0;
    this.given += done;
    this.busy += busy;
    this.processorsBusy += processorTime === undefined ? busy : done * this.jobs.size * processorTime;
    this.last = now;
  }

  /** Whether it took the job. */
  take(now: number, work: number, job: number): boolean {
    this.advance(now);
    if (this.jobs.size >= this.room) return false;
    this.jobs.push(this.given + work, job);
    return true;
  }

  /** The job that is done now. */
  finish(now: number): number {
    this.advance(now);
    return this.jobs.pop()!;
  }

  change(now: number, power: Power): void {
    this.advance(now);
    this.power = power;
  }
}
