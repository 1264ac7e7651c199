import * as z from 'zod';
import type { Runner } from '../../system/ports.js';
import { NotKnown, output } from '../ask.js';

const listing = z.array(z.object({ mtu: z.number() }));

/** The MTU of an interface, by ip(8). @throws NotKnown, KernelFailure */
export async function linkMtu(runner: Runner, device: string): Promise<number> {
  const text = await output(runner, 'ip', '-j', 'link', 'show', 'dev', device);
  try {
    return listing.parse(JSON.parse(text))[0]!.mtu;
  } catch {
    throw new NotKnown(`ip -j link show does not tell the MTU of ${device}`);
  }
}
