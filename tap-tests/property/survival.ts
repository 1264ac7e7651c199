import { isDeepStrictEqual } from 'node:util';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';
import { writeYaml } from '../../src/config/yaml/write.js';
import { hasErrors } from '../../src/diagnostic/diagnostic.js';
import { diagnosticJson, diagnosticText } from '../../src/view/diagnostics.js';
import { jsonText } from '../../src/view/json.js';
import { createStyle } from '../../src/view/style.js';
import { expect } from '../support/arbitrary.js';
import { SERVICES } from '../support/arbitrary-classic.js';

const PORTS = portNames(SERVICES);
const PLAIN = createStyle(false);
/** What moves a cursor, starts a colour, turns the reading direction or ends a line elsewhere. Tab and newline are ours. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/**
 * Whatever is in the file: a cluster that can be written and read again, or errors, each fit to be shown.
 * Throws where that does not hold.
 */
export async function survives({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<void> {
  const { cluster, diagnostics } = await readDescription(bytes, name, PORTS);
  expect(
    (cluster !== undefined) === !hasErrors(diagnostics),
    () => 'a cluster exactly where there is no error',
  );
  for (const one of diagnostics) {
    const length = one.source?.text.length ?? 0;
    const { start, end } = one.span ?? { start: 0, end: 0 };
    expect(start >= 0 && start <= end && end <= length, () => `${one.code}: ${start}-${end} of ${length}`);
    const text = diagnosticText(one, PLAIN);
    expect(!UNSAFE.test(text), () => `unsafe to show: ${JSON.stringify(text)}`);
    const json = jsonText(diagnosticJson(one));
    expect(!UNSAFE.test(json), () => `unsafe to show: ${JSON.stringify(json)}`);
  }
  if (!cluster) return;
  const yaml = writeYaml(cluster);
  const again = await readDescription(Buffer.from(yaml), 'again.yaml', PORTS);
  expect(isDeepStrictEqual(again.cluster, cluster), () => `written it is another cluster:\n${yaml}`);
}
