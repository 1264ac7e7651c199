import test from 'ava';
import { editCases, visible } from '../../support/edit-cases.js';
import { KernelHost } from '../../support/kernel-host.js';

const UPDATE = process.env['UPDATE_CASES'] === '1';

for (const one of editCases()) {
  test(one.title, async t => {
    const host = new KernelHost(t);
    host.put(`/here/${one.name}`, one.text);
    const first = await host.run('apply', '-f', one.name);
    t.is(first.exitCode, 0, first.err);
    const [verb = '', ...words] = one.words;
    const { exitCode, err } = await host.run(verb, '-f', one.name, ...words);
    const after = host.text(`/here/${one.name}`);
    if (exitCode !== 0) t.is(after, one.text, 'what is refused changes nothing');
    // What the batch echoes is not of interest here.
    const said = err.replace(/^(warning\[|\S+: warning\[)[^]*?\n\n/gm, '');
    const text = exitCode === 0 ? visible(after) : `exit ${exitCode}\n${said}`;
    if (exitCode === 0) {
      const { exitCode: pending, out } = await host.run('plan', '-f', one.name);
      t.is(pending, 0, out);
    }
    if (UPDATE && text !== one.expected) one.update(text);
    else t.is(text, one.expected ?? 'no expectation yet');
  });
}

test('there are at least forty cases, in both forms', t => {
  const cases = editCases();
  t.true(cases.length >= 40, `${cases.length}`);
  for (const name of ['lvs.conf', 'lvs.yaml']) t.true(cases.some(one => one.name === name));
});
