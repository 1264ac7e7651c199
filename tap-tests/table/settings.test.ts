import test from 'ava';
import { PLACES } from '../../src/render/places.js';
import { wantedSettings } from '../../src/table/settings.js';
import { cluster } from '../support/arbitrary-cluster.js';
import { expect, holds } from '../support/arbitrary.js';
import { contentOf, renderDirector } from '../support/rendered.js';

test('the settings that plan looks at are those of the rendered file, all but those of the host', async t => {
  await holds(
    t,
    cluster,
    one => {
      const rendered = contentOf(renderDirector(one, ['director']), PLACES.directorSysctls);
      const found = [...rendered.matchAll(/^net\.ipv4\.vs\.(\w+) = (.+)$/gm)].map(
        ([, name, value]) => `${name} ${value}`,
      );
      const wanted = [...wantedSettings(one)].map(([name, value]) => `${name} ${value}`);
      expect(
        found.toSorted().join() === wanted.toSorted().join(),
        () => `${found.join()} ≠ ${wanted.join()}`,
      );
    },
    50,
  );
});
