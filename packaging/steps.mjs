import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { installDebianPackages } from './debian-packages.mjs';
import { installNpmPackages } from './npm-packages.mjs';
import { attempt, capture, root, run, works } from './run.mjs';

// Each step may add to the environment of the command.
const steps = {
  npm: () => installNpmPackages(),
  host: () => installDebianPackages('host'),
  lab: () => installDebianPackages('lab'),
  build: () => run(process.execPath, ['packaging/build.mjs']),
  compile: () => run(process.execPath, ['packaging/compile.mjs']),
  scenarios: () => run(process.execPath, ['packaging/lab.mjs']),
  readers: () => ({ LVSCTL_READERS: capture('sh', ['tap-tests/readers/fetch.sh']) }),
};

const usage = `usage: node packaging/with-dependencies.mjs STEP... -- COMMAND [ARGUMENT...]
steps: ${Object.keys(steps).join(', ')}`;

export async function main(words) {
  const end = words.indexOf('--');
  const names = words.slice(0, end);
  const command = words.slice(end + 1);
  if (end < 0 || command.length === 0 || names.some(name => !Object.hasOwn(steps, name))) {
    console.error(usage);
    process.exitCode = 64;
    return;
  }
  await attempt(async () => {
    const env = { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) };
    for (const name of names) Object.assign(env, await steps[name]());
    process.exitCode = await runInPlace(command, env);
  });
}

// Who started us, and who started that: npm and its shell, of which the shell outlives an npm that is killed.
function elders() {
  try {
    const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${process.ppid}/stat`, 'utf8'));
    return `${process.ppid} ${parent}`;
  } catch {
    return `${process.ppid}`;
  }
}

// As near to exec as Node comes: the terminal, the signals and the exit code are the command's.
function runInPlace([file, ...args], env) {
  return new Promise(resolve => {
    // Where we are killed without a word to it, it has to hear of that: the machine of the lab must not stay.
    const tied = works('setpriv', '--pdeathsig', 'TERM', 'true') ? ['setpriv', '--pdeathsig', 'TERM'] : [];
    const [program, ...words] = [...tied, file, ...args];
    const child = spawn(program, words, { cwd: root, env, stdio: 'inherit' });
    const before = elders();
    setInterval(() => elders() === before || child.kill('SIGTERM'), 500).unref();
    // A terminal sends Ctrl-C to the command too; it decides, we wait.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', error => {
      console.error(`lvsctl: cannot run ${file}: ${error.message}`);
      resolve(69);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
