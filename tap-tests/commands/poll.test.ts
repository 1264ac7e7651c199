import test, { type ExecutionContext } from 'ava';
import type { Said } from '../../src/system/ports.js';
import { KernelHost, VRRP_PAIR } from '../support/kernel-host.js';

const DESCRIPTION = `version: 1
polling: { schedule: '*/5 * * * * *', timeout: 2s }
hosts:
  web1: { address: 192.0.2.11, cpus: 1 }
  web2: { address: 192.0.2.12, agent: none }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ web1, web2, 192.0.2.13 ] }
  - { name: mail, address: 192.0.2.100, port: 25, scheduler: rr, servers: [ web1 ] }
`;

/** A director whose servers' agents say these texts, by address; the others refuse. */
async function polled(
  t: ExecutionContext,
  said: Record<string, string>,
  description = DESCRIPTION,
): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.network = {
    hear: ({ address, port }) => {
      t.is(port, 2357);
      return Promise.resolve(
        said[address] === undefined ? { silent: 'ECONNREFUSED' } : { text: said[address] },
      );
    },
    connect: () => Promise.resolve(undefined),
    ask: () => Promise.resolve(undefined),
  };
  await host.applied(t, description);
  return host;
}

const load = (value: string): string => ` 14:02:11 up 1 day, load average: ${value}, 1.10, 0.97\n`;

test.serial('a poll asks every agent, and the table follows', async t => {
  const host = await polled(t, { '192.0.2.11': load('3.00'), '192.0.2.13': load('0.00') });
  const { exitCode, out, err } = await host.run('poll');
  t.is(exitCode, 0);
  t.regex(out, /^ {2}192\.0\.2\.11:80 +ok +load 3\.00 .* uptime × 0\.75; little by little$/m);
  t.regex(out, /^ {2}192\.0\.2\.13:80 +ok +load 0\.00 .* uptime × 1\.25; little by little$/m);
  t.deepEqual(
    [...host.kernel.rules().matchAll(/^-a -t 192\.0\.2\.100:80 .* -w (\d+)/gm)].map(([, weight]) => weight),
    ['3', '4', '5'],
  );
  // cron would mail it.
  t.is(err, '');
});

test.serial('where nothing is to be polled that is the result, and nothing for cron to mail', async t => {
  const host = await polled(t, {});
  await host.applied(t, DESCRIPTION.replace(/^polling.*\n/m, ''));
  const { exitCode, out, err } = await host.run('poll', '--once');
  t.is(exitCode, 0);
  t.is(out, 'nothing to do: what runs has no polling\n');
  t.is(err, '');
  const json = await host.run('poll', '-o', 'json');
  t.deepEqual(JSON.parse(json.out), { version: 1, idle: 'no-polling' });
});

