import test, { type ExecutionContext } from 'ava';
import { ARP, Host, Namespace } from './support.js';

/** A neighbour on the wire of the real server. */
const beside = (t: ExecutionContext, host: Host) => {
  const neighbour = new Namespace(t, host);
  host.sh(`ip link set wire netns ${neighbour.pid}`);
  neighbour.sh('ip link set lo up; ip link set wire up; ip addr add 10.0.0.1/24 dev wire');
  return neighbour;
};

/** What a neighbour learns when it asks for an address. */
const asks = (neighbour: Namespace, address: string) =>
  neighbour.sh(
    `ip neigh flush all; ip neigh replace ${address} dev wire use; sleep 0.3; ip neigh show ${address}`,
  );

test('a neighbour that asks for the VIP hears nothing; without the settings it hears the real server', t => {
  const host = new Host(t);
  const neighbour = beside(t, host);
  host.settings('vip 10.0.0.11 10.0.0.50 lo\n');
  host.lvs('start');
  t.regex(asks(neighbour, '10.0.0.50'), /lladdr/);

  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 lo\n`);
  host.lvs('start');
  t.notRegex(asks(neighbour, '10.0.0.50'), /lladdr/);
  t.regex(asks(neighbour, '10.0.0.11'), /lladdr/);
});

test('a real server that answers from the VIP does not announce it; without the settings it does', t => {
  const host = new Host(t);
  const neighbour = beside(t, host);
  const answer = () => {
    neighbour.sh('ip neigh flush all');
    host.sh(`ip neigh flush all
      exec ${process.execPath} -e "const s = require('dgram').createSocket('udp4'); s.bind(0, '10.0.0.50', () => s.send('x', 9, '10.0.0.1', () => s.close()))"`);
    return neighbour.sh('sleep 0.2; ip neigh show 10.0.0.50');
  };
  host.settings('vip 10.0.0.11 10.0.0.50 lo\n');
  host.lvs('start');
  t.regex(answer(), /lladdr/);
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 lo\n`);
  host.lvs('start');
  t.notRegex(answer(), /lladdr/);
  t.regex(neighbour.sh('ip neigh show 10.0.0.11'), /lladdr/);
});
