import type { Server, Service } from './service.js';

/** The fallback as the server that it becomes when no other is left. It is unchecked, and its weight is 1. */
export function fallbackServer({ fallback, forwarding }: Service): Server | undefined {
  if (!fallback) return undefined;
  const tunnel = forwarding === 'tunnel' ? { tunnel: { type: 'ipip' as const, checksum: false } } : {};
  return { ...fallback, weight: 1, forwarding, ...tunnel, upper: 0, lower: 0 };
}

/** Everyone to whom the director may forward a service's packets. */
export function receivers(service: Service): readonly Server[] {
  const fallback = fallbackServer(service);
  return fallback ? [...service.servers, fallback] : service.servers;
}
