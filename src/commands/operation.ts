import type { Cluster } from '../cluster/cluster.js';
import { findEverywhere, findServers, findService, type Placed } from '../cluster/find.js';
import { readLive } from '../director/kernel.js';
import { refuseOverLoss } from '../director/loss.js';
import { operable, operate, type Operation, operationFor, type Request } from '../director/operate.js';
import { refuseOnStandby } from '../director/role.js';
import { readChecked } from '../director/keepalived/held.js';
import { currentGeneration } from '../state/generations.js';
import { type Moment, momentNow } from '../state/moment.js';
import type { Wish } from '../state/operator.js';
import { jsonText } from '../view/json.js';
import { planText } from '../view/plan.js';
import { reasonOf } from './apply.js';
import type { Context, Options } from './context.js';
import { EXIT, Failure } from './exit.js';
import { found } from './found.js';
import { operationJson, operationText, operationWarnings } from './operation-report.js';
import { enter, visitor, waker } from './visit.js';

/** Who asks, and why. @throws Failure (64) */
export function wishOf(context: Context, options: Options): Wish {
  const reason = reasonOf(options);
  return { author: context.user, ...(reason === undefined ? {} : { reason }) };
}

/**
 * The servers that `SERVICE SERVER` or `--all SERVER` mean.
 *
 * @throws Failure (64) where they are not both there, or too many
 */
export function serversNamed(
  [service, server]: readonly string[],
  options: Options,
): (cluster: Cluster) => readonly Placed[] {
  const all = options['all'];
  if (typeof all === 'string') {
    if (service === undefined) return cluster => found(findEverywhere(cluster, all));
    throw new Failure(EXIT.usage, '--all SERVER stands alone: it means the server in every service');
  }
  if (service === undefined || server === undefined)
    throw new Failure(EXIT.usage, 'name SERVICE and SERVER, or a server in every service with --all SERVER');
  return cluster => {
    const its = found(findService(cluster, service));
    return found(findServers(cluster, its, server)).map(one => ({ service: its, server: one }));
  };
}

/**
 * Does what an operator asks, or says what that would do, and shows what has come of it.
 *
 * @throws Failure, StateFailure, KernelFailure
 */
export async function runOperation(
  context: Context,
  options: Options,
  request: Request,
  now: Moment,
): Promise<Operation> {
  const { ports } = context;
  const json = options['output'] === 'json';
  const whom = visitor(context, request.ask.verb);
  const { cluster } = operable(await currentGeneration(ports.files));
  await refuseOnStandby(cluster, ports, options['local'] === true);
  const show = (operation: Operation): void => {
    if (!json && operation.plan.steps.length > 0)
      context.out(planText({ plan: operation.plan, settings: [], owner: 'lvsctl' }, false, context.outStyle));
  };
  const dry = options['dryRun'] === true;
  const operation = dry
    ? await rehearse(context, request, whom.warn)
    : await enter(context, whom, door => operate(door, request, waker(context), show));
  if (dry) show(operation);
  context.out(json ? jsonText(operationJson(operation, !dry, now)) : operationText(operation, now, dry));
  for (const text of operationWarnings(operation, now)) whom.warn(text);
  return operation;
}

/** What would be done now. Takes no lock and settles nothing. */
async function rehearse(
  { ports }: Context,
  request: Request,
  warn: (text: string) => void,
): Promise<Operation> {
  const stamp = { host: ports.net.hostName(), now: await momentNow(ports.files, ports.clock) };
  await refuseOverLoss(ports.files, stamp.now);
  const running = await readChecked(ports, stamp.now, warn);
  return operationFor(request, running, await readLive(ports), stamp);
}
