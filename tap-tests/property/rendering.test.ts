import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import { isRealServer } from '../../src/cluster/machines.js';
import { Engine } from '../../src/render/engine.js';
import type { Artifact, DirectorInput } from '../../src/render/output.js';
import { renderOutputs } from '../../src/render/render.js';
import { provenance } from '../../src/render/stamp.js';
import { directorOutputs, realServerOutputs, templateShapes } from '../../src/render/targets.js';
import { cluster } from '../support/arbitrary-cluster.js';
import { expect, holds } from '../support/arbitrary.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const where = (name: string): string =>
  ROOT + (name.startsWith('realserver/') && existsSync(ROOT + name) ? name : `templates/${name}`);
const engine = new Engine(
  {
    text: name => (existsSync(where(name)) ? readFileSync(where(name), 'utf8') : undefined),
    where,
    isOwn: () => true,
  },
  templateShapes,
);

const situation = fc.record({ cluster, tree: fc.boolean(), fragment: fc.boolean() });
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

/** All files of all machines. */
function everything({ cluster, tree, fragment }: Situation): Artifact[] {
  const directors: DirectorInput['director'][] =
    cluster.directors.length > 0 ? [...cluster.directors] : [undefined];
  const outputs = directors.flatMap(director =>
    directorOutputs({
      cluster,
      director,
      serves: director !== undefined && isRealServer(cluster, director),
      tree,
      fragment: () => fragment,
      failoverKey: cluster.failover.by === 'heartbeat' ? '0123456789abcdef' : undefined,
    }),
  );
  return renderOutputs([...outputs, ...realServerOutputs(cluster)], engine, 'lvs.yaml');
}

function texts(artifacts: readonly Artifact[]): { path: string; content: string; whole: boolean }[] {
  return artifacts.flatMap(one =>
    one.kind === 'file' || one.kind === 'block' ? [{ ...one, whole: one.kind === 'file' }] : [],
  );
}

test('every file of every cluster is rendered, ours, of whole lines and without a value that is missing', async t => {
  await holds(
    t,
    situation,
    one => {
      for (const { path, content, whole } of texts(everything(one))) {
        expect(!whole || provenance(content) === 'ours', () => path);
        expect(content.endsWith('\n') && !content.includes('\0'), () => `${path}\n${content}`);
        expect(!/\bundefined\b|\[object /.test(content), () => `${path}\n${content}`);
      }
    },
    80,
  );
});

test('every rendered shell script is one that sh can read', async t => {
  await holds(
    t,
    situation,
    one => {
      for (const { path, content } of texts(everything(one))) {
        if (!/^#! ?\/bin\/sh/.test(content)) continue;
        const { status, stderr } = spawnSync('sh', ['-n'], { input: content, encoding: 'utf8' });
        expect(status === 0, () => `${path}: ${stderr}\n${content}`);
      }
    },
    20,
  );
});
