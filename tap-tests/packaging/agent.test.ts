import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { counters, freePort, hear, running } from '../support/agent-process.js';
import { ROOT } from '../support/context.js';

test('after a thousand answers the agent has no more than 60 MB', async t => {
  t.is(spawnSync(process.execPath, ['packaging/build.mjs'], { cwd: ROOT }).status, 0);
  const agent = `exec '${process.execPath}' '${ROOT}dist/main.js' uptimesrv --allow 192.0.2.1`;
  const { child, port } = await running(t, `${agent} --listen 127.0.0.1:${await freePort()}`);
  for (let round = 0; round < 125; round++) {
    const said = await Promise.all(Array.from({ length: 8 }, () => hear(port)));
    t.true(said.every(one => counters(one) !== undefined));
  }
  const size = Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]);
  t.log(`${Math.round(size / 1024)} MB`);
  t.true(size > 10_000 && size <= 60 * 1024, `${size} kB`);
});
