/** A stream of numbers that a seed decides wholly: mulberry32, by Tommy Ettinger, of the public domain. */
export class Random {
  constructor(private state: number) {}

  /** From 0 to less than 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Of an exponential distribution. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Of a bounded Pareto distribution with this mean: most are small, a few are up to a thousand times the least. */
  heavy(mean: number, shape = 1.5, span = 1000): number {
    const least = mean / boundedMean(shape, span);
    return least / (1 - this.next() * (1 - span ** -shape)) ** (1 / shape);
  }
}

/** Of a bounded Pareto distribution whose least value is 1. */
function boundedMean(shape: number, span: number): number {
  return (shape / (shape - 1)) * ((1 - span ** (1 - shape)) / (1 - span ** -shape));
}
