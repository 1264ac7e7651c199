import test from 'ava';
import { changeProblems, leavingHosts, successor, unionOf } from '../../src/lab/change/compare.js';
import { lvsctl } from '../../src/lab/change/lvsctl.js';
import { changeActs } from '../../src/lab/change/rehearse.js';
import { askingOf, requestsFinding } from '../../src/lab/change/requests.js';
import type { Stage } from '../../src/lab/change/stage.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Host, Lab } from '../../src/lab/lab.js';
import { topologyOf } from '../../src/lab/topology.js';
import { type Answer, lossesOf } from '../../src/lab/watch.js';
import { cluster, ESTEPE, MIDAS, service } from '../support/clusters.js';

const [A, B, C] = ['192.168.45.13', '192.168.45.43', '192.168.45.44'] as const;
const web = (...servers: string[]): Cluster['services'][number] => service('192.168.45.26:80', servers);
const of = (...services: Cluster['services']): Cluster => cluster({ services });

test('the hosts of both are built, each once, whatever it is called', t => {
  const named = { ...web(A, B), servers: web(A, B).servers.map((one, n) => ({ ...one, host: `web${n}` })) };
  const old = {
    ...of(named),
    hosts: [
      { name: 'web0', address: A },
      { name: 'web1', address: B },
    ],
  };
  const next = {
    ...of(web(B, C)),
    hosts: [
      { name: 'www', address: B },
      { name: 'new', address: C },
    ],
  };
  const names = topologyOf(unionOf(old, next)).map(one => one.name);
  t.deepEqual(names, ['client', 'midas', 'estepe', 'web0', 'web1', 'new']);
});

test('what apply does not change, and hosts that move, cannot be rehearsed', t => {
  const old = of(web(A));
  t.deepEqual(changeProblems(old, of(web(B), service('192.168.45.27:80', [C]))), []);
  t.regex(
    changeProblems(old, cluster({ directors: [MIDAS] })).join(),
    /^they do not agree on the directors, and apply/,
  );
  t.regex(changeProblems(old, { ...old, checker: 'mon' }).join(), /on the checker,/);
  const renamed = { ...old, directors: [MIDAS, { ...ESTEPE, address: '192.168.45.9' }] };
  t.regex(changeProblems(old, renamed).join(), /on the directors,/);
  const at = (address: string): Cluster => ({ ...old, hosts: [{ name: 'web', address }] });
  t.deepEqual(changeProblems(at(A), at(B)), [
    'the host web has other addresses, and in the lab no host moves',
  ]);
});

test('a service is what the kernel takes for it; a host leaves one with its last server', t => {
  const old = of(web(A, B), service('192.168.45.26:81', [A]));
  const next = of({ ...web(A, C), name: 'another name' });
  t.is(successor(old.services[0]!, next)?.name, 'another name');
  t.is(successor(old.services[1]!, next), undefined);
  const hosts = topologyOf(unionOf(old, next));
  t.deepEqual([...leavingHosts(old, old.services[0]!, next, hosts)], ['server-192-168-45-43']);
  t.deepEqual([...leavingHosts(old, old.services[1]!, next, hosts)], ['server-192-168-45-13']);
});

/** One every quarter of a second from 0 on; `-` is one that was lost. */
const answers = (text: string): Answer[] =>
  [...text].map((one, index) => ({ seconds: index / 4, target: 0, ...(one === '-' ? {} : { by: one }) }));

const NONE = lossesOf([]);

function found(text: string, after: Cluster, mayGo = false): [outcome: string, detail: string] {
  const { outcome, detail } = requestsFinding(askingOf(web(A), answers(text), 1), after, mayGo, NONE);
  return [outcome, detail];
}

test('a lost request fails the step, with how it was lost', t => {
  const same = of(web(A));
  t.deepEqual(found('aaaaaaaaaa', same), ['passed', '6 requests, none lost']);
  t.deepEqual(found('aaaaaaa-aa', same), [
    'failed',
    '1 of 6 requests lost: 1 refused; 0.5 s of silence at most, the first after 1 s',
  ]);
});

test('what was lost before the step, or not asked at all, says nothing about it', t => {
  const same = of(web(A));
  const [outcome, detail] = found('aa-aaaaaaa', same);
  t.is(outcome, 'not-run');
  t.regex(detail, /^1 of 4 requests lost.* before anything was done/);
  t.deepEqual(found('aaa', same), ['not-run', 'it was not asked']);
  t.deepEqual(found('', same), ['not-run', 'it was not asked']);
});

test("what is late while others are, too, is nobody's fault; what is refused is", t => {
  const late: Answer[] = [
    { seconds: 0, target: 0, by: 'a' },
    { seconds: 2, target: 0 },
    { seconds: 3.1, target: 0, by: 'a' },
  ];
  const refused = late.map(one => (one.seconds === 3.1 ? { ...one, seconds: 2.3 } : one));
  const busy = lossesOf([{ seconds: 2, target: 1 }]);
  const outcome = (list: readonly Answer[], control: typeof busy): string =>
    requestsFinding(askingOf(web(A), list, 1), of(web(A)), false, control).outcome;
  t.deepEqual(
    [outcome(late, busy), outcome(late, NONE), outcome(refused, busy)],
    ['not-run', 'failed', 'failed'],
  );
});

