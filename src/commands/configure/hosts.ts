import { canonicalAddress } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import {
  addressesOf,
  ANONYMOUS_DIRECTOR,
  type Machine,
  machineOf,
  REAL_SERVER_FOLDER,
} from '../../cluster/machines.js';
import { didYouMean, list, quote } from '../../diagnostic/quote.js';
import type { Net } from '../../system/ports.js';
import { EXIT, Failure } from '../exit.js';

/** What `--host` names, or what this very host is. @throws Failure (64) where it is no part of the cluster */
export function findMachine(cluster: Cluster, named: string | undefined, net: Net): Machine {
  if (named !== undefined) return namedMachine(cluster, named);
  const name = net.hostName();
  const addresses = net.addresses();
  const machine = machineOf(cluster, name, addresses);
  if (machine) return machine;
  const others = addresses.filter(address => address !== '127.0.0.1' && address !== '::1');
  throw new Failure(
    EXIT.usage,
    `this host is no part of the cluster: neither its name ${quote(name)} nor one of its addresses ` +
      `(${others.join(', ') || 'none'}) is a director's or a real server's`,
    'name the machine with --host, or render all of them with --out',
  );
}

function namedMachine(cluster: Cluster, named: string): Machine {
  if (named === REAL_SERVER_FOLDER) return { anonymousDirector: false, realServer: true };
  if (named === ANONYMOUS_DIRECTOR && cluster.directors.length === 0) {
    return { anonymousDirector: true, realServer: false };
  }
  const address = canonicalAddress(named);
  const known = [...cluster.directors, ...cluster.hosts].some(one => one.name === named);
  const machine =
    address !== undefined || known ? machineOf(cluster, named, address ? [address] : []) : undefined;
  if (machine && !machine.anonymousDirector) return machine;
  const names = new Set([...cluster.directors, ...cluster.hosts].map(one => one.name));
  for (const name of names) if (!machineOf(cluster, name, addressesOf(cluster, name))) names.delete(name);
  if (cluster.directors.length === 0) names.add(ANONYMOUS_DIRECTOR);
  names.add(REAL_SERVER_FOLDER);
  const similar = didYouMean(named, [...names]);
  throw new Failure(
    EXIT.usage,
    `${quote(named)} is no machine of this cluster`,
    similar ? `did you mean ${quote(similar)}?` : `known: ${list([...names])}, or the address of a server`,
  );
}
