import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attempt, Failure, root, run, say, works } from './run.mjs';

const self = fileURLToPath(import.meta.url);

/** Makes node_modules hold what package-lock.json says. Two at once wait for each other. */
export function installNpmPackages() {
  if (missingPackages().length === 0) return;
  if (!works('npm', '--version')) throw new Failure('npm is missing; on Debian: apt-get install npm', 69);
  if (!works('flock', '--version')) return install();
  mkdirSync(join(root, 'build'), { recursive: true });
  try {
    run('flock', ['build/npm.lock', process.execPath, self]);
  } catch {
    throw new Failure('the npm packages are not installed');
  }
}

function install() {
  // While we waited for the lock, another may have done it, and may be using it by now.
  if (missingPackages().length === 0) return;
  say('installing the npm packages of package-lock.json (npm ci)');
  run('npm', ['ci', '--no-progress', '--loglevel=error']);
  const missing = missingPackages();
  if (missing.length > 0) throw new Failure(`npm ci did not install ${missing.join(', ')}`);
}

// npm writes node_modules/.package-lock.json last, so a broken-off install does not look whole.
function missingPackages() {
  const wanted = packagesOf('package-lock.json');
  let found;
  try {
    found = packagesOf('node_modules/.package-lock.json');
  } catch {
    found = {};
  }
  return Object.keys(wanted).filter(
    path => path !== '' && isForThisMachine(wanted[path]) && found[path]?.version !== wanted[path].version,
  );
}

const packagesOf = file => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;

// Of the optional packages only those count that are binaries for this system; the C library is npm's to judge.
function isForThisMachine({ optional, os, cpu, libc }) {
  if (!optional) return true;
  return !libc && os?.includes(process.platform) && cpu?.includes(process.arch);
}

if (process.argv[1] === self) await attempt(install);
