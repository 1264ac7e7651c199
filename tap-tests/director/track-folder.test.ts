import test from 'ava';
import { INTENT } from '../../src/state/paths.js';
import { checkedDescription, type CheckedDirector, director, TRACKS } from '../support/checked.js';

const WEB = '192.0.2.100:80';

/** Makes a folder of the track file of a server. @returns its path */
async function spoil(one: CheckedDirector, begin: string): Promise<string> {
  const name = (await one.disk.list(TRACKS)).find(each => each.startsWith(begin))!;
  const path = `${TRACKS}/${name}`;
  await one.disk.remove(path);
  await one.disk.makeFolder(path, 0o755);
  return path;
}

test('a folder in the place of a track file: an act is refused before it begins, and names it', async t => {
  const one = await director(t);
  const path = await spoil(one, 'web_192.0.2.11');
  await one.disk.replace(
    '/here/lvs.yaml',
    checkedDescription(text => text.replace('weight: 10', 'weight: 9')),
    0o644,
  );
  const before = one.host.kernel.rules();
  for (const words of ['drain web web1', 'weight web web2 5', 'apply -f lvs.yaml']) {
    const { exitCode, err } = await one.host.run(...words.split(' '));
    t.is(exitCode, 1, words);
    t.true(
      err.includes(
        `${path} is a folder, where keepalived looks for a weight; nothing is changed\n  help: move it away\n`,
      ),
      `${words}: ${err}`,
    );
    t.is(await one.disk.look(INTENT), undefined, words);
  }
  t.is(one.host.kernel.rules(), before);
  for (const words of ['status', 'tick']) {
    const { exitCode, err } = await one.host.run(words);
    t.is(exitCode, 0, `${words}: ${err}`);
  }
  one.disk.removeTree(path);
  t.is(await one.act('drain', 'web', 'web1'), 0);
  t.is(one.weights(WEB), '11:0 12:1');
});

test('one that nobody looks for stays, and keeps nobody from anything', async t => {
  const one = await director(t);
  await one.disk.makeFolder(`${TRACKS}/old`, 0o755);
  await one.disk.replace(`${TRACKS}/older`, '0\n', 0o644);
  const { exitCode, err } = await one.host.run('drain', 'web', 'web1');
  t.is(exitCode, 0, err);
  t.like(await one.disk.look(`${TRACKS}/old`), { kind: 'folder' });
  t.is(await one.disk.look(`${TRACKS}/older`), undefined);
});
