import test from 'ava';
import { desired } from '../../src/table/desired.js';
import { tableLines, timeoutsLine } from '../../src/table/format.js';
import { cluster } from '../support/arbitrary-cluster.js';
import { expect, holds } from '../support/arbitrary.js';

/** ipvsadm(8), as strictly as it can be read: nothing but what a complete line of a table may say. */
const ADDRESS = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\])`;
const NUMBER = String.raw`(?:0|[1-9]\d*)`;
const ENDPOINT = `${ADDRESS}:${NUMBER}`;
const KEY = `(?:(?:-t|-u|--sctp-service) ${ENDPOINT}|-f [1-9]\\d*(?: -6)?)`;
const SCHEDULER = '-s (?:rr|wrr|lc|wlc|lblc|lblcr|dh|sh|sed|nq|fo|ovf|mh|twos)';
const MASK = String.raw`-M (?:\d{1,3}(?:\.\d{1,3}){3}|[1-9]\d{0,2})`;
const FLAGS = '(?:sh-fallback,sh-port|mh-fallback,mh-port|[sm]h-fallback|[sm]h-port)';
const SERVICE = new RegExp(
  `^-A (${KEY}) ${SCHEDULER}(?: -p [1-9]\\d*(?: ${MASK})?(?: --pe sip)?)?(?: -b ${FLAGS})?(?: -o)?$`,
);
const TUNNEL = `(?: --tun-type (?:gre|gue --tun-port [1-9]\\d*) --tun-(?:csum|nocsum))?`;
const SERVER = new RegExp(
  `^-a (${KEY}) -r (${ENDPOINT}) (?:-g|-m|-i${TUNNEL}) -w (${NUMBER})(?: -x [1-9]\\d*(?: -y [1-9]\\d*)?)?$`,
);

test("every line of every table is one of ipvsadm's, and each server follows its service", async t => {
  await holds(
    t,
    cluster,
    one => {
      const seen = new Set<string>();
      let service: string | undefined;
      for (const line of tableLines(desired(one))) {
        const [, added] = SERVICE.exec(line) ?? [];
        const [, key, endpoint, weight] = SERVER.exec(line) ?? [];
        expect(added !== undefined || key !== undefined, () => `no line of ipvsadm: ${line}`);
        expect(key === undefined || key === service, () => `${line} stands after ${service}`);
        expect(Number(weight ?? 0) <= 65_535, () => line);
        service = added ?? service;
        const identity = `${service} ${endpoint ?? ''}`;
        expect(!seen.has(identity), () => `twice: ${line}`);
        seen.add(identity);
      }
    },
    500,
  );
});

test('no line of a table has a sign that a shell would act on, but the brackets of IPv6', async t => {
  await holds(
    t,
    cluster,
    one => {
      const lines = [...tableLines(desired(one)), timeoutsLine(desired(one))];
      for (const line of lines) expect(/^[A-Za-z0-9 .:,[\]-]+$/.test(line), () => line);
    },
    200,
  );
});

test("IPv4 masks are ipvsadm's dotted ones, and stand only where they leave bits out", async t => {
  await holds(
    t,
    cluster,
    one => {
      const { services } = desired(one);
      for (const [index, line] of tableLines(
        desired({ ...one, services: one.services.map(each => ({ ...each, servers: [] })) }),
      )
        .filter(each => each.startsWith('-A'))
        .entries()) {
        const mask = / -M (\S+)/.exec(line)?.[1];
        const netmask = services[index]!.persistence?.netmask;
        if (mask?.includes('.')) {
          const bits = mask
            .split('.')
            .map(part => Number(part).toString(2).padStart(8, '0'))
            .join('');
          expect(bits === '1'.repeat(Number(netmask ?? -1)).padEnd(32, '0'), () => line);
        } else expect(mask === undefined || Number(mask) === netmask, () => line);
        expect(mask !== '255.255.255.255' && mask !== '128', () => line);
      }
    },
    200,
  );
});
