import type { Path } from '../located.js';

/** One change of a description's plain data, which has the shape of the YAML form whatever the form is. */
export interface Edit {
  /** `['services', 0, 'scheduler']`; a list's length as the last step appends to it. */
  readonly at: Path;
  /** What is to stand there; absent: nothing, and the elements behind it in a list move up. */
  readonly put?: unknown;
}

/** The data after the edit. What is not on its way is the same value as before. */
export function editPlain(raw: unknown, { at: [step, ...rest], put }: Edit): unknown {
  if (step === undefined) return put;
  if (Array.isArray(raw)) {
    const list = raw as readonly unknown[];
    const index = Number(step);
    const gone = rest.length === 0 && put === undefined;
    return list.toSpliced(index, 1, ...(gone ? [] : [editPlain(list[index], { at: rest, put })]));
  }
  const key = String(step);
  const { [key]: old, ...others } = raw as Record<string, unknown>;
  if (rest.length === 0 && put === undefined) return others;
  // In its old place: what is shown of the data has an order.
  return { ...(raw as object), [key]: editPlain(old, { at: rest, put }) };
}
