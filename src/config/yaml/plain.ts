import { addressBits, familyOf } from '../../cluster/address.js';
import type { Check } from '../../cluster/check.js';
import type { Attachment, Cluster, Director, Failover, Host } from '../../cluster/cluster.js';
import {
  DEFAULT_CHECK_TIMES,
  DEFAULT_FAILOVER,
  DEFAULT_IPVS,
  DEFAULT_KEEPALIVED,
  DEFAULT_MON,
  DEFAULT_POLLING,
  DEFAULT_REAL_SERVERS,
  defaultCheckType,
} from '../../cluster/defaults.js';
import { formatDuration } from '../../cluster/duration.js';
import { defaultServiceName } from '../../cluster/naming.js';
import type { Persistence, Server, Service } from '../../cluster/service.js';

type Plain = Record<string, unknown>;

/** The cluster in the shape of the YAML form, without what is its default anyway. */
export function plainCluster(cluster: Cluster): Plain {
  const { realServers, notify, polling, ipvs, keepalived, mon } = cluster;
  const { content } = realServers;
  const { timeouts } = DEFAULT_IPVS;
  return said({
    version: 1,
    checker: cluster.checker,
    hosts: section(Object.fromEntries(cluster.hosts.map(host => [host.name, plainHost(host)]))),
    directors: cluster.directors.length === 0 ? undefined : cluster.directors.map(plainDirector),
    failover: section(plainFailover(cluster.failover)),
    gateway: cluster.gateway && plainAttachment(cluster.gateway),
    real_servers: section({
      interface: realServers.interface,
      vip_on: unless(realServers.vipOn, DEFAULT_REAL_SERVERS.vipOn),
      content: content && { from: content.from, to: content.to, schedule: content.schedule },
    }),
    notify: section({
      mail: notify.mail.length === 0 ? undefined : notify.mail,
      command: notify.command?.join(' '),
    }),
    polling: polling && {
      schedule: polling.schedule,
      ...said({
        port: unless(polling.port, DEFAULT_POLLING.port),
        timeout: time(polling.timeout, DEFAULT_POLLING.timeout),
      }),
      law: polling.law,
    },
    ipvs: section({
      table_bits: unless(ipvs.tableBits, DEFAULT_IPVS.tableBits),
      ftp_helper: unless(ipvs.ftpHelper, DEFAULT_IPVS.ftpHelper),
      timeouts: section({
        tcp: time(ipvs.timeouts.tcp, timeouts.tcp),
        tcp_fin: time(ipvs.timeouts.tcpFin, timeouts.tcpFin),
        udp: time(ipvs.timeouts.udp, timeouts.udp),
      }),
    }),
    keepalived: section({ config: unless(keepalived.config, DEFAULT_KEEPALIVED.config) }),
    mon: section({
      config: unless(mon.config, DEFAULT_MON.config),
      base: unless(mon.base, DEFAULT_MON.base),
      monitors: unless(mon.monitors, DEFAULT_MON.monitors),
      alerts: unless(mon.alerts, DEFAULT_MON.alerts),
    }),
    services: cluster.services.map(plainService),
  });
}

function plainHost({ address, address6, interface: device, cpus, agent }: Host): Plain {
  return said({ address, address6, interface: device, cpus, agent });
}

function plainDirector({ name, address, address6, interface: device, inner }: Director): Plain {
  return said({ name, address, address6, interface: device, inner: inner && plainAttachment(inner) });
}

function plainAttachment({ address, prefix, interface: device }: Attachment): Plain {
  return { address: `${address}/${prefix}`, interface: device };
}

function plainFailover(failover: Failover): Plain {
  const { heartbeat } = failover;
  const base = DEFAULT_FAILOVER.heartbeat;
  return {
    by: unless(failover.by, DEFAULT_FAILOVER.by),
    links: failover.links.length === 0 ? undefined : failover.links,
    preempt: unless(failover.preempt, DEFAULT_FAILOVER.preempt),
    preempt_delay: time(failover.preemptDelay, DEFAULT_FAILOVER.preemptDelay),
    sync_connections: unless(failover.syncConnections, failover.by !== 'none'),
    virtual_router_id: unless(failover.virtualRouterId, DEFAULT_FAILOVER.virtualRouterId),
    advert_interval: time(failover.advertInterval, DEFAULT_FAILOVER.advertInterval),
    unicast: unless(failover.unicast, DEFAULT_FAILOVER.unicast),
    heartbeat: section({
      keepalive: time(heartbeat.keepalive, base.keepalive),
      warntime: time(heartbeat.warntime, base.warntime),
      deadtime: time(heartbeat.deadtime, base.deadtime),
      initdead: time(heartbeat.initdead, base.initdead),
      udp_port: unless(heartbeat.udpPort, base.udpPort),
    }),
    key_file: unless(failover.keyFile, DEFAULT_FAILOVER.keyFile),
  };
}

