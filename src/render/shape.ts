/** What a template may name: the fields of its view-model, through lists and maps, without their values. */
export type Shape =
  | { readonly kind: 'value' }
  | { readonly kind: 'list'; readonly element: Shape }
  | { readonly kind: 'map'; readonly fields: ReadonlyMap<string, Shape> };

const VALUE: Shape = { kind: 'value' };

export function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return { kind: 'list', element: value.map(shapeOf).reduce(merge, VALUE) };
  if (typeof value !== 'object' || value === null) return VALUE;
  return { kind: 'map', fields: new Map(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)])) };
}

/** What either has: an absent value says nothing, so the other one decides. */
export function merge(a: Shape, b: Shape): Shape {
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', element: merge(a.element, b.element) };
  if (a.kind !== 'map' || b.kind !== 'map') return a.kind === 'value' ? b : a;
  const fields = new Map(a.fields);
  for (const [key, shape] of b.fields) fields.set(key, merge(fields.get(key) ?? VALUE, shape));
  return { kind: 'map', fields };
}
