import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../../src/config/schema/json-schema.js';
import { CHECKS } from '../../src/doctor/checks.js';
import { KINDS } from '../../src/doctor/codes.js';
import { CODES, type Severity } from '../../src/diagnostic/codes.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What is in docs/ and made from the code: run this file to write it anew. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/lvsctl.schema.json': () => `${JSON.stringify(jsonSchema(), null, 2)}\n`,
  'docs/diagnostics.md': diagnosticsPage,
  'docs/doctor.md': doctorPage,
};

const GROUPS: Readonly<Record<Severity, string>> = {
  error:
    'With an error nothing is rendered and nothing applied; the exit code is 78, for what keeps an edit from being made 1.',
  warning: 'Warnings are allowed, but worth a second look. They change the exit code with `--strict` only.',
  hint: 'Hints never change the exit code.',
};

function diagnosticsPage(): string {
  const tables = Object.entries(GROUPS).map(([severity, about]) => {
    const rows = Object.entries(CODES)
      .filter(([, entry]) => entry.severity === severity)
      .map(([code, entry]) => `| \`${code}\` | ${entry.about.replaceAll('|', '\\|')} |`);
    return `## ${severity[0]!.toUpperCase()}${severity.slice(1)}s\n\n${about}\n\n| code | about |\n|---|---|\n${rows.join('\n')}\n`;
  });
  const head = `# Diagnostics

What \`lvsctl validate\` and every verb that reads a description may say of it. The codes are stable: they stand in the
text in brackets, \`lvs.conf:14:3: error[unknown-scheduler]: …\`, and as \`code\` in the output of \`-o json\`.
`;
  return [head, ...tables].join('\n');
}

function doctorPage(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const checks = CHECKS.map(({ name, about }) => `| \`${name}\` | ${cell(about)} |`);
  const findings = (['error', 'warning', 'note'] as const).map(severity => {
    const rows = Object.entries(KINDS)
      .filter(([, kind]) => kind.severity === severity)
      .map(([code, { about, why, mend, safe, more }]) => {
        const read = more === undefined ? '' : ` (${more})`;
        return `| \`${code}\` | ${cell(about)} | ${cell(why)}${cell(read)} | ${cell(mend)} | ${safe ? 'yes' : ''} |`;
      });
    const head = '| code | found | why it matters | mended by | `--fix` |\n|---|---|---|---|---|';
    return `## ${severity[0]!.toUpperCase()}${severity.slice(1)}s\n\n${head}\n${rows.join('\n')}\n`;
  });
  return [
    `# What the doctor finds

What \`lvsctl doctor\` looks at on a director or a real server, and what it may say of it. The codes are stable: they stand
in the text in brackets, and as \`code\` in the output of \`-o json\`. An error makes the exit code 1.
`,
    `## Checks

With \`--only\` just these are made. A check that does not concern the machine is left out: one for a director on a real
server, one for tunnels where there is none.

| check | holds where nothing is found |
|---|---|
${checks.join('\n')}
`,
    ...findings,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(GENERATED)) writeFileSync(`${ROOT}${path}`, text());
}
