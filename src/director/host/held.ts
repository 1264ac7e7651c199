import * as z from 'zod';
import { canonicalAddress } from '../../cluster/address.js';
import type { Runner } from '../../system/ports.js';
import { KernelFailure, missing } from '../failure.js';

/** An address that an interface has, with all that decides who uses it. */
export interface HeldAddress {
  readonly address: string;
  readonly prefix: number;
  readonly interface: string;
  /** `global`, `link`, `host`, … */
  readonly scope: string;
  /** No source address of anything. */
  readonly deprecated: boolean;
  /** The kernel has found a duplicate, and does not use it. */
  readonly failed: boolean;
}

/** ip(8) `-j addr show`. Interfaces without addresses, and fields of no interest, are left out. */
const listing = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z
      .array(
        z.object({
          local: z.string().optional(),
          prefixlen: z.number().optional(),
          scope: z.string().optional(),
          deprecated: z.boolean().optional(),
          dadfailed: z.boolean().optional(),
          preferred_life_time: z.number().optional(),
        }),
      )
      .optional(),
  }),
);

/** @throws KernelFailure where ip(8) does not tell them */
export async function readAddresses(runner: Runner): Promise<HeldAddress[]> {
  const result = await runner.run('ip', ['-j', 'addr', 'show']);
  if (result.missing) throw missing('ip');
  const found = result.exitCode === 0 ? parsed(result.stdout) : undefined;
  if (!found) throw new KernelFailure('not-understood', 'ip -j addr show does not tell the addresses');
  return found;
}

function parsed(text: string): HeldAddress[] | undefined {
  try {
    return listing.parse(JSON.parse(text)).flatMap(({ ifname, addr_info: all = [] }) =>
      all.flatMap(one => {
        const address = one.local === undefined ? undefined : canonicalAddress(one.local);
        if (ifname === undefined || address === undefined || one.prefixlen === undefined) return [];
        return [
          {
            address,
            prefix: one.prefixlen,
            interface: ifname,
            scope: one.scope ?? 'global',
            deprecated: one.deprecated === true || one.preferred_life_time === 0,
            failed: one.dadfailed === true,
          },
        ];
      }),
    );
  } catch {
    return undefined;
  }
}