test('a service that goes is a loss, unless it goes as it came', t => {
  const without = of(service('192.168.45.26:81', [A]));
  const [outcome, detail] = found('aaaaa-----', without);
  t.is(outcome, 'failed');
  t.regex(detail, /5 of 6 requests lost.*: the step takes the service away, and its clients with it$/);
  t.is(found('aaaaa-----', without, true)[0], 'passed');
  t.is(found('aaaaaaa-aa', of(web(A)), true)[0], 'failed');
});

test('a changed scheduler may cost a moment, and no more', t => {
  const changed = of({ ...web(A), scheduler: 'rr' });
  const [outcome, detail] = found('aaaaaaa-aa', changed);
  t.is(outcome, 'passed');
  t.regex(detail, /while the scheduler changes/);
  t.is(found(`aaaaaa${'-'.repeat(16)}a`, changed)[0], 'failed');
});

/** A director on which lvsctl ends so, as soon as it was looked at twice. */
function director(exitCode: number, stdout: string, stderr = ''): Host {
  const files: Record<string, string> = { out: stdout, err: stderr };
  const read = (script: string): string => files[/^cat \S+\.(\w+)$/.exec(script)?.[1] ?? ''] ?? '';
  return {
    name: 'midas',
    sh: (script: string) => Promise.resolve(read(script)),
    run(script: string) {
      const before = read(script);
      files['status'] = `${exitCode}\n`;
      return Promise.resolve({ stdout: before });
    },
  } as unknown as Host;
}

let clock = 0;
const LAB = {
  elapsed: () => (clock += 1230),
  async until(_: string, holds: () => Promise<boolean>) {
    for (let tries = 0; tries < 3; tries++) if (await holds()) return tries;
    throw new Error('it never ended');
  },
} as unknown as Lab;

test('of lvsctl its plan is reported, with its size and time; of a refusal the reason', async t => {
  const plan = '+ a\n~ b\n\n1 to add, 1 to change, 0 to remove\ngeneration 2 runs\n';
  t.deepEqual(await lvsctl(LAB, director(0, plan), 'apply'), {
    problems: [],
    lines: ['+ a', '~ b', '1 to add, 1 to change, 0 to remove', 'generation 2 runs'],
    figures: { changes: 2, took: 1.2 },
  });
  const same = await lvsctl(LAB, director(0, 'nothing to change\n'), 'apply');
  t.is(same.figures['changes'], 0);
  const refused = await lvsctl(LAB, director(1, '', 'lvsctl: the kernel refused it\n'), 'apply');
  t.deepEqual(refused.problems, ['lvsctl on midas ended with 1: lvsctl: the kernel refused it']);
  t.is((await lvsctl(LAB, director(2, ''), 'plan')).problems.length, 1);
  t.is((await lvsctl(LAB, director(2, ''), 'plan', [0, 2])).problems.length, 0);
  const long = await lvsctl(LAB, director(0, '+ line\n'.repeat(40)), 'apply');
  t.deepEqual([long.lines.length, long.lines.at(-1)], [31, 'and 10 lines more']);
});

function stageOf(old: Cluster, next: Cluster): Stage {
  const described = (of: Cluster, file: string): Stage['old'] => ({ cluster: of, file, text: '' });
  return {
    lab: {} as Lab,
    old: described(old, 'old.yaml'),
    next: described(next, 'next.yaml'),
    trees: { old: '/old', next: '/next' },
    lvsctl: 'lvsctl',
  };
}

const dns = { ...service('192.168.45.27:53', [C]), name: 'dns' };
const udp = { ...dns, virtual: { ...dns.virtual, protocol: 'udp' } } as Cluster['services'][number];

test('what is found out about a change: before, at each step, and after it', t => {
  const old = of({ ...web(A), name: 'web' }, { ...service('192.168.45.26:25', [B]), name: 'mail' });
  const next = of({ ...web(A, C), name: 'web' }, udp);
  const ids = (acts: ReturnType<typeof changeActs>): string[] =>
    acts.flatMap(act => act.drills.map(({ id, subject }) => [id, subject].filter(Boolean).join(' ')));
  const all = ids(changeActs(stageOf(old, next)));
  t.deepEqual(all, [
    'old-applied',
    'apply',
    'apply-requests web',
    'apply-requests mail',
    'apply-connections web',
    'apply-connections mail',
    'table-new',
    'arp 192.168.45.26',
    'arp 192.168.45.27',
    'traffic web',
    'traffic dns',
    'rollback',
    'rollback-requests web',
    'rollback-requests dns',
    'rollback-connections web',
    'table-old',
    'back mail',
  ]);
  const keepalived = (one: Cluster): Cluster => ({ ...one, checker: 'keepalived' });
  t.false(ids(changeActs(stageOf(keepalived(old), keepalived(next)))).includes('old-applied'));
});

test('nothing is found out about a description that was not applied, nor about its end', async t => {
  const acts = changeActs(stageOf(of(web(A)), of(web(A, B)))).slice(2);
  for (const act of acts) {
    for (const one of await act.run({} as Lab)) {
      t.deepEqual(one, { outcome: 'not-run', detail: 'the new description was not applied', figures: {} });
    }
  }
});
