import { didYouMean, list, quote } from '../diagnostic/quote.js';
import { bracketed, canonicalAddress, endpoint } from './address.js';
import type { Cluster } from './cluster.js';
import { addressesOf } from './machines.js';
import { kernelPort, readableEndpoint, serviceKey } from './naming.js';
import type { Server, Service } from './service.js';

/** What a word of the command line means, or why it means nothing. */
export type Found<T> =
  | { readonly found: T; readonly problem?: undefined }
  | { readonly found?: undefined; readonly problem: string; readonly help: string };

/** A server where it serves. */
export interface Placed {
  readonly service: Service;
  readonly server: Server;
}

/**
 * A service by its name, or by what the kernel knows it by: `192.0.2.1:80/tcp`, `[2001:db8::1]:80/tcp`, `fwmark:7`,
 * `fwmark:7/ipv6`. The protocol may be left out, as may port and protocol, where only one service is meant then.
 */
export function findService({ services }: Pick<Cluster, 'services'>, text: string): Found<Service> {
  const named = services.find(one => one.name === text);
  if (named) return { found: named };
  const wanted = canonicalVirtual(text);
  const meant = services.filter(one => namesOf(one).includes(wanted));
  const [first, ...others] = meant;
  if (first && others.length === 0) return { found: first };
  if (first) return ambiguous(text, 'services', meant.map(serviceTitle));
  return unknown(
    `there is no service ${quote(text)}`,
    text,
    services.flatMap(one => [one.name, serviceKey(one.virtual)]),
    services.map(serviceTitle),
  );
}

/**
 * The servers of a service at an address or of a name of `hosts`, with a port or without: one address may serve at
 * several ports, one host with an address of each family. Never empty.
 */
export function findServers(cluster: Cluster, service: Service, text: string): Found<readonly Server[]> {
  const found = service.servers.filter(serversAt(cluster, service, text));
  if (found.length > 0) return { found };
  return unknown(
    `service ${service.name} has no server ${quote(text)}`,
    text,
    service.servers.flatMap(one => [...hostNames(cluster, one), one.address]),
    service.servers.map(one => serverTitle(service, one)),
  );
}

/** As `findServers`, where only one may be meant. */
export function findServer(cluster: Cluster, service: Service, text: string): Found<Server> {
  const all = findServers(cluster, service, text);
  if (all.problem !== undefined) return all;
  const [only, ...others] = all.found;
  if (only && others.length === 0) return { found: only };
  return ambiguous(
    text,
    `servers of ${service.name}`,
    all.found.map(one => serverTitle(service, one)),
  );
}

/** The servers of this address or name in all services, in the description's order. Never empty. */
export function findEverywhere(cluster: Cluster, text: string): Found<readonly Placed[]> {
  const found = cluster.services.flatMap(service =>
    service.servers.filter(serversAt(cluster, service, text)).map(server => ({ service, server })),
  );
  if (found.length > 0) return { found };
  const servers = cluster.services.flatMap(one => one.servers);
  const known = [...new Set(servers.map(one => one.host ?? one.address))];
  return unknown(
    `no service has a server ${quote(text)}`,
    text,
    servers.flatMap(one => [...hostNames(cluster, one), one.address]),
    known,
  );
}

/** How messages call a server: `web1 (192.0.2.11:80)`, or its address and port alone. */
export function serverTitle(service: Service, server: Server): string {
  const at = readableEndpoint(server.address, kernelPort(service, server));
  return server.host === undefined ? at : `${server.host} (${at})`;
}

/** How messages call a service: its name, with its VIP where the name does not say it. */
export function serviceTitle({ name, virtual }: Service): string {
  const key = serviceKey(virtual);
  return namesOf({ virtual }).includes(name) ? name : `${name} (${key})`;
}

/** All that the kernel's identity of a service may be called, the shorter ones shared with others. */
function namesOf({ virtual }: Pick<Service, 'virtual'>): string[] {
  const key = serviceKey(virtual);
  if (virtual.kind === 'fwmark') return [key, `fwmark:${virtual.fwmark}`];
  return [key, endpoint(virtual.address, virtual.port), bracketed(virtual.address)];
}

/** The name of a service with its IPv6 as the model writes it, in brackets; what has no address in it stays. */
export function canonicalVirtual(text: string): string {
  const [, six, four, rest = ''] = /^(?:\[([^\]]+)\]|([0-9.]+))((?::\d+(?:\/[a-z]+)?)?)$/.exec(text) ?? [];
  const address = canonicalAddress(six ?? four ?? text);
  return address === undefined ? text : bracketed(address) + rest;
}

function serversAt(cluster: Cluster, service: Service, text: string): (server: Server) => boolean {
  const [, six, other, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const name = six ?? other ?? text;
  const address = canonicalAddress(name);
  const port = digits === undefined ? undefined : Number(digits);
  const ofName = address === undefined ? new Set(addressesOf(cluster, name)) : new Set([address]);
  return server =>
    (ofName.has(server.address) || (address === undefined && server.host === name)) &&
    (port === undefined || port === server.port || port === kernelPort(service, server));
}

/** The names of the machine that has the server's address. */
function hostNames({ hosts, directors }: Cluster, { host, address }: Server): string[] {
  if (host !== undefined) return [host];
  return [...hosts, ...directors]
    .filter(one => one.address === address || one.address6 === address)
    .map(one => one.name);
}

/** In so many words at most a message says what there is. */
const MOST = 12;

function unknown(
  problem: string,
  text: string,
  vocabulary: readonly string[],
  known: readonly string[],
): { readonly problem: string; readonly help: string } {
  const similar = didYouMean(text, vocabulary);
  const guess = similar === undefined ? '' : `did you mean ${quote(similar)}? `;
  return { problem, help: `${guess}there ${known.length === 1 ? 'is' : 'are'} ${listed(known)}` };
}

function ambiguous(
  text: string,
  what: string,
  meant: readonly string[],
): { readonly problem: string; readonly help: string } {
  return {
    problem: `${quote(text)} may be ${meant.length} ${what}`,
    help: `name one of them: ${listed(meant)}`,
  };
}

function listed(words: readonly string[]): string {
  if (words.length === 0) return 'none';
  return words.length <= MOST
    ? list(words, 'and')
    : `${words.slice(0, MOST).join(', ')} and ${words.length - MOST} more`;
}
