import * as z from 'zod';
import { canonicalAddress } from '../../cluster/address.js';
import type { Family } from '../../cluster/service.js';
import { missing } from '../../director/failure.js';
import type { Runner } from '../../system/ports.js';
import { NotKnown, output } from '../ask.js';

/** How the kernel would send to an address. */
export interface Way {
  readonly to: string;
  readonly interface: string;
  /** The router; undefined where it is a neighbour. */
  readonly via: string | undefined;
  /** The address that the kernel would give itself. */
  readonly source: string | undefined;
  /** The MTU that the route was given, and has not learnt. */
  readonly mtu: number | undefined;
}

/** ip(8) `-j route`. */
const listing = z.array(
  z.object({
    dev: z.string().optional(),
    gateway: z.string().optional(),
    prefsrc: z.string().optional(),
    metric: z.number().optional(),
    metrics: z.array(z.object({ mtu: z.number().optional() })).optional(),
    expires: z.number().optional(),
  }),
);

type Listed = z.infer<typeof listing>;

/** Undefined where no route leads there. @throws NotKnown, KernelFailure */
export async function wayTo(runner: Runner, address: string): Promise<Way | undefined> {
  const { exitCode, stdout, missing: isMissing } = await runner.run('ip', ['-j', 'route', 'get', address]);
  if (isMissing) throw missing('ip');
  if (exitCode !== 0) return undefined;
  const [first] = parsed(stdout);
  if (first?.dev === undefined) return undefined;
  return {
    to: address,
    interface: first.dev,
    via: canonical(first.gateway),
    source: canonical(first.prefsrc),
    mtu: first.expires === undefined ? first.metrics?.find(one => one.mtu !== undefined)?.mtu : undefined,
  };
}

/** The default routes of a family, the one in use first; a router's address, or undefined where it is a device alone. */
export async function defaultRoutes(
  runner: Runner,
  family: Family,
): Promise<{ readonly via: string | undefined; readonly interface: string | undefined }[]> {
  const text = await output(runner, 'ip', '-j', family === 'ipv4' ? '-4' : '-6', 'route', 'show', 'default');
  return parsed(text)
    .toSorted((one, other) => (one.metric ?? 0) - (other.metric ?? 0))
    .map(({ dev, gateway }) => ({ via: canonical(gateway), interface: dev }));
}

function parsed(text: string): Listed {
  try {
    return listing.parse(JSON.parse(text.trim() === '' ? '[]' : text));
  } catch {
    throw new NotKnown('ip -j route does not tell the routes');
  }
}

function canonical(address: string | undefined): string | undefined {
  return address === undefined ? undefined : canonicalAddress(address);
}
