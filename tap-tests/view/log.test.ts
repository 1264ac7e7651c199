import test from 'ava';
import { classicText, logText } from '../../src/view/log.js';
import { createStyle } from '../../src/view/style.js';

const NAMES = { services: new Map([['192.0.2.100:80/tcp', 'web']]), servers: new Map<string, string>() };
const DOWN = {
  time: '2026-11-21T02:00:00.000Z',
  service: '192.0.2.100:80/tcp',
  server: '[2001:db8::11]:80',
  event: 'down',
  cause: 'mon',
};

test('only what is loud has a colour', t => {
  const [down, drained] = ['down', 'drained'].map(event =>
    logText({ ...DOWN, event }, NAMES, createStyle(true)),
  );
  t.true(down?.includes('\u001b[31mdown         \u001b[39m  web [2001:db8::11]:80'));
  t.regex(drained ?? '', /\u001b\[22m {2}drained {8}web \[2001:db8::11\]:80 {8}/);
});

test('the classic form has what no name is known for by address, and only events of servers', t => {
  t.regex(classicText(DOWN, NAMES), /^\d\d:\d\d:\d\d 2026-11-2\d web \[2001:db8::11\]:80 down\n$/);
  const { server: _no, ...ofService } = DOWN;
  t.is(classicText(ofService, NAMES), '');
});
