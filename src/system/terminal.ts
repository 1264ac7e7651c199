import { writeSync } from 'node:fs';
import type { Terminal, TerminalListener } from './ports.js';

/**
 * The alternate screen, without wrapping at the edge and without a cursor (xterm's private modes 1049, 7, 25), and back.
 */
const ENTER = '\u001b[?1049h\u001b[?7l\u001b[?25l';
const LEAVE = '\u001b[0m\u001b[?25h\u001b[?7h\u001b[?1049l';

/** Takes the terminal that is standard input and output. However this process ends, short of kill -9, it is given back. */
export function openTerminal({ keys, resized }: TerminalListener): Terminal {
  const { stdin, stdout } = process;
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    process.off('exit', close);
    stdin.off('data', keys);
    stdout.off('resize', resized);
    stdin.pause();
    try {
      stdin.setRawMode(false);
      // Also while the process ends, when nothing else would still be written.
      writeSync(stdout.fd, LEAVE);
    } catch {
      // The terminal is gone, and its state with it.
    }
  };
  process.on('exit', close);
  stdin.setEncoding('utf8');
  stdin.setRawMode(true);
  stdin.on('data', keys);
  stdout.on('resize', resized);
  stdout.write(ENTER);
  return {
    // A terminal that does not know its size says 0.
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    write: text =>
      new Promise(resolve => {
        stdout.write(text, () => resolve());
      }),
    close,
  };
}
