import test from 'ava';
import { Source } from '../../src/diagnostic/source.js';
import { parseThresholds } from '../../src/table/parse/listing.js';
import { parseRules } from '../../src/table/parse/rules.js';
import { planTable } from '../../src/table/plan.js';

const COUNT = 16_000;

function address(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** A service with one server, as `ipvsadm -Sn` prints it. */
const RULES = Array.from({ length: COUNT }, (_, index) => {
  const key = `-t ${address(index)}:80`;
  return `-A ${key} -s wlc\n-a ${key} -r ${address(index + COUNT)}:80 -g -w ${index % 100}\n`;
}).join('');

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

test.serial('16,000 services are read and compared well within the time of their dump', t => {
  const source = new Source('rules', RULES);
  const reading = parseRules(source);
  t.is(reading.services.length, COUNT);
  t.deepEqual(reading.diagnostics, []);
  const table = { services: reading.services, timeouts: { tcp: 900, tcpFin: 120, udp: 300 } };
  const other = { ...table, services: parseRules(source).services };
  // The real dump takes 4.5 s for 10,000 of them; this machine may be busy.
  const took = seconds(() => {
    parseRules(new Source('rules', RULES));
    t.deepEqual(planTable(table, other).steps, []);
  });
  t.true(took < 3, `${took} s`);
});

test.serial('thousands of servers of one listing are read, too', t => {
  const text = Array.from(
    { length: COUNT },
    (_, index) => `TCP  ${address(index)}:80 wlc\n  -> ${address(index + COUNT)}:80  20  10  3  4\n`,
  ).join('');
  const took = seconds(() => {
    const limits = parseThresholds(text);
    t.is(limits.size, COUNT);
    t.deepEqual(limits.get(`${address(5)}:80/tcp ${address(COUNT + 5)}:80`), {
      upper: 20,
      lower: 10,
      active: 3,
      inactive: 4,
    });
  });
  t.true(took < 3, `${took} s`);
});
