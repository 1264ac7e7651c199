import { harmless } from '../diagnostic/quote.js';
import type { Step } from '../table/plan.js';
import { isDenied, KernelFailure } from './failure.js';

/**
 * Why the table is not as it should be after a batch.
 *
 * @param left the steps that still lead there; not empty
 * @param said what ipvsadm said, a line for each that was refused
 */
export function refusal(left: readonly Step[], said: readonly string[]): KernelFailure {
  const [first] = left as [Step, ...Step[]];
  const others = left.length === 1 ? '' : ` (and ${left.length - 1} more did not take)`;
  const [why] = said;
  if (why === undefined) {
    return new KernelFailure(
      'refused',
      `\`ipvsadm ${first.line}\` did not take${others}: someone else changes the table`,
      'find out who does, then try again',
    );
  }
  const message = `the kernel refused \`ipvsadm ${first.line}\`: ${harmless(why.slice(0, 200))}${others}`;
  const denied = isDenied(why);
  return new KernelFailure(denied ? 'not-permitted' : 'refused', message, helpFor(first, why));
}

function helpFor({ change }: Step, why: string): string | undefined {
  if (isDenied(why)) return 'try as root';
  if (/scheduler or persistence engine not found/i.test(why)) {
    const service =
      change.kind === 'add-service'
        ? change.service
        : change.kind === 'edit-service'
          ? change.after
          : undefined;
    if (!service) return undefined;
    const engine = service.persistence?.engine;
    const modules = [`ip_vs_${service.scheduler}`, ...(engine ? [`ip_vs_pe_${engine}`] : [])];
    return `this kernel lacks the module ${modules.join(' or ')}; choose another scheduler, or a kernel that has it`;
  }
  if (/famil|IPv6/i.test(why)) return 'another address family than the service has needs forwarding: tunnel';
  return undefined;
}
