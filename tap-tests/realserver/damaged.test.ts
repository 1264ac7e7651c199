import { writeFileSync } from 'node:fs';
import test from 'ava';
import { ARP, Host } from './support.js';

const SETTINGS = `${ARP}vip 10.0.0.11 10.0.0.50 lo\n`;

for (const [what, damage] of [
  ['empty', () => ''],
  ['nothing but zeros', (text: string) => '\0'.repeat(text.length)],
  ['without the boot', (text: string) => text.replace(/^boot=.*\n/m, '')],
  ['cut', (text: string) => text.slice(0, -'ress:lo:10.0.0.50/32=absent\n'.length)],
] as const) {
  test(`a record of what was found that is ${what} is told, and undoes nothing wrong`, t => {
    const host = new Host(t);
    host.settings(SETTINGS);
    host.lvs('start');
    // What a later start records comes last.
    const lines = host
      .found!.split('\n')
      .toSorted((one, other) => Number(one.startsWith('address')) - Number(other.startsWith('address')));
    writeFileSync(host.foundFile, damage(`${lines.filter(one => one !== '').join('\n')}\n`));
    const [before, damaged] = [host.picture, host.found];
    const stop = host.lvs('stop');
    t.is(stop.code, 1);
    t.regex(
      stop.err,
      /realserver\.found is damaged, and cannot tell what was here before: nothing was changed/,
    );
    t.deepEqual([host.picture, host.found], [before, damaged]);
    t.regex(host.lvs('status').err, /realserver\.found is damaged: what an earlier start made may count as/);
    const start = host.lvs('start');
    t.is(start.code, 0);
    t.regex(start.err, /realserver\.found is damaged: what an earlier start made may count as there before/);
    t.is(host.picture, before);
    t.deepEqual(host.lvs('start'), { code: 0, out: '', err: '' });
    t.is(host.lvs('stop').code, 0);
    t.regex(host.addresses('lo'), /10\.0\.0\.50\/32/);
  });
}

test('damage in the record of an earlier boot is of no matter', t => {
  const host = new Host(t);
  host.settings(SETTINGS);
  host.sh(`mkdir -p ${host.folder}/state`);
  writeFileSync(host.foundFile, 'boot=of-another-day\n???\n');
  t.notRegex(host.lvs('status').err, /damaged/);
  t.is(host.lvs('stop').code, 0);
});
