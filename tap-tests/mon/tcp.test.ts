import test from 'ava';
import { monitor } from './monitor.js';
import { closedPort, loopbacks, tcp } from './servers.js';

for (const address of loopbacks) {
  test(`a TCP port that accepts on ${address} is alive, and nothing is printed`, async t => {
    const port = await tcp(t, '', undefined, address);
    const { code, hosts, details } = await monitor(['--type', 'tcp', '--port', port, address]);
    t.is(code, 0);
    t.deepEqual(hosts, []);
    t.is(details, '');
  });

  test(`a TCP port that refuses on ${address} is dead: its address comes first, the reason second`, async t => {
    const port = await closedPort(address);
    const { code, hosts, details } = await monitor(['--type', 'tcp', '--port', port, address]);
    t.is(code, 1);
    t.deepEqual(hosts, [address]);
    t.is(details, `${address}: tcp: Connection refused\n`);
  });
}

test('of several addresses only the dead ones are named', async t => {
  const port = await tcp(t, '');
  const words = ['--type', 'tcp', '--port', port, '127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const { code, hosts } = await monitor(words);
  t.is(code, 1);
  t.deepEqual(hosts, ['127.0.0.2', '127.0.0.3']);
});

test('a listener whose queue is full is dead after a fraction of a second', async t => {
  const script = `
    use Socket;
    socket(my $listener, PF_INET, SOCK_STREAM, 0);
    bind $listener, pack_sockaddr_in(0, INADDR_LOOPBACK);
    listen $listener, 0;
    my ($port) = unpack_sockaddr_in(getsockname $listener);
    my @waiting;
    for (1, 2) {
      socket(my $client, PF_INET, SOCK_STREAM, 0);
      $client->blocking(0);
      connect $client, pack_sockaddr_in($port, INADDR_LOOPBACK);
      push @waiting, $client;
    }
    select undef, undef, undef, 0.1;
    system $^X, @ARGV, '--port', $port, '127.0.0.1';
    exit $? >> 8;`;
  const words = ['--type', 'script', '--address', '192.0.2.1', '--', '/usr/bin/perl', '-e', script];
  const inner = ['templates/mon/lvs.monitor', '--type', 'tcp', '--timeout', '0.4'];
  const { code, details, seconds } = await monitor([...words, ...inner]);
  t.is(code, 1);
  t.regex(details, /tcp: no answer within 0\.4 s/);
  t.true(seconds > 0.4 && seconds < 5, `${seconds} s`);
});
