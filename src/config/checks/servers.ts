import { familyOf } from '../../cluster/address.js';
import { entrances, serverKey } from '../../cluster/naming.js';
import type { Family, Service } from '../../cluster/service.js';
import { quote } from '../../diagnostic/quote.js';
import { SCHEDULERS } from '../../cluster/scheduler.js';
import type { Subject } from './subject.js';

/** What concerns the servers of one service. */
export function checkServers(service: Service, subject: Subject): void {
  checkAddresses(service, subject);
  checkPorts(service, subject);
  checkWeights(service, subject);
}

export function serviceFamily(service: Service): Family {
  return service.virtual.kind === 'fwmark' ? service.virtual.family : familyOf(service.virtual.address);
}

function checkAddresses(service: Service, subject: Subject): void {
  const vips = new Set(entrances(service).map(one => one.address));
  const family = serviceFamily(service);
  const gateway = subject.cluster.gateway?.address;
  const seen = new Set<string>();
  for (const server of service.servers) {
    const key = serverKey(server);
    const path = subject.at(server);
    if (seen.has(key) && subject.soundServer(server, 'port')) {
      subject.add('duplicate-server', path, {
        message: `${quote(service.name)} has the server ${key} twice`,
      });
    }
    seen.add(key);
    if (vips.has(server.address)) {
      const message = `the server ${server.address} is the VIP itself`;
      subject.add('server-is-vip', path, { message, help: "write the real server's own address (RIP)" });
    }
    if (server.address === gateway) {
      const message = `the server ${server.address} has the gateway address, which moves between the directors`;
      subject.add('server-is-gateway', path, { message });
    }
    if (
      familyOf(server.address) !== family &&
      server.forwarding !== 'tunnel' &&
      subject.soundServer(server, 'forwarding')
    ) {
      const message = `${server.address} and the VIP are of two address families`;
      subject.add('mixed-families', path, { message, help: 'only forwarding: tunnel can join families' });
    }
  }
  const { fallback } = service;
  if (fallback && vips.has(fallback.address)) {
    const message = `the fallback ${fallback.address} is the VIP itself`;
    subject.add('server-is-vip', subject.at(service, 'fallback', 'address'), { message });
  }
  if (fallback && seen.has(serverKey(fallback)) && subject.sound(service, 'fallback')) {
    const message = `the fallback ${serverKey(fallback)} is one of the servers: it dies with them`;
    subject.add('duplicate-server', subject.at(service, 'fallback', 'address'), { message });
  }
  if (!fallback || !subject.sound(service, 'forwarding')) return;
  if (familyOf(fallback.address) !== family && service.forwarding !== 'tunnel') {
    const message = `the fallback ${fallback.address} and the VIP are of two address families`;
    subject.add('mixed-families', subject.at(service, 'fallback', 'address'), { message });
  }
}

/** Under direct routing and tunnel the packet's port stays; the kernel takes the service's, whatever was asked. */
function checkPorts(service: Service, subject: Subject): void {
  const port = service.virtual.kind === 'fwmark' ? 0 : service.virtual.port;
  const stays = port === 0 ? 'the port that the client asked for' : `port ${port}`;
  if (!subject.sound(service, 'port')) return;
  for (const server of service.servers) {
    if (server.forwarding === 'nat' && server.port === 0 && port !== 0) {
      const message = `port 0 is no port of a server: the service has port ${port}`;
      subject.add('bad-port', subject.at(server, 'port'), {
        message,
        help: 'leave port out, or write a number',
      });
    }
    if (server.port === port || server.forwarding === 'nat') continue;
    if (!subject.soundServer(server, 'forwarding')) continue;
    subject.add('port-mismatch', subject.at(server, 'port'), {
      message: `port ${server.port} cannot be reached with forwarding ${server.forwarding}: packets arrive at ${stays}`,
      help: 'leave port out, or use forwarding: nat',
    });
  }
  const { fallback } = service;
  if (!fallback || !subject.sound(service, 'forwarding')) return;
  if (service.forwarding === 'nat' && fallback.port === 0 && port !== 0) {
    const message = `port 0 is no port of a fallback: the service has port ${port}`;
    subject.add('bad-port', subject.at(service, 'fallback', 'port'), { message, help: 'leave port out' });
  }
  if (fallback.port !== port && service.forwarding !== 'nat') {
    subject.add('port-mismatch', subject.at(service, 'fallback', 'port'), {
      message: `the fallback's port ${fallback.port} cannot be reached with forwarding ${service.forwarding}: packets arrive at ${stays}`,
      help: 'leave port out, or use forwarding: nat',
    });
  }
}

function checkWeights(service: Service, subject: Subject): void {
  const ignored = SCHEDULERS[service.scheduler] === 'nothing' && subject.sound(service, 'scheduler');
  for (const server of service.servers) {
    if (ignored && server.weight !== 1) {
      subject.add('weight-ignored', subject.at(server, 'weight'), {
        severity: subject.classic ? 'error' : 'warning',
        message:
          server.weight === 0
            ? `scheduler ${service.scheduler} knows no weights; a 0 only keeps new clients away`
            : `scheduler ${service.scheduler} ignores weights: weight ${server.weight} has no effect`,
        help: `use w${service.scheduler}, or weight 1`,
      });
    }
    if (server.upper > 0 && server.lower > server.upper) {
      const message = `lower ${server.lower} is above upper ${server.upper}`;
      subject.add('lower-above-upper', subject.at(server, 'lower'), { message });
    }
    if (server.upper === 0 && server.lower > 0 && subject.soundServer(server, 'upper')) {
      const message = `lower ${server.lower} means nothing without upper`;
      subject.add('lower-above-upper', subject.at(server, 'lower'), { message, help: 'add upper' });
    }
  }
}
