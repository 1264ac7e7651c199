import type { Cluster } from '../../cluster/cluster.js';
import { findService } from '../../cluster/find.js';
import { lawOf, unmovedOf } from '../../cluster/law.js';
import { serviceKey } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { operable } from '../../director/operate.js';
import { machineFinder, machinesOf } from '../../director/poll/agents.js';
import { nextRun } from '../../director/poll/next-run.js';
import { type Survey, survey } from '../../director/survey.js';
import { type Kept, readKept } from '../../state/estimator.js';
import { elapsed, shownSince } from '../../state/moment.js';
import type { ServerStatus } from '../../table/status.js';
import { jsonText } from '../../view/json.js';
import {
  type ExplainedServer,
  type ExplainedService,
  type Known,
  type WeightsHead,
  weightsJson,
  weightsText,
} from '../../view/weights.js';
import { CONSTANTS } from '../../weights/constants.js';
import { capacityOf, type Estimate } from '../../weights/estimator.js';
import { balanceOf, type Weighed } from '../../weights/poll.js';
import type { Run } from '../context.js';
import { EXIT } from '../exit.js';
import { found as meant } from '../found.js';
import { roleText } from '../status/head.js';
import { visitor } from '../visit.js';

/** Polls nothing and waits for no lock: the last poll has left what it came to. */
export const run: Run = async (context, [name], options) => {
  const { ports, outStyle } = context;
  const { warn } = visitor(context, 'weights');
  const found = await survey(ports, warn, []);
  const { cluster } = operable(found.running.current);
  const services = name === undefined ? cluster.services : [meant(findService(cluster, name))];
  const { value: kept, damage } = await readKept(ports.files);
  if (damage) warn(`${damage.why}; it counts as empty`);
  const head = headOf(ports.net.hostName(), cluster, found, kept);
  const explained = explainer(cluster, found, kept);
  const all = services.map(explained);
  context.out(
    options['output'] === 'json'
      ? jsonText({ version: 1, ...weightsJson(head, all) })
      : weightsText(head, all, outStyle),
  );
  return EXIT.done;
};

/** Milliseconds after which a poll that has not come is missed: cron(8) starts each minute, and a poll takes a while. */
const LATE = 150_000;

function headOf(
  host: string,
  { polling }: Cluster,
  { now, role }: Survey,
  kept: Kept | undefined,
): WeightsHead {
  const words = role && roleText(role);
  const polled = kept && {
    at: shownSince(kept.polled, now),
    by: kept.host,
    age: elapsed(kept.polled, now),
  };
  const due = polling && polled && nextRun(polling.schedule, new Date(polled.at));
  const isLate = due !== undefined && Date.parse(now.at) - due.getTime() > LATE && role?.state !== 'standby';
  return {
    host,
    now: new Date(now.at),
    ...(words === undefined ? {} : { role: words }),
    ...(polling ? { schedule: polling.schedule } : {}),
    ...(polled ? { polled } : {}),
    ...(isLate ? { overdue: due.toISOString() } : {}),
  };
}

function explainer(
  cluster: Cluster,
  { now, table }: Survey,
  kept: Kept | undefined,
): (service: Service) => ExplainedService {
  const { polling } = cluster;
  const statuses = new Map(table.services.map(one => [one.key, one.servers]));
  const machineOf = machineFinder(cluster);
  const machines = new Map(polling ? machinesOf(cluster, polling).map(one => [one.name, one]) : []);
  const passed = kept ? elapsed(kept.polled, now) : 0;
  const isByAgent = (law: ExplainedService['law']): boolean => law !== 'latency' && law !== 'lowest-latency';

  return service => {
    const key = serviceKey(service.virtual);
    const unmoved = unmovedOf(service, polling);
    const law = polling && lawOf(service, polling);
    const weighed = new Map(kept?.weighed[key]?.map(one => [one.key, one]));
    const explain = (status: ServerStatus): ExplainedServer[] => {
      const { view } = status;
      if (!view) return [];
      const { server } = view;
      const own = unmoved === undefined ? weighed.get(view.key) : undefined;
      const machine = machineOf(server);
      const agent = isByAgent(law)
        ? wordOf(own, machines.get(machine)?.agent, kept?.silent[machine])
        : undefined;
      const estimate = kept?.control.hosts[machine]?.estimates[balanceOf(service.scheduler)];
      return [
        {
          status,
          configured: server.weight,
          ...(agent === undefined ? {} : { agent }),
          ...(own?.silent === undefined ? {} : { age: own.silent + passed }),
          ...(own && estimate && isByAgent(law) && law !== 'uptime' ? { estimate: knownOf(estimate) } : {}),
          ...(own ? { weighed: own } : {}),
        },
      ];
    };
    return {
      key,
      name: service.name,
      scheduler: service.scheduler,
      ...(law === undefined ? {} : { law }),
      ...(unmoved === undefined ? {} : { unmoved }),
      servers: (statuses.get(key) ?? []).flatMap(explain),
    };
  };
}

/** What its machine said at the last poll. */
function wordOf(
  weighed: Weighed | undefined,
  agent: unknown,
  problem: string | undefined,
): string | undefined {
  if (!agent) return 'none';
  if (problem !== undefined) return problem;
  return weighed && (weighed.silent === 0 ? 'ok' : 'not asked');
}

function knownOf(estimate: Estimate): Known {
  const capacity = capacityOf(estimate);
  return {
    ...(capacity === undefined ? {} : { capacity: capacity * 1000 }),
    completions: estimate.seen,
    polls: estimate.polls,
    enough: CONSTANTS.enough,
  };
}
