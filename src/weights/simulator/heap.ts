/** The least first. */
export class Heap<T> {
  private readonly items: { readonly rank: number; readonly value: T }[] = [];

  get size(): number {
    return this.items.length;
  }

  /** Of the first; infinite where there is none. */
  get rank(): number {
    return this.items[0]?.rank ?? Infinity;
  }

  push(rank: number, value: T): void {
    const { items } = this;
    let at = items.length;
    const item = { rank, value };
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (items[above]!.rank <= rank) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const { items } = this;
    const [first] = items;
    const last = items.pop();
    if (!first || !last || items.length === 0) return first?.value;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && items[below + 1]!.rank < items[below]!.rank) below++;
      if (items[below]!.rank >= last.rank) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
    return first.value;
  }
}
