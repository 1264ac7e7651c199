import { Heap } from './heap.js';

export interface Power {
  /** Work that one processor does in a millisecond, in milliseconds of a processor of speed 1. */
  readonly speed: number;
  readonly cpus: number;
}

/** A real server: its processors are shared evenly by all that runs there. Times are milliseconds. */
export class Machine {
  /** By how much of the work that each job gets, all together, it is done. */
  private readonly jobs = new Heap<number>();
  private given = 0;
  private last = 0;
  private load = 0;
  private sampled = 0;
  /** Milliseconds of all processors. */
  busy = 0;
  /** What runs there besides, for ever, and is not ours. */
  strangers = 0;

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
    const all = this.jobs.size + this.strangers;
    return this.power.speed * Math.min(1, this.power.cpus / all);
  }

  /** Lets the time pass. The kernel looks at what runs every five seconds (kernel/sched/loadavg.c). */
  advance(now: number): void {
    while (this.sampled + 5000 <= now) {
      this.sampled += 5000;
      const share = Math.exp(-5 / 60);
      this.load = this.load * share + (this.jobs.size + this.strangers) * (1 - share);
    }
    const passed = now - this.last;
    if (passed <= 0) return;
    if (this.jobs.size > 0) this.given += this.rate * passed;
    this.busy += Math.min(this.jobs.size + this.strangers, this.power.cpus) * passed;
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
