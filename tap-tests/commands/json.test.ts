import test, { type ExecutionContext } from 'ava';
import { EXAMPLE, TestHost } from '../support/context.js';

interface Checked {
  readonly valid: boolean;
  readonly errors: number;
  readonly diagnostics: { readonly severity: string; readonly help?: string }[];
}

interface Configured {
  readonly hosts: { readonly name: string; readonly files: { readonly path: string }[] }[];
  readonly written: string[];
  readonly kept: string[];
}

function example(t: ExecutionContext): TestHost {
  const host = new TestHost(t);
  host.put('/here/lvs.conf', EXAMPLE);
  host.put('/here/bad.conf', EXAMPLE.replace('wlc {', 'wcl {'));
  return host;
}

test('every JSON result is one value of version 1 on standard output, whatever the exit code', async t => {
  const host = example(t);
  host.put('/here/foreign/midas/etc/ipvsadm.rules', 'mine\n');
  for (const [line, exitCode] of [
    ['validate -f lvs.conf', 0],
    ['validate -f bad.conf', 78],
    ['validate -f nowhere.conf', 78],
    ['import lvs.conf lvs.conf', 0],
    ['import lvs.conf bad.conf', 78],
    ['configure -f lvs.conf --out files -n', 0],
    ['configure -f lvs.conf --out files --check', 2],
    ['configure -f lvs.conf --out foreign', 1],
    ['configure -f lvs.conf --out files', 0],
    ['configure -f lvs.conf --out files --diff', 0],
  ] as const) {
    const outcome = await host.run(...line.split(' '), '-o', 'json');
    t.is(outcome.exitCode, exitCode, line);
    const value: unknown = JSON.parse(outcome.out);
    t.like(value, { version: 1 }, line);
    t.true(outcome.out.endsWith('}\n'));
  }
});

test("validate's JSON has every diagnostic with its place", async t => {
  const { out } = await example(t).run('validate', '-f', 'bad.conf', '-o', 'json');
  const { valid, errors, diagnostics } = JSON.parse(out) as Checked;
  t.is(valid, false);
  t.is(errors, 1);
  const [error] = diagnostics.filter(one => one.severity === 'error');
  t.like(error!, {
    code: 'unknown-scheduler',
    file: 'bad.conf',
    line: 13,
    column: 17,
    endLine: 13,
    endColumn: 20,
  });
  t.is(error!.help, 'did you mean "wlc"?');
});

test("configure's JSON says of each file what was done with it, and no secret", async t => {
  const host = example(t);
  const { out } = await host.run('configure', '-f', 'lvs.conf', '--out', 'files', '-o', 'json');
  const { hosts, written, kept } = JSON.parse(out) as Configured;
  t.deepEqual(
    hosts.map(one => one.name),
    ['midas', 'estepe', 'realserver'],
  );
  t.deepEqual(written.toSorted(), host.paths('/here/files'));
  t.deepEqual(kept, []);
  const { files } = hosts[0]!;
  t.like(
    files.find(one => one.path === '/usr/local/sbin/fill_table'),
    { action: 'create', kind: 'file', mode: '0755' },
  );
  t.like(
    files.find(one => one.path === '/etc/ha.d/resource.d/director.lvs.dr'),
    { kind: 'link', target: '/etc/init.d/director.lvs.dr' },
  );
  t.false(out.includes(host.text('/here/files/midas/etc/lvsctl/failover.key')));
});

test("import's JSON holds the YAML", async t => {
  const { out } = await example(t).run('import', 'lvs.conf', 'lvs.conf', '-o', 'json');
  t.regex(JSON.parse(out).yaml, /^version: 1\nchecker: mon\n/);
});

test('what a terminal would act on is escaped in JSON, too', async t => {
  const host = new TestHost(t);
  host.put('/here/a\u009b.yaml', 'version: 1\n# \u0085 \u202e \u200b\nservices: "\u202e"\n');
  const { out } = await host.run('validate', '-f', 'a\u009b.yaml', '-o', 'json');
  t.notRegex(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/);
  t.is(JSON.parse(out).diagnostics.length, 1);
});
