import type { Service } from '../../cluster/service.js';
import type { Subject } from './subject.js';

/** keepalived 2.2.7 cuts the lines of its configuration at 1,023 bytes; this much of the text is safe, written out. */
const LONGEST_EXPECT = 190;
const LONGEST_COMMAND = 990;

/** What keepalived cannot do, or refuses, although the kernel could. */
export function checkKeepalived(service: Service, subject: Subject): void {
  const { check, servers, minimumServers } = service;
  const path = subject.at(service, 'check');
  if (minimumServers !== undefined) {
    subject.add('minimum-servers-keepalived', subject.at(service, 'minimum_servers'), {
      message: 'minimum_servers cannot be had with checker keepalived, whose quorum sums weights',
      help: 'use checker: mon',
      part: 'key',
    });
  }
  if (servers.length > 0 && servers.every(server => server.weight === 0)) {
    const message = 'keepalived refuses a service whose weights are all 0';
    const help = 'a weight of 0 is for draining; give at least one server a weight';
    subject.add('keepalived-refuses', subject.at(servers[0]!, 'weight'), { message, help });
  }
  if (check.expect !== undefined && Buffer.byteLength(check.expect) > LONGEST_EXPECT) {
    const message = `with keepalived expect has at most ${LONGEST_EXPECT} bytes`;
    subject.add('keepalived-refuses', [...path, 'expect'], { message, help: 'a shorter part of it will do' });
  }
  if (check.type !== 'script') return;
  if (commandLength(check.command ?? []) > LONGEST_COMMAND) {
    const message = `with keepalived a command has at most ${LONGEST_COMMAND} bytes, names and addresses filled in`;
    subject.add('keepalived-refuses', [...path, 'command'], {
      message,
      help: 'put it into a script of its own',
    });
  }
  if (check.timeout % 1000 !== 0) {
    const rounded = Math.ceil(check.timeout / 1000);
    const message = `keepalived gives scripts whole seconds: ${check.timeout} ms become ${rounded} s`;
    subject.add('rounded-time', [...path, 'timeout'], { message });
  }
}

/** At the most, with the longest name and address. */
function commandLength(words: readonly string[]): number {
  const text = words.join(' ');
  const count = (placeholder: string): number => text.split(placeholder).length - 1;
  return text.length + 54 * count('{service}') + 30 * count('{address}');
}
