import test from 'ava';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/cluster/duration.js';
import { canonicalAddress, familyOf } from '../../src/cluster/address.js';
import { fileNames } from '../../src/cluster/naming.js';
import { cronProblem } from '../../src/config/cron.js';
import { cronTime } from '../../src/render/cron.js';
import { align } from '../../src/render/text.js';
import { anyText, expect, holds } from '../support/arbitrary.js';
import { address, scheduleWithSeconds } from '../support/arbitrary-values.js';

test('a duration that is written is read as the same', async t => {
  const year = 366 * 86_400_000;
  const unit = fc.constantFrom(1, 1000, 60_000, 3_600_000, 86_400_000);
  const time = fc.tuple(fc.nat(year), unit).map(([ms, one]) => ms - (ms % one));
  await holds(
    t,
    time,
    ms => expect(parseDuration(formatDuration(ms)) === ms, () => formatDuration(ms)),
    2000,
  );
});

test("every schedule that a description may have becomes five fields of crontab's own signs", async t => {
  const hand = fc.constantFrom(
    '@hourly',
    '@daily',
    '@midnight',
    '@weekly',
    '@monthly',
    '@yearly',
    '@annually',
    '0 0 * jan-mar mon',
    '*/7 * * * *',
    '0 0 1 1 7',
  );
  await holds(
    t,
    fc.oneof(scheduleWithSeconds, hand),
    schedule => {
      expect(cronProblem(schedule, true) === undefined, () => `${schedule}: ${cronProblem(schedule, true)}`);
      const { time } = cronTime(schedule);
      expect(/^([0-9*,/]+ ){4}[0-9*,/]+$/.test(time), () => `${schedule}: ${time}`);
      expect(cronTime(time).time === time, () => `${schedule}: ${time}`);
    },
    500,
  );
});

test('file names are unique, of plain characters, and those of plain texts are the texts', async t => {
  const text = fc.oneof(anyText, fc.constantFrom('a', 'a_2', 'a_', 'a:', 'a/', 'a_2_2', '[::1]:80/tcp'));
  await holds(
    t,
    fc.array(text, { maxLength: 30 }),
    texts => {
      const names = fileNames(texts);
      const all = [...names.values()];
      expect(names.size === new Set(texts).size && new Set(all).size === all.length, () => all.join(' '));
      expect(
        all.every(name => /^[A-Za-z0-9_.-]*$/.test(name)),
        () => all.join(' '),
      );
      expect(
        [...fileNames(all).values()].every((name, index) => name === all[index]),
        () => all.join(' '),
      );
    },
    300,
  );
});

test('a canonical address is its own canonical form, and no other text is taken for one', async t => {
  const known = fc.oneof(address('vip', 'ipv4'), address('vip', 'ipv6'));
  const almost = fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:%/'), maxLength: 20 });
  await holds(
    t,
    fc.oneof(known, almost, anyText),
    text => {
      const canonical = canonicalAddress(text);
      if (canonical === undefined) return;
      expect(canonicalAddress(canonical) === canonical, () => canonical);
      expect(
        canonical ===
          new URL(`http://${familyOf(text) === 'ipv6' ? `[${text}]` : text}/`).hostname.replace(/[[\]]/g, ''),
        () => canonical,
      );
    },
    2000,
  );
});

test('aligned lines hold the words of their rows and begin their columns at one place', async t => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  await holds(
    t,
    fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
    rows => {
      const lines = align(rows);
      for (const [index, row] of rows.entries()) {
        expect(lines[index]!.split(/ +/).join(' ') === row.join(' '), () => lines.join('\n'));
      }
      const starts = lines.map(line => [...line.matchAll(/(?<= |^)[a-z]/g)].map(found => found.index));
      for (const places of starts) {
        expect(
          places.every((place, column) =>
            starts.every(other => column >= other.length || other[column] === place),
          ),
          () => lines.join('\n'),
        );
      }
    },
    200,
  );
});
