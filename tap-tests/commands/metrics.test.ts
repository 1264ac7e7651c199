import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type Metric, metricsText } from '../../src/view/metrics.js';
import { KernelHost } from '../support/kernel-host.js';
import { reader } from '../support/readers.js';

const DESCRIPTION = `version: 1
services:
  - { name: web, address: 192.0.2.100, port: 80, servers: [ 192.0.2.11, { address: 192.0.2.12, weight: 0 } ] }
  - { name: six, fwmark: 7, match: [ { address: '2001:db8::100', port: 81 } ], servers: [ '2001:db8::11' ] }
`;

async function director(t: ExecutionContext, description = DESCRIPTION): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/etc/lvsctl/lvs.yaml', description);
  host.time = Date.parse('2026-11-21T12:00:00.500Z');
  t.is((await host.run('apply')).exitCode, 0);
  host.kernel.counted.set('192.0.2.100:80', [12, 34, 1, 123_456_789_012, 5]);
  host.kernel.busy.set('192.0.2.100:80 192.0.2.11:80', [3, 4]);
  return host;
}

/** Prometheus's own judge of what a collector gives: syntax, names, types, units. */
function judge(text: string): string {
  const { stdout, stderr, status } = spawnSync(reader('promtool'), ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}${status === 0 ? '' : `exit ${status}`}`;
}

test('all that is measured, in a stable order, and promtool finds nothing wrong with it', async t => {
  const host = await director(t);
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr', '-d -f 7 -6 -r [2001:db8::11]:0']);
  const { exitCode, out, err } = await host.run('status', '--prometheus', 'lvsctl.prom');
  t.deepEqual([exitCode, out, err], [0, '', '']);
  t.is(host.mode('/here/lvsctl.prom'), 0o644);
  const text = host.text('/here/lvsctl.prom');
  t.is(judge(text), '');
  const has = (line: string): void => void t.true(text.includes(`\n${line}\n`), line);
  has('# HELP lvsctl_server_weight Weight in force in the kernel; no sample where it is not there.');
  has('# TYPE lvsctl_service_connections_total counter');
  has('lvsctl_build_info{version="0.0.0"} 1');
  has('lvsctl_last_run_timestamp_seconds 1795262400.5');
  has('lvsctl_generation 1');
  has('lvsctl_drift_lines 1');
  has('lvsctl_file_differs 0');
  has('lvsctl_services{owner="other"} 1');
  has(
    'lvsctl_service_incoming_bytes_total{service="web",virtual="192.0.2.100:80",protocol="tcp"} 123456789012',
  );
  has(
    'lvsctl_service_connections_total{service="192.0.2.200:80/tcp",virtual="192.0.2.200:80",protocol="tcp"} 0',
  );
  has('lvsctl_service_open_servers{service="web",virtual="192.0.2.100:80",protocol="tcp"} 1');
  has(
    'lvsctl_server_active_connections{service="web",virtual="192.0.2.100:80",protocol="tcp",server="192.0.2.11:80"} 3',
  );
  has(
    'lvsctl_server_drained{service="six",virtual="fwmark:7",protocol="fwmark",server="[2001:db8::11]:0"} 0',
  );
  has(
    'lvsctl_server_configured_weight{service="six",virtual="fwmark:7",protocol="fwmark",server="[2001:db8::11]:0"} 1',
  );
  t.false(text.includes('lvsctl_server_weight{service="six"'));
  const again = await host.run('status', '--prometheus', '-');
  t.is(again.out, text);
});

test('a table of thousands has a bounded number of series, and says how many are left out', async t => {
  const services = Array.from(
    { length: 600 },
    (_, index) =>
      `  - { address: 10.1.${index >> 8}.${index & 255}, port: 80, servers: [ 10.2.0.1, 10.2.0.2, 10.2.0.3, 10.2.0.4, 10.2.0.5 ] }\n`,
  ).join('');
  const host = await director(t, `version: 1\nservices:\n${services}`);
  const { out } = await host.run('status', '--prometheus', '-');
  t.regex(out, /^lvsctl_omitted_services 100$/m);
  t.regex(out, /^lvsctl_omitted_servers 1000$/m);
  t.is(out.match(/^lvsctl_server_weight\{/gm)!.length, 2000);
  t.true(out.match(/^lvsctl_/gm)!.length < 30_000);
  t.is(judge(out), '');
});

test('the file takes the place of the old one in one step; what is no file is left alone', async t => {
  const host = await director(t);
  host.put('/here/out.prom', 'old', 0o600);
  t.is((await host.run('status', '--prometheus', 'out.prom')).exitCode, 0);
  t.is(host.mode('/here/out.prom'), 0o644);
  t.deepEqual(host.paths('/here'), ['/here/out.prom']);
  const other = await host.run('status', '--prometheus', 'out.txt');
  t.is(other.exitCode, 0);
  t.regex(
    other.err,
    /warning: the textfile collector reads only files whose names end in \.prom, not out\.txt/,
  );
  mkdirSync(`${host.root}/here/folder.prom`);
  symlinkSync('/dev/null', `${host.root}/here/link.prom`);
  for (const [file, code] of [
    ['folder.prom', 64],
    ['link.prom', 64],
    ['no/such.prom', 1],
  ] as const) {
    const { exitCode, err } = await host.run('status', '--prometheus', file);
    t.is(exitCode, code, err);
    t.true(err.includes(file.split('/')[0]!), err);
  }
  t.false(host.paths('/here').some(path => path.startsWith('/here/no')));
});

test('a disk that is full leaves the old file, and is told', async t => {
  const host = await director(t);
  host.put('/here/out.prom', 'old');
  const { files } = host;
  host.files = {
    ...files,
    replace: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  };
  const { exitCode, err } = await host.run('status', '--prometheus', 'out.prom');
  t.is(exitCode, 1);
  t.is(err, 'lvsctl: out.prom cannot be written: no space left on the device\n');
  t.is(host.text('/here/out.prom'), 'old');
});

test('with a service, a form or counters it is wrong usage', async t => {
  const host = await director(t);
  for (const more of [['web'], ['-o', 'json'], ['--stats'], ['--rate']]) {
    t.is((await host.run('status', ...more, '--prometheus', 'out.prom')).exitCode, 64, more.join(' '));
  }
});

test('whatever a label or a help says, it reads back', t => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u2028', '\r', '\\', '"', '\n', '\\n', '\\"\n', '{}', '# TYPE x'),
  );
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 5, selector: plain }), text, (labels, help) => {
      const samples = labels.map((label, value) => ({ labels: { label }, value }));
      const metric: Metric = { name: 'lvsctl_x', type: 'gauge', help, samples };
      const lines = metricsText([metric]).split('\n').slice(0, -1);
      t.is(lines.length, samples.length === 0 ? 0 : samples.length + 2);
      const read = lines
        .slice(2)
        .map(line => JSON.parse(/^lvsctl_x\{label=(".*")\} \d$/s.exec(line)![1]!) as string);
      t.deepEqual(read, labels.map(plain));
    }),
  );
});

/** What of a label is kept: its controls would only reach a terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '?');
}

test('promtool takes hostile labels, and not everything', t => {
  t.not(judge('# TYPE lvsctl_x gauge\nlvsctl_x{a="1"} 1\nlvsctl_x{a="1} 2\n'), '');
  const labels = { label: 'a"b\\c\nd}{,= # HELP\u202e\u001b[2J' };
  t.is(
    judge(
      metricsText([{ name: 'lvsctl_x', type: 'gauge', help: 'a\nb\\', samples: [{ labels, value: 1 }] }]),
    ),
    '',
  );
});
