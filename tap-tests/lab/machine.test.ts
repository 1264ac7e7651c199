import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { eventLine, type LabEvent, parseEvent } from '../../src/lab/events.js';
import { type MachineEnd, runMachine } from '../../src/lab/machine.js';
import { createRunner } from '../../src/system/runner.js';

interface Seen {
  readonly end: MachineEnd;
  readonly events: LabEvent[];
  readonly notes: string[];
  readonly words: string[];
  readonly folder: string;
}

/** What comes of a boot.sh that is this script. */
async function withBoot(
  t: ExecutionContext,
  script: string,
  given: { readonly signal?: AbortSignal; readonly terminal?: boolean } = {},
): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const boot = join(folder, "it's boot.sh");
  writeFileSync(boot, `cd "$(dirname "$0")"\n${script}`);
  const events: LabEvent[] = [];
  const notes: string[] = [];
  const words: string[] = [];
  const end = await runMachine(
    createRunner(),
    {
      boot,
      job: new TextEncoder().encode('the job'),
      added: ['/a b/$(node)', '/lab/guest'],
      megabytes: 2048,
      seconds: 300,
      terminal: given.terminal ?? false,
      signal: given.signal ?? new AbortController().signal,
    },
    {
      event: event => events.push(event),
      note: text => notes.push(text),
      words: line => words.push(line),
    },
  );
  return { end, events, notes, words, folder };
}

const done = `echo '${eventLine({ event: 'done', status: 0 })}'`;

test('the script gets the job, its size and what is added, word by word', async t => {
  const { folder, end } = await withBoot(t, `cat >job; printf '<%s>' "$@" >words; ${done}`);
  t.is(readFileSync(join(folder, 'job'), 'utf8'), 'the job');
  t.is(
    readFileSync(join(folder, 'words'), 'utf8'),
    '<-t><300><-m><2048><-a></a b/$(node)><-a></lab/guest><->',
  );
  t.deepEqual(end, { status: 0 });
  const terminal = await withBoot(t, `printf '<%s>' "$@" >words; ${done}`, { terminal: true });
  t.regex(readFileSync(join(terminal.folder, 'words'), 'utf8'), /<-i><->$/);
});

test('events, what the recipe says and all else are told apart', async t => {
  const step = eventLine({ event: 'step', text: '6 hosts are up' });
  const { events, notes, words } = await withBoot(
    t,
    `echo 'lab: building the image' >&2\necho '${step}'\necho '{"event":broken'\necho 'Segmentation fault' >&2\n${done}`,
  );
  t.deepEqual(events, [{ event: 'step', text: '6 hosts are up' }]);
  t.deepEqual(notes, ['building the image']);
  t.deepEqual(words, ['{"event":broken', 'Segmentation fault']);
});

test("the status of the user's last command is handed on", async t => {
  const { end } = await withBoot(t, `echo '${eventLine({ event: 'done', status: 7 })}'`);
  t.deepEqual(end, { status: 7 });
});

test('every way to fail has its reason', async t => {
  const cases: [script: string, end: Partial<MachineEnd>][] = [
    ['echo "lab: error: qemu is missing" >&2; exit 69', { reason: 'qemu is missing', lacks: 'program' }],
    ['echo "lab: error: not yours" >&2; exit 77', { reason: 'not yours', lacks: 'permission' }],
    [
      'echo "lab: error: the machine did not end within 9 s" >&2; exit 99',
      { reason: 'the machine did not end within 9 s' },
    ],
    [`echo '${eventLine({ event: 'failed', message: 'no director' })}'`, { reason: 'no director' }],
    ['echo "TypeError: x" >&2; exit 1', { reason: 'the program inside the machine broke off' }],
    // It ended well and yet never said that it was done.
    ['exit 0', { reason: 'the program inside the machine broke off' }],
    ['kill -9 $$', { reason: 'the program inside the machine broke off' }],
  ];
  for (const [script, expected] of cases) {
    const { end } = await withBoot(t, script);
    t.deepEqual(end, { status: 1, ...expected } as MachineEnd, script);
  }
});

test('a stop reaches the script, which ends in its own way', async t => {
  const controller = new AbortController();
  const script = `trap 'echo gone >end; exit 130' TERM; echo '${eventLine({ event: 'say', text: 'up' })}'
    while :; do sleep 0.1; done`;
  setTimeout(() => controller.abort(), 500);
  const { folder, events } = await withBoot(t, script, { signal: controller.signal });
  t.is(readFileSync(join(folder, 'end'), 'utf8'), 'gone\n');
  t.deepEqual(events, [{ event: 'say', text: 'up' }]);
});

test('an event is one line, whatever its texts hold, and comes back the same', t => {
  const event: LabEvent = { event: 'step', text: 'a "b"\n{"event":"done"}\u2028' };
  t.false(eventLine(event).includes('\n'));
  t.deepEqual(parseEvent(eventLine(event)), event);
  t.is(parseEvent('{"other":1}'), undefined);
});
