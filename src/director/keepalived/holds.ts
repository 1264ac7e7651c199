import type { Overlay } from '../../table/overlay.js';

/** With these servers, by `place`, held down. */
export function withHolds(overlay: Overlay, held: ReadonlySet<string>): Overlay {
  if (held.size === 0) return overlay;
  const all = new Map(overlay);
  for (const at of held) all.set(at, { ...all.get(at), held: true });
  return all;
}

/** As if all were alive that keepalived asks. */
export function withoutHolds(overlay: Overlay): Overlay {
  return new Map([...overlay].map(([at, { held: _held, ...remark }]) => [at, remark] as const));
}
