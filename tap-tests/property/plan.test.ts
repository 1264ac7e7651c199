import test from 'ava';
import { Source } from '../../src/diagnostic/source.js';
import { writeYaml } from '../../src/config/yaml/write.js';
import { readDescription, readTableRules } from '../../src/config/read.js';
import { serviceKey } from '../../src/cluster/naming.js';
import { desired } from '../../src/table/desired.js';
import { tableLines, timeoutsLine } from '../../src/table/format.js';
import { serverPlace } from '../../src/table/identity.js';
import { parseThresholds } from '../../src/table/parse/listing.js';
import { parseRules } from '../../src/table/parse/rules.js';
import { parseTimeouts } from '../../src/table/parse/settings.js';
import { planTable } from '../../src/table/plan.js';
import type { Table } from '../../src/table/table.js';
import { cluster } from '../support/arbitrary-cluster.js';
import { expect, holds } from '../support/arbitrary.js';
import { ModelIpvsadm } from '../support/model-ipvsadm.js';
import { PORTS } from '../support/cases.js';
import { relatives, wantedTable } from '../support/tables.js';

const everything = { owned: () => true };

function lines(from: Table, to: Table): string[] {
  return planTable(from, to, everything).steps.map(({ line }) => line);
}

/** The canonical text of a table, without the order of services and servers. */
function text({ services, timeouts }: Table): string {
  const parts = services.map(service => {
    const [own, ...servers] = tableLines({ timeouts, services: [service] });
    return [own, ...servers.toSorted()].join('\n');
  });
  return [...parts.toSorted(), timeoutsLine({ timeouts })].join('\n');
}

/** What the model holds, read as the director reads it. */
function held(model: ModelIpvsadm): Table {
  const { services, diagnostics } = parseRules(new Source('-Sn', model.rules()));
  expect(diagnostics.length === 0, () => diagnostics[0]!.message);
  const limits = parseThresholds(model.thresholds());
  return {
    timeouts: parseTimeouts(model.timeouts()),
    services: services.map(service => ({
      ...service,
      servers: service.servers.map(server => {
        const { upper, lower } = limits.get(serverPlace(service.key, server))!;
        return { ...server, upper, lower };
      }),
    })),
  };
}

/** Timeouts of 0 leave the kernel's. */
function withTimeouts(table: Table, { timeouts }: Table): Table {
  const { tcp, tcpFin, udp } = table.timeouts;
  return {
    ...table,
    timeouts: { tcp: tcp || timeouts.tcp, tcpFin: tcpFin || timeouts.tcpFin, udp: udp || timeouts.udp },
  };
}

test('a table that is written and read is the same table', async t => {
  await holds(t, wantedTable, table => {
    const source = [...tableLines(table), timeoutsLine(table)].join('\n');
    const { services, timeouts, diagnostics } = parseRules(new Source('rules', source));
    expect(diagnostics.length === 0, () => diagnostics[0]!.message);
    expect(text({ services, timeouts: timeouts! }) === text(table), () => source);
  });
});

test('of a table and itself the plan is empty, in whatever order', async t => {
  await holds(t, wantedTable, ({ services, timeouts }) => {
    const turned = services.toReversed().map(one => ({ ...one, servers: one.servers.toReversed() }));
    const steps = lines({ services, timeouts }, { services: turned, timeouts });
    expect(steps.length === 0, () => steps.join('\n'));
  });
});

test('what a plan does to what ipvsadm holds gives the wanted table, without a refusal; then nothing is left', async t => {
  await holds(
    t,
    relatives,
    pair => {
      const model = new ModelIpvsadm();
      for (const wanted of pair) {
        const before = held(model);
        const batch = lines(before, wanted);
        const { exitCode, stderr } = model.restore(batch);
        expect(exitCode === 0 && stderr === '', () => `${stderr}\n${batch.join('\n')}`);
        const after = held(model);
        expect(text(after) === text(withTimeouts(wanted, before)), () => batch.join('\n'));
        expect(lines(after, wanted).length === 0, () => lines(after, wanted).join('\n'));
      }
    },
    200,
  );
});

test('first all that is added, then all that is edited, then all that goes', async t => {
  await holds(t, relatives, ([from, to]) => {
    const order = lines(from, to).map(line => ({ A: 0, a: 0, E: 1, e: 1, '-': 1, d: 2, D: 2 })[line[1]!]!);
    expect(
      order.every((rank, index) => index === 0 || order[index - 1]! <= rank),
      () => lines(from, to).join('\n'),
    );
  });
});

test('services that are nobody of ours are never touched', async t => {
  await holds(t, relatives, ([from, to]) => {
    const declared = new Set(to.services.map(({ key }) => serviceKey(key)));
    const { steps, foreign } = planTable(from, to);
    const undeclared = from.services.map(({ key }) => serviceKey(key)).filter(key => !declared.has(key));
    expect(foreign.toSorted().join() === undeclared.toSorted().join(), () => foreign.join());
    expect(
      steps.every(({ service }) => service === undefined || declared.has(service)),
      () => foreign.join(),
    );
  });
});

test('a table that is imported and described again is the same table', async t => {
  await holds(t, cluster, async one => {
    const wanted = desired(one);
    const marks = new Map(
      one.services.flatMap(({ virtual }) =>
        virtual.kind === 'fwmark' ? [[serviceKey(virtual), virtual.match] as const] : [],
      ),
    );
    const rules = [...tableLines(wanted), timeoutsLine(wanted)].join('\n');
    const first = readTableRules(Buffer.from(rules), 'rules', PORTS, marks);
    expect(first.cluster !== undefined, () => `${first.diagnostics[0]!.message}\n${rules}`);
    const yaml = writeYaml(first.cluster);
    const again = await readDescription(Buffer.from(yaml), 'again.yaml', PORTS);
    expect(again.cluster !== undefined, () => again.diagnostics[0]!.message);
    const steps = lines(wanted, desired(again.cluster));
    expect(steps.length === 0, () => `${steps.join('\n')}\n${yaml}`);
  });
});
