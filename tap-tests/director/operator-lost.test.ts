import test from 'ava';
import { keptOperator } from '../../src/state/operator.js';
import { JOURNAL, OPERATOR } from '../../src/state/paths.js';
import { alerted, mon, servers } from '../support/alerted.js';
import type { KernelHost } from '../support/kernel-host.js';
import { description, director, done, weights } from '../support/operated.js';

/** Of the journal nothing but its beginning can be read from now on. */
function breakJournal(host: KernelHost): void {
  const { files } = host;
  host.files = {
    ...files,
    stream: (path, from) => {
      if (path.startsWith(JOURNAL)) throw Object.assign(new Error('broken'), { code: 'EIO' });
      return files.stream(path, from);
    },
  };
}

const LOST = /operator\.json is lost: what operators said of 1 server, .*lvsctl log --rebuild/g;

test('drains that are lost, and that the journal has, are told once by each run', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  await host.files.remove(OPERATOR);
  host.put('/here/lvs.yaml', description('web', 'ipvs: { timeouts: { tcp: 600s } }\n'));
  for (const words of ['plan -f lvs.yaml', 'apply -f lvs.yaml -n']) {
    const { err } = await host.run(...words.split(' '));
    t.is(err.match(LOST)?.length, 1, `${words}: ${err}`);
  }
  for (const words of ['apply -f lvs.yaml', 'apply -f lvs.yaml', 'tick']) {
    const { exitCode, err } = await host.run(...words.split(' '));
    t.is(exitCode, 0, err);
    t.is(err.match(LOST)?.length, 1, `${words}: ${err}`);
  }
  t.is(weights(host).split(' ')[0], '3');
  const { exitCode, err } = await host.run('log', '--rebuild');
  t.is(exitCode, 0);
  t.notRegex(err, LOST);
  t.is(weights(host).split(' ')[0], '0');
  t.notRegex((await host.run('apply', '-f', 'lvs.yaml')).err, LOST);
});

test('no word of an operator takes the place of those that are lost, until they are put back', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  await host.files.remove(OPERATOR);
  const before = weights(host);
  for (const words of ['drain dns web2', 'drain dns web2 -n', 'undrain web web1', 'weight dns web2 5']) {
    const { exitCode, out, err } = await host.run(...words.split(' '));
    t.is(exitCode, 1, words);
    t.is(out, '', words);
    t.regex(
      err,
      /operator\.json is lost: what operators said of 1 server, .* would be forgotten; nothing is changed\n.*`lvsctl log --rebuild`\n$/,
      words,
    );
  }
  t.is(weights(host), before);
  t.is(await host.files.look(OPERATOR), undefined);
  await done(t, host, 'log', '--rebuild');
  await done(t, host, 'drain', 'dns', 'web2');
  t.is((await keptOperator(host.files))?.entries.length, 2);
});

test('what cannot be put back keeps no operator from his word', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  await host.files.remove(OPERATOR);
  host.put(JOURNAL, host.text(JOURNAL).replaceAll('snapshot', 'shapshot'));
  const { exitCode, err } = await host.run('drain', 'dns', 'web2');
  t.is(exitCode, 0, err);
  t.regex(
    err,
    /operator\.json is lost: .*journal\.jsonl has no snapshot to begin with, and cannot put it back\n/,
  );
});

test('what comes due, an alert and an apply forget nothing of what is lost', async t => {
  const host = await alerted(t);
  await done(t, host, 'drain', 'dns', 'web1', '--expires', '1m');
  await done(t, host, 'drain', 'shop', 'web2');
  await host.files.remove(OPERATOR);
  t.is((await mon(host, 'failure', 'web', '192.0.2.12:80')).exitCode, 0);
  host.time += 30_000;
  t.is((await mon(host, 'up', 'web', '192.0.2.12:80')).exitCode, 0);
  // Until its weight has risen.
  host.time += 300_000;
  for (const words of ['tick', 'apply -f lvs.yaml --reason again'])
    t.is((await host.run(...words.split(' '))).exitCode, 0, words);
  t.is(await host.files.look(OPERATOR), undefined);
  await done(t, host, 'log', '--rebuild');
  t.is((await keptOperator(host.files))?.entries.length, 2);
});

test('where the journal is gone with them that is told until it has begun anew', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  await host.files.remove(OPERATOR);
  await host.files.remove(JOURNAL);
  const gone = /journal\.jsonl is lost, and there is no \S*operator\.json: .* is not known/;
  for (let n = 0; n < 2; n++) t.regex((await host.run('tick')).err, gone);
  t.regex((await host.run('drain', 'dns', 'web2')).err, gone);
  t.notRegex((await host.run('tick')).err, gone);
});

test('an alert acts, and tells of the lost drains after that', async t => {
  const host = await alerted(t);
  await done(t, host, 'drain', 'dns', 'web1');
  await host.files.remove(OPERATOR);
  const { exitCode, out, err } = await mon(host, 'failure', 'web', '192.0.2.12:80');
  t.is(exitCode, 0, err);
  t.regex(out, /is dead: out of the table/);
  t.is(servers(host), '11=3');
  t.is(err.match(LOST)?.length, 1, err);
  breakJournal(host);
  const back = await mon(host, 'up', 'web', '192.0.2.12:80');
  t.is(back.exitCode, 0, back.err);
  t.is(servers(host), '11=3 12=1');
});

test('where nothing was ever said, or the journal cannot be read, nothing is told, and all goes on', async t => {
  const host = await director(t);
  t.notRegex((await host.run('apply', '-f', 'lvs.yaml')).err, /lost/);
  await done(t, host, 'drain', 'web', 'web1');
  await host.files.remove(OPERATOR);
  breakJournal(host);
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.notRegex(err, /is lost/);
});
