import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FOLDER, Host, SCRIPT } from './support.js';

test('the example settings are good as they are', t => {
  const host = new Host(t);
  host.sh('ip addr del 10.0.0.11/24 dev eth0; ip addr add 10.0.0.13/24 dev eth0');
  host.settings(readFileSync(join(FOLDER, 'realserver.conf.example'), 'utf8'));
  const { code, err } = host.lvs('start');
  t.is(code, 0, err);
  t.is(host.lvs('status').out, 'running\n');
});

test('systemd finds nothing to say about the unit', t => {
  const { folder } = new Host(t);
  const unit = join(folder, 'lvs-realserver.service');
  // Only the path differs: the script is not installed here.
  const text = readFileSync(join(FOLDER, 'lvs-realserver.service'), 'utf8');
  writeFileSync(unit, text.replaceAll('/usr/local/sbin/realserver.lvs.dr', SCRIPT));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  t.is(
    stderr
      .split('\n')
      .filter(line => line.includes('lvs-realserver'))
      .join('\n'),
    '',
  );
  t.is(status, 0);
});

test('the first line names the shell, so that a generator line can follow it', t => {
  t.true(readFileSync(SCRIPT, 'utf8').startsWith('#!/bin/sh\n'));
});
