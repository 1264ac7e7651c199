import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';

const program = resolve('templates/mon/lvs.alert');
const fromMon = [
  '-s',
  'check',
  '-g',
  'web_a',
  '-h',
  '192.0.2.1',
  '-t',
  '1795252000',
  '-u',
  'web',
  '192.0.2.1',
];

/** A folder of programs that keep their arguments and standard input, and end as told. */
function stage(t: ExecutionContext, programs: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'lvs-alert-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, end] of Object.entries(programs)) {
    const text = [
      '#!/bin/sh',
      `for word in "$@"; do printf '%s\\n' "$word"; done >${folder}/${name}.words`,
      `if [ ${name} = lvsctl ]; then cat >${folder}/stdin; fi`,
      `printf '%s' "$MON_ALERTTYPE" >${folder}/type`,
      end,
    ];
    writeFileSync(join(folder, name), `${text.join('\n')}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

async function alert(
  folder: string,
  words: string[],
  input = '',
): Promise<{ code: number | null; errors: string }> {
  const child = spawn('/usr/bin/perl', [program, ...words], {
    env: { PATH: folder, MON_ALERTTYPE: 'failure' },
    stdio: ['pipe', 'inherit', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  child.stdin.on('error', () => {}).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

const words = (folder: string, name: string) =>
  readFileSync(join(folder, `${name}.words`), 'utf8')
    .split('\n')
    .slice(0, -1);

test('the alert hands arguments, environment and standard input to lvsctl alert', async t => {
  const folder = stage(t, { lvsctl: 'exit 0', logger: '' });
  const { code, errors } = await alert(folder, [...fromMon, "a b'$(x)"], '192.0.2.1\nrefused\n');
  t.is(code, 0);
  t.is(errors, '');
  t.deepEqual(words(folder, 'lvsctl'), ['alert', ...fromMon, "a b'$(x)"]);
  t.is(readFileSync(join(folder, 'stdin'), 'utf8'), '192.0.2.1\nrefused\n');
  t.is(readFileSync(join(folder, 'type'), 'utf8'), 'failure');
});

for (const [title, programs, wanted] of [
  // Not by leaving it out: the machine may have a real one.
  ['is not there', { lvsctl: 'exit 127' }, 127],
  ['cannot start its interpreter', { lvsctl: 'exec /usr/bin/env nonexistent-node' }, 127],
  ['may not be run', { lvsctl: 'exit 126' }, 126],
  ['fails', { lvsctl: 'exit 69' }, 69],
] as const) {
  test(`where lvsctl ${title} the log and standard error say so, and mon gets its exit code`, async t => {
    const folder = stage(t, { ...programs, logger: '' });
    const { code, errors } = await alert(folder, fromMon);
    const text = `lvsctl alert failed (${wanted}): see that the table is right; failure of service web, server 192.0.2.1`;
    t.is(code, wanted);
    t.true(errors.endsWith(`lvs.alert: ${text}\n`), errors);
    t.deepEqual(words(folder, 'logger'), ['-p', 'daemon.err', '-t', 'lvs.alert', '--', text]);
  });
}
