import test from 'ava';
import { CODES } from '../../src/diagnostic/codes.js';
import { diagnostic, hasErrors, inOrder } from '../../src/diagnostic/diagnostic.js';
import { Source } from '../../src/diagnostic/source.js';
import { countsText, diagnosticJson, diagnosticText } from '../../src/view/diagnostics.js';
import { createStyle } from '../../src/view/style.js';
import { allCases, read } from '../support/cases.js';

const source = new Source('lvs.conf', 'one two\nthree\n');
const span = (start: number, end = start + 1) => ({ start, end });

test('the severity of a code is the one in the table, unless a finding has its own', t => {
  t.is(diagnostic('bad-port', { message: '' }).severity, 'error');
  t.is(diagnostic('weight-ignored', { message: '' }).severity, 'warning');
  t.is(diagnostic('weight-ignored', { message: '', severity: 'error' }).severity, 'error');
});

test('diagnostics stand in the order of the source, at one place errors first, those without a place before all', t => {
  const hint = diagnostic('single-address-persistence', { message: '', source, span: span(4) });
  const error = diagnostic('bad-port', { message: '', source, span: span(4) });
  const first = diagnostic('bad-port', { message: '', source, span: span(0) });
  const whole = diagnostic('empty-description', { message: '', source });
  const second = diagnostic('bad-port', { message: 'z', source, span: span(4) });
  t.deepEqual(inOrder([hint, second, error, first, whole]), [whole, first, error, second, hint]);
});

test('only errors make a description invalid', t => {
  const warning = diagnostic('ftp-alone', { message: '' });
  t.false(hasErrors([warning]));
  t.true(hasErrors([warning, diagnostic('bad-port', { message: '' })]));
});

test('counts are told in words, and nothing where there is none', t => {
  const error = diagnostic('bad-port', { message: '' });
  const warning = diagnostic('ftp-alone', { message: '' });
  t.is(countsText([error, warning, error]), '2 errors, 1 warning');
  t.is(countsText([]), undefined);
});

test('as JSON a diagnostic has its place from 1, the end exclusive, its line, and only what there is', t => {
  const one = diagnostic('bad-port', { message: 'm', help: 'h', source, span: span(4, 7) });
  t.deepEqual(diagnosticJson(one), {
    severity: 'error',
    code: 'bad-port',
    message: 'm',
    file: 'lvs.conf',
    line: 1,
    column: 5,
    endLine: 1,
    endColumn: 8,
    source: 'one two',
    help: 'h',
  });
  t.deepEqual(diagnosticJson(diagnostic('bad-port', { message: 'm' })), {
    severity: 'error',
    code: 'bad-port',
    message: 'm',
  });
});

test('JSON and text agree on every place of every case', async t => {
  const style = createStyle(false);
  for (const one of allCases()) {
    for (const found of (await read(one)).diagnostics) {
      const { line, column, endLine, endColumn } = diagnosticJson(found) as Record<
        string,
        number | undefined
      >;
      const place = line === undefined ? '' : `:${line}:${column}`;
      const start = `${one.name}${place}: ${found.severity}[${found.code}]: `;
      const text = diagnosticText(found, style);
      if (!text.startsWith(start)) t.fail(`${one.title}: ${text} does not start with ${start}`);
      if (line === undefined) continue;
      const behind = endLine! > line || endColumn! >= column!;
      if (!behind) t.fail(`${one.title}: ${text} ends before it begins`);
    }
  }
  t.pass();
});

test('with colour the text is the same but for the colour', t => {
  const one = diagnostic('bad-port', { message: 'm', help: 'h', source, span: span(4, 7) });
  const coloured = diagnosticText(one, createStyle(true));
  t.true(coloured.includes('\u001b['));
  t.is(coloured.replace(/\u001b\[\d+m/g, ''), diagnosticText(one, createStyle(false)));
});

test('every code is kebab-case and says in one sentence what it is about', t => {
  for (const [code, { about }] of Object.entries(CODES)) {
    t.regex(code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    t.regex(about, /^[A-Z`\w].*\.$/s, code);
  }
});
