import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, root, run, say, works } from './run.mjs';

// A program or file of the host, and the Debian package that brings it.
const needs = {
  host: {
    '/etc/protocols': 'netbase',
    busybox: 'busybox',
    curl: 'curl',
    ip: 'iproute2',
    nft: 'nftables',
    openssl: 'openssl',
    'systemd-analyze': 'systemd',
  },
  lab: needsOfLab(),
};

function needsOfLab() {
  const lines = readFileSync(join(root, 'lab/needs'), 'utf8').split('\n');
  return Object.fromEntries(lines.filter(line => /^[^#\s]/.test(line)).map(line => line.split(/ +/)));
}

/** Installs the packages of what is missing, where we may; else says which line to run. */
export function installDebianPackages(purpose) {
  const packages = missing(purpose);
  if (packages.length === 0) return;
  const become = privilege();
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  if (!become || !works('apt-get', '--version')) {
    const line = `sudo apt-get update && sudo ${install.join(' ')}`;
    throw new Failure(`Debian packages are missing; run this once, then again what you ran:\n  ${line}`, 69);
  }
  say(`installing Debian packages: ${packages.join(' ')}`);
  // One broken source of many is no reason to stop: the install will tell.
  works(...aptGet(become, ['update']));
  const [file, ...args] = aptGet(become, install.slice(1));
  run(file, args, 'ignore');
  const still = missing(purpose);
  if (still.length > 0) throw new Failure(`apt-get did not bring what is needed of ${still.join(', ')}`, 69);
}

const missing = purpose => {
  const absent = Object.entries(needs[purpose]).filter(([name]) => !isThere(name));
  return [...new Set(absent.map(([, debianPackage]) => debianPackage))];
};

// A user's PATH often lacks the sbin folders, where ip and mke2fs are; npm puts its .bin folders first, where one of
// its packages has an nft that has nothing to do with nftables.
const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
const isThere = name =>
  name.startsWith('/')
    ? existsSync(name)
    : folders.some(folder => !folder.endsWith('node_modules/.bin') && existsSync(join(folder, name)));

function privilege() {
  if (process.getuid?.() === 0) return [];
  return works('sudo', '-n', 'true') ? ['sudo', '-n'] : undefined;
}

function aptGet(become, args) {
  const quiet = ['-qq', '-o', 'DPkg::Lock::Timeout=300'];
  const environment = ['DEBIAN_FRONTEND=noninteractive', 'DEBCONF_NOWARNINGS=yes'];
  return [...become, 'env', ...environment, 'apt-get', ...quiet, ...args];
}
