import test from 'ava';
import { checkedDescription, director, TRACKS } from '../support/checked.js';

test('plan names track files that are lost or wrong, and apply writes them', async t => {
  const one = await director(t);
  const names = await one.disk.list(TRACKS);
  const [lost, wrong] = names as [string, string];
  const path = (name: string): string => `${TRACKS}/${name}`;
  const plan = async (...more: string[]) => await one.host.run('plan', '-f', 'lvs.yaml', ...more);
  t.is((await plan()).exitCode, 0);
  await one.disk.remove(path(lost));
  await one.disk.replace(path(wrong), '7\n', 0o644);
  const lines = `+ make ${path(lost)}\n~ renew ${path(wrong)}\n\n1 to add, 1 to change, 0 to remove\n`;
  const planned = await plan();
  t.is(planned.exitCode, 2);
  t.true(planned.out.startsWith(lines), planned.out);
  const { tracks } = JSON.parse((await plan('-o', 'json')).out);
  t.deepEqual(tracks, [
    { path: path(lost), act: 'make' },
    { path: path(wrong), act: 'renew' },
  ]);
  t.true((await one.host.run('apply', '-f', 'lvs.yaml', '-n')).out.startsWith(lines));
  t.deepEqual((await one.disk.list(TRACKS)).length, names.length - 1);
  const applied = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(applied.exitCode, 0, applied.err);
  t.true(
    applied.out.startsWith(lines) && applied.out.endsWith('generation 1 runs, as before\n'),
    applied.out,
  );
  t.deepEqual(await one.disk.list(TRACKS), names);
  const after = await plan('-o', 'json');
  t.is(after.exitCode, 0);
  t.false('tracks' in JSON.parse(after.out));
});

test('of very many track files the first are named, and the others counted', async t => {
  const one = await director(t);
  const names = await one.disk.list(TRACKS);
  t.true(names.length > 5);
  for (const name of names) await one.disk.remove(`${TRACKS}/${name}`);
  const { out } = await one.host.run('plan', '-f', 'lvs.yaml');
  t.is(out.match(/^\+ make \/var\/lib\/lvsctl\/tracks\//gm)?.length, 5, out);
  const more = names.length - 5;
  t.true(out.includes(`\n+ make ${more} more track file${more === 1 ? '' : 's'}\n`), out);
  t.true(out.includes(`\n${names.length} to add, 0 to change`), out);
  const other = await one.host.run('apply', '-f', 'lvs.yaml', '-n');
  t.true(other.out.includes('more track file'), other.out);
});

test('another configured weight is another track file', async t => {
  const one = await director(t);
  const text = checkedDescription(all => all.replace('weight: 3', 'weight: 4'));
  await one.disk.replace('/here/lvs.yaml', text, 0o644);
  const { out } = await one.host.run('plan', '-f', 'lvs.yaml');
  t.true(out.includes(`\n+ make ${TRACKS}/web_192.0.2.11_80.4\n`), out);
});
