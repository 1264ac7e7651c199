import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const MODULE = new URL('../../src/system/terminal.js', import.meta.url).href;
const ENTER = '\u001b[?1049h\u001b[?7l\u001b[?25l';
const LEAVE = '\u001b[0m\u001b[?25h\u001b[?7h\u001b[?1049l';

/** Runs a program on a real terminal of 30 columns and 7 rows, and what the terminal then is like. */
const given = test.macro<[program: string, typed: string, shown: RegExp]>({
  exec: (t, program, typed, shown) => {
    const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, 'program.mjs'),
      `import { openTerminal } from '${MODULE}';
       const listener = { keys: () => {}, resized: () => {} };
       const terminal = openTerminal({ keys: text => listener.keys(text), resized: () => listener.resized() });
       ${program}`,
    );
    const node = `'${process.execPath}' '${folder}/program.mjs' 2>/dev/null`;
    const command = `stty rows 7 cols 30; stty -a >'${folder}/before'; ${node}; echo "ended $?"; stty -a >'${folder}/after'; cmp '${folder}/before' '${folder}/after' && echo same`;
    // Typed once the program listens, however busy the machine is.
    const type = `until grep -q ready '${folder}/typed'; do sleep 0.1; done; ${typed}; sleep 1`;
    const { stdout } = spawnSync(
      'sh',
      ['-c', `{ ${type}; } 2>/dev/null | script -qefc "$1" '${folder}/typed'`, 'sh', command],
      { encoding: 'utf8', timeout: 60_000 },
    );
    t.true(stdout.includes(ENTER), JSON.stringify(stdout));
    t.is(stdout.split(LEAVE).length, 2, JSON.stringify(stdout));
    t.regex(stdout.split(LEAVE)[1]!, /^ended \d+\r\nsame\r\n$/);
    t.regex(stdout, shown);
  },
  title: sentence => `a terminal is given back as it was: ${sentence}`,
});

const READY = "await terminal.write('ready');";

test(
  'after a key, which comes as it was typed, Ctrl-C too',
  given,
  `listener.keys = async text => {
     await terminal.write(JSON.stringify([text, terminal.size()]));
     terminal.close();
     terminal.close();
   };
   ${READY}`,
  'printf "\\003"',
  /\["\\u0003",\{"columns":30,"rows":7\}\]/,
);
test(
  'when the program ends itself',
  given,
  `listener.keys = () => process.exit(7); ${READY}`,
  'printf q',
  /ended 7/,
);
test(
  'when the program fails',
  given,
  `listener.keys = () => { throw new Error('a bug'); }; ${READY}`,
  'printf q',
  /ended [17]/,
);
test(
  'when its size has changed meanwhile',
  given,
  `const { execFileSync } = await import('node:child_process');
   const columns = count => execFileSync('stty', ['cols', count], { stdio: ['inherit', 'ignore', 'ignore'] });
   listener.resized = async () => {
     await terminal.write(JSON.stringify(terminal.size()));
     terminal.close();
     columns('30');
   };
   ${READY}
   columns('99');`,
  'true',
  /"columns":99/,
);
