import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

test('history --show gives a description that can be applied again, tabs and line ends too', async t => {
  const host = new KernelHost(t);
  const text = 'lvshost 192.0.2.100\r\nservice tcp 80 wrr {\r\n\t192.0.2.11\t1\r\n}\r\n';
  host.put('/here/lvs.conf', text);
  t.is((await host.run('apply', '-f', 'lvs.conf')).exitCode, 0);
  const { out } = await host.run('history', '--show', '1');
  t.true(out.endsWith(`\n${text}`), JSON.stringify(out));
  host.put('/here/lvs.conf', out);
  t.is((await host.run('validate', '-f', 'lvs.conf')).exitCode, 0);
});
