import { endpoint } from '../cluster/address.js';
import { serviceKey } from '../cluster/naming.js';
import {
  type AttributeChange,
  type Attributes,
  attributeChanges,
  serverAttributes,
  serviceAttributes,
  timeoutAttributes,
} from './attributes.js';
import { type Change, difference } from './diff.js';
import { serverLine, serverRemoval, serviceLine, serviceRemoval, timeoutsLine } from './format.js';
import { serverPlace } from './identity.js';
import type { Activity, Connections, Table, TableService } from './table.js';

/** One line of a plan. */
export interface Step {
  readonly change: Change;
  /** The line for `ipvsadm -R`. */
  readonly line: string;
  /** As `serviceKey` has it; absent for the timeouts, which are everyone's. */
  readonly service?: string;
  readonly server?: string;
  /** What is added or goes. */
  readonly attributes: Attributes;
  /** What is edited. */
  readonly differences: readonly AttributeChange[];
  /** What a removal cuts. */
  readonly cuts?: Connections;
  /** Another scheduler: the kernel has none for a moment, and refuses new connections meanwhile. */
  readonly gap: boolean;
}

export interface Plan {
  /** In the order in which they are made: what is added, what is edited, what goes. */
  readonly steps: readonly Step[];
  /** What is in the table and nobody's business, by `serviceKey`. */
  readonly foreign: readonly string[];
}

const NOTHING: Attributes = new Map();
const NONE: Connections = { active: 0, inactive: 0 };

/**
 * What would be done to the live table to have the wanted one: data for people, programs and the writer alike. Of a
 * table and itself the plan is empty.
 *
 * @param options.activity the connections of today, to count those that are cut
 * @param options.owned by `serviceKey`: whether a service that is not wanted is ours to remove
 */
export function planTable(
  live: Table,
  wanted: Table,
  options: { readonly activity?: Activity; readonly owned?: (key: string) => boolean } = {},
): Plan {
  const { changes, foreign } = difference(live, wanted, options.owned);
  const activity = options.activity ?? new Map<string, Connections>();
  return {
    steps: changes.map(change => step(change, activity)),
    foreign: foreign.map(({ key }) => serviceKey(key)),
  };
}

function step(change: Change, activity: Activity): Step {
  const { line, differences = [], attributes = NOTHING, ...rest } = told(change, activity);
  return { change, line, differences, attributes, gap: false, ...rest };
}

type Told = Pick<Step, 'line'> & Partial<Omit<Step, 'line' | 'change'>>;

function told(change: Change, activity: Activity): Told {
  switch (change.kind) {
    case 'add-service': {
      const { service } = change;
      const attributes = serviceAttributes(service);
      return { line: serviceLine('-A', service), service: serviceKey(service.key), attributes };
    }
    case 'edit-service': {
      const { before, after } = change;
      return {
        line: serviceLine('-E', after),
        service: serviceKey(after.key),
        differences: attributeChanges(serviceAttributes(before), serviceAttributes(after)),
        gap: before.scheduler !== after.scheduler,
      };
    }
    case 'remove-service': {
      const { service } = change;
      return {
        line: serviceRemoval(service.key),
        service: serviceKey(service.key),
        attributes: serviceAttributes(service),
        cuts: cutWith(service, activity),
      };
    }
    case 'set-timeouts': {
      const { before, after } = change;
      const differences = attributeChanges(timeoutAttributes(before), timeoutAttributes(after));
      return { line: timeoutsLine({ timeouts: after }), differences };
    }
    case 'edit-server': {
      const { key, before, after } = change;
      const differences = attributeChanges(serverAttributes(before), serverAttributes(after));
      return { line: serverLine('-e', key, after), ...named(change.key, after), differences };
    }
    case 'add-server':
    case 'remove-server': {
      const { key, server, kind } = change;
      const attributes = serverAttributes(server);
      if (kind === 'add-server')
        return { line: serverLine('-a', key, server), ...named(key, server), attributes };
      const cuts = activity.get(serverPlace(key, server)) ?? NONE;
      return { line: serverRemoval(key, server), ...named(key, server), attributes, cuts };
    }
  }
}

function named(
  key: TableService['key'],
  { address, port }: { readonly address: string; readonly port: number },
): { service: string; server: string } {
  return { service: serviceKey(key), server: endpoint(address, port) };
}

function cutWith({ key, servers }: TableService, activity: Activity): Connections {
  const all = servers.map(server => activity.get(serverPlace(key, server)) ?? NONE);
  return {
    active: all.reduce((sum, one) => sum + one.active, 0),
    inactive: all.reduce((sum, one) => sum + one.inactive, 0),
  };
}