test.serial('a dry run asks the described servers, and needs neither kernel nor what runs', async t => {
  const host = new KernelHost(t);
  await host.files.remove('/proc/net/ip_vs');
  host.put('/here/lvs.yaml', DESCRIPTION);
  const { exitCode, out, err } = await host.run('poll', '--dry-run', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  t.regex(out, /ECONNREFUSED/);
  t.is(host.called.length, 0);
});

test.serial('where a law goes by the time to an answer, that time is shown, and no agent', async t => {
  const host = await polled(t, {});
  await host.applied(
    t,
    `version: 1
polling: { law: latency }
services: [ { name: web, address: 192.0.2.100, port: 80, servers: [ 192.0.2.11, 192.0.2.13 ] } ]
`,
  );
  let took = 0.517;
  host.network = {
    ...host.network,
    connect: ({ address }) => Promise.resolve(address === '192.0.2.11' ? took : undefined),
  };
  const { out } = await host.run('poll');
  t.regex(out, /^ {2}192\.0\.2\.11:80 +- +0\.52 ms +- +1 +\d+ +latency × 1\.00/m);
  t.regex(out, /^ {2}192\.0\.2\.13:80 +- +- +- +1 +\d+ +nothing known/m);
  const json = await host.run('poll', '-n', '-f', '/here/lvs.yaml', '-o', 'json');
  const [first] = (JSON.parse(json.out) as { services: { servers: object[] }[] }).services[0]!.servers;
  t.like(first, { server: '192.0.2.11:80', latency: 0.517 });
  t.false('agent' in first!);
  for (const [ms, text] of [
    [99.6, '100'],
    [1234.5, '1235'],
  ] as const) {
    took = ms;
    t.regex((await host.run('poll', '-n', '-f', '/here/lvs.yaml')).out, new RegExp(` +${text} ms `));
  }
});

test.serial('what is not polled is named in one line, with the reason; also where that is all', async t => {
  const host = new KernelHost(t);
  const service = (name: string, port: number, more: string): string =>
    `  - { name: ${name}, address: 192.0.2.100, port: ${port}, ${more}, servers: [ 192.0.2.11 ] }\n`;
  const others =
    service('mail', 25, 'scheduler: rr') +
    service('news', 119, 'scheduler: rr') +
    service('still', 81, 'law: static') +
    service('hashed', 82, 'scheduler: sh');
  const line =
    'not polled: mail, news (rr reads no weights); still (its law is static); hashed (to sh a weight is no share of the connections)\n';
  host.put('/here/lvs.yaml', `version: 1\npolling: {}\nservices:\n${others}`);
  t.is((await host.run('poll', '--dry-run', '-f', 'lvs.yaml')).out, line);
  host.put(
    '/here/lvs.yaml',
    `version: 1\npolling: {}\nservices:\n${others}${service('web', 80, 'scheduler: wlc')}`,
  );
  const { out } = await host.run('poll', '--dry-run', '-f', 'lvs.yaml');
  t.regex(out, /^web \(wlc\)\n/);
  t.true(out.endsWith(`\n\n${line}`), out);
  const json = await host.run('poll', '--dry-run', '-f', 'lvs.yaml', '-o', 'json');
  const { unpolled } = JSON.parse(json.out) as { unpolled: object[] };
  t.deepEqual(unpolled.at(-2), { service: 'still', scheduler: 'wlc', unmoved: 'static' });
});

test.serial('an agent that asks for no connections is obeyed or ignored, and that is said', async t => {
  const said: Record<string, string> = { '192.0.2.11': 'drain\n', '192.0.2.13': load('0.00') };
  const host = await polled(t, said);
  await host.applied(t, DESCRIPTION.replace('web1, web2, 192.0.2.13', 'web1, 192.0.2.13'));
  const line = async (): Promise<string> =>
    (await host.run('poll')).out.split('\n').find(one => one.includes('192.0.2.11:80'))!;
  t.regex(await line(), / drain .* 0 +its agent asks for drain: no new connections; /);
  said['192.0.2.13'] = 'maint\n';
  t.regex(
    await line(),
    / drain .* [1-9]\d* +its agent asks for drain: ignored, since no other server would be left; /,
  );
});

test.serial(
  'the journal says what has become of an agent, and of one that nobody asks not that it is well',
  async t => {
    const said: Record<string, string> = { '192.0.2.11': 'maint\n' };
    const host = await polled(t, said);
    await host.run('poll');
    said['192.0.2.11'] = load('0.00');
    await host.run('poll');
    await host.applied(t, DESCRIPTION.replace(', 192.0.2.13', ''));
    await host.run('poll');
    const { out } = await host.run('log', '--event', 'agent', '--event', 'agent-well');
    t.deepEqual(
      out.split('\n').map(one => one.slice(21).replace(/ +/g, ' ')),
      [
        'agent asks for maint (web1)',
        'agent silent: ECONNREFUSED (192.0.2.13)',
        'agent-well asks for maint -> answers, and asks for nothing (web1)',
        'agent silent: ECONNREFUSED -> not asked any more (192.0.2.13)',
        '',
      ],
    );
  },
);

test.serial(
  'an answer that does not come to its end in time is late, one that does and is none is not understood',
  async t => {
    const host = await polled(t, {});
    const hear = (said: Said): void =>
      void (host.network = { ...host.network, hear: () => Promise.resolve(said) });
    for (const [said, expected] of [
      [{ text: ' 14:02:11 up 1 d', broken: 'timeout' }, 'timeout'],
      [{ text: ' 14:02:11 up 1 d', broken: 'ECONNRESET' }, 'ECONNRESET'],
      [{ text: ' 14:02:11 up 1 d' }, 'not-understood'],
      // It was all there: who leaves the connection open is heard.
      [{ text: load('0.00'), broken: 'timeout' }, 'ok'],
    ] as const) {
      hear(said);
      t.regex((await host.run('poll')).out, new RegExp(`192\\.0\\.2\\.11:80 +${expected} `));
    }
  },
);

test.serial('a standby asks nobody and changes nothing, unless it is told to', async t => {
  const said = { '192.0.2.11': load('3.00'), '192.0.2.13': load('0.00') };
  const host = await polled(t, said, DESCRIPTION + VRRP_PAIR);
  const before = host.kernel.rules();
  const held = (address: string): { readonly stdout: string } => ({
    stdout: JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: address, prefixlen: 24 }] }]),
  });
  host.answers.set('ip -j addr show', held('192.0.2.1'));
  const arping = 'arping -D -f -w 2 -I eth0 192.0.2.100';
  const reply = 'Unicast reply from 192.0.2.100 [02:00:00:00:00:02]  1ms\n';
  host.answers.set(arping, { stdout: reply, exitCode: 1 });
  const standby = await host.run('poll');
  t.deepEqual([standby.exitCode, standby.out], [0, 'nothing to do: this director is the standby\n']);
  t.is(host.kernel.rules(), before);
  t.deepEqual(JSON.parse((await host.run('poll', '-o', 'json')).out), { version: 1, idle: 'standby' });
  t.regex((await host.run('poll', '--local')).out, /uptime × 0\.75/);
  t.not(host.kernel.rules(), before);
  // It takes over; then nobody has the address, and each may act.
  for (const [own, answer] of [
    ['192.0.2.100', reply],
    ['192.0.2.1', ''],
  ] as const) {
    host.answers.set('ip -j addr show', held(own));
    host.answers.set(arping, { stdout: answer, exitCode: answer === '' ? 0 : 1 });
    t.regex((await host.run('poll')).out, /uptime × /);
  }
});

test.serial('a server without an agent is not counted among those that say nothing', async t => {
  const host = await polled(t, { '192.0.2.11': load('3.00') });
  const { out } = await host.run('poll');
  t.regex(out, /192\.0\.2\.13:80 +ECONNREFUSED .*silent: held/);
  t.notRegex(out, /too few answer|192\.0\.2\.12:80 .*held/);
});