function plainService(service: Service): Plain {
  const { virtual } = service;
  const servicePort = virtual.kind === 'address' ? virtual.port : 0;
  const family = virtual.kind === 'address' ? familyOf(virtual.address) : virtual.family;
  return said({
    name: unless(service.name, defaultServiceName(virtual)),
    ...(virtual.kind === 'address'
      ? { address: virtual.address, port: virtual.port, protocol: unless(virtual.protocol, 'tcp') }
      : {
          fwmark: virtual.fwmark,
          family: unless(virtual.family, familyOf(virtual.match[0]!.address)),
          match: virtual.match.map(({ address, port, protocol }) =>
            said({ address, port, protocol: unless(protocol, 'tcp') }),
          ),
        }),
    interface: service.interface,
    forwarding: unless(service.forwarding, 'direct'),
    scheduler: service.scheduler,
    flags: service.flags.length === 0 ? undefined : service.flags,
    persistence: service.persistence && plainPersistence(service.persistence, addressBits(family)),
    one_packet: unless(service.onePacket, false),
    check: section(plainCheck(service.check, defaultCheckType(virtual))),
    on_failure: unless(service.onFailure, 'remove'),
    minimum_servers: service.minimumServers,
    fallback:
      service.fallback &&
      said({ address: service.fallback.address, port: unless(service.fallback.port, servicePort) }),
    slow_start: service.slowStart === undefined ? undefined : formatDuration(service.slowStart),
    law: service.law,
    servers: service.servers.map(server => plainServer(server, service, servicePort)),
  });
}

function plainPersistence({ timeout, netmask, engine }: Persistence, bits: number): Plain | string {
  const rest = said({ netmask: unless(netmask, bits), engine });
  const text = formatDuration(timeout);
  return Object.keys(rest).length === 0 ? text : { timeout: text, ...rest };
}

function plainCheck(check: Check, usual: Check['type']): Plain {
  const web = check.type === 'http' || check.type === 'https';
  return {
    type: unless(check.type, usual),
    port: check.port,
    interval: time(check.interval, DEFAULT_CHECK_TIMES.interval),
    timeout: time(check.timeout, DEFAULT_CHECK_TIMES.timeout),
    retries: unless(check.retries, DEFAULT_CHECK_TIMES.retries),
    path: web ? unless(check.path, '/') : undefined,
    host: check.host,
    expect: check.expect,
    status: check.status?.length === 1 ? check.status[0] : check.status,
    command: check.command?.join(' '),
  };
}

function plainServer(server: Server, service: Service, servicePort: number): Plain | string {
  const { tunnel } = server;
  const name = server.host === undefined ? { address: server.address } : { host: server.host };
  const rest = said({
    port: unless(server.port, servicePort),
    weight: unless(server.weight, 1),
    forwarding: unless(server.forwarding, service.forwarding),
    tunnel:
      tunnel &&
      section({
        type: unless(tunnel.type, 'ipip'),
        port: tunnel.port,
        checksum: unless(tunnel.checksum, false),
      }),
    upper: unless(server.upper, 0),
    lower: unless(server.lower, 0),
  });
  return Object.keys(rest).length === 0 ? (server.host ?? server.address) : { ...name, ...rest };
}

function unless<T>(value: T, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

function time(value: number, usual: number): string | undefined {
  return value === usual ? undefined : formatDuration(value);
}

function said(map: Plain): Plain {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

/** A map that is left out where it says nothing. */
function section(map: Plain): Plain | undefined {
  const kept = said(map);
  return Object.keys(kept).length === 0 ? undefined : kept;
}
