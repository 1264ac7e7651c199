import { command, type Doer, perform } from '../../director/host/act.js';
import { compare, presentAt } from '../../install/tree.js';
import type { Change } from '../../install/change.js';
import { write, WriteFailure } from '../../install/write.js';
import type { Engine } from '../../render/engine.js';
import type { Artifact } from '../../render/output.js';
import { PLACES } from '../../render/places.js';
import { renderOutputs } from '../../render/render.js';
import { provenance } from '../../render/stamp.js';
import { realServerProgram } from '../../render/targets/realserver.js';
import { readPersisted, writePersisted } from '../../realserver/persisted.js';
import { PERSISTED } from '../../state/paths.js';
import type { Files, Ports } from '../../system/ports.js';
import type { Context } from '../context.js';
import { EXIT, Failure, fileFailure } from '../exit.js';
import type { Wanted } from './wanted.js';

const UNIT = 'lvs-realserver.service';
/** sd_booted(3). */
const SYSTEMD = '/run/systemd/system';

/** What makes the set-up outlive a boot: the rendered tree of a real server, whose unit starts its script. */
export interface Persistence {
  readonly changes: readonly Change[];
  /** The unit is not started at boot yet. */
  readonly enable: boolean;
}

/** What is to happen to files of this host. Reads only. @throws Failure */
export async function compareFiles(
  { files }: Ports,
  artifacts: readonly Artifact[],
  origin: string,
): Promise<Change[]> {
  try {
    return await compare({ name: 'realserver', root: '', artifacts }, files, origin);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw fileFailure(`${path ?? 'what is there'} cannot be read`, error);
  }
}

/** What has to be made. @throws Failure where that cannot be, before anything is touched */
export async function planPersistence(
  context: Context,
  { settings, vipOn, origin }: Wanted,
  engine: Engine,
): Promise<Persistence> {
  const { runner } = context.ports;
  const artifacts = renderOutputs(
    realServerProgram(() => settings, vipOn),
    engine,
    origin,
  );
  const all = await compareFiles(context.ports, artifacts, origin);
  const refused = all.filter(({ action }) => action === 'foreign' || action === 'blocked');
  if (refused.length > 0) {
    throw new Failure(
      EXIT.failed,
      `nothing was changed: what is there is not lvsctl's\n${refused.map(one => `  ${one.path}: ${one.reason}`).join('\n')}`,
      'move it away, or set this host up without --persist',
    );
  }
  const { missing, stdout } = await runner.run('systemctl', ['is-enabled', UNIT]);
  if (missing) {
    throw new Failure(
      EXIT.unavailable,
      'there is no systemctl, so no unit can set this host up at boot',
      `lvsctl configure --target realserver writes the files; ${PLACES.realServerScript} is an LSB init script, too`,
    );
  }
  return { changes: all.filter(({ action }) => action !== 'unchanged'), enable: stdout.trim() !== 'enabled' };
}

/**
 * What is made is noted first: killed in between, `--undo` finds all of it. The unit is enabled last, when all that it
 * needs is there.
 *
 * @returns the paths that were written
 */
export async function persist(doer: Doer, { changes, enable }: Persistence): Promise<string[]> {
  const { files } = doer.ports;
  const made = changes.filter(({ action }) => action === 'create').map(({ path }) => path);
  if (made.length > 0) await writePersisted(files, [...(await readPersisted(files)), ...made]);
  const written = await writeFiles(doer.ports, changes);
  if (written.length > 0) await reload(doer);
  if (enable) await perform(doer, command('systemctl', 'enable', UNIT));
  // It finds all in place; active, it is reloaded with nftables, and stopped at a shutdown.
  if ((await isBooted(doer.ports)) && !(await answers(doer.ports, 'is-active')))
    await perform(doer, command('systemctl', 'start', UNIT));
  return written;
}

async function writeFiles({ files }: Ports, changes: readonly Change[]): Promise<string[]> {
  try {
    const written = await write({ name: 'realserver', root: '', artifacts: [] }, changes, files);
    return written.map(({ path }) => path);
  } catch (error) {
    if (!(error instanceof WriteFailure)) throw error;
    const { exitCode, message } = fileFailure(`${error.path} could not be written`, error.cause);
    throw new Failure(
      exitCode,
      `${message}; this host is a real server until it boots`,
      'lvsctl realserver-setup --persist again completes it, --undo takes it back',
    );
  }
}

/** The commands of `persist`, and what it writes, for a dry run. */
export async function persistLines(
  { ports }: Pick<Doer, 'ports'>,
  { changes, enable }: Persistence,
): Promise<string[]> {
  const booted = await isBooted(ports);
  return [
    ...(booted && changes.length > 0 ? ['systemctl daemon-reload'] : []),
    ...(enable ? [`systemctl enable ${UNIT}`] : []),
    ...(booted && !(await answers(ports, 'is-active')) ? [`systemctl start ${UNIT}`] : []),
  ];
}

/** First of an undo: whatever ends it in its middle, the next boot brings nothing back. */
export async function disable(doer: Doer): Promise<void> {
  if (await answers(doer.ports, 'is-enabled')) await perform(doer, command('systemctl', 'disable', UNIT));
}

/** Last of an undo: what `persist` made goes, unless somebody has edited it. @returns the paths that went */
export async function unpersist(doer: Doer): Promise<string[]> {
  const { files } = doer.ports;
  if ((await isBooted(doer.ports)) && (await answers(doer.ports, 'is-active')))
    await perform(doer, command('systemctl', 'stop', UNIT));
  const gone: string[] = [];
  for (const path of await readPersisted(files)) {
    const present = await presentAt(path, files);
    if (!present) continue;
    const text = new TextDecoder().decode(present.bytes ?? new Uint8Array());
    if (provenance(text) === 'ours') {
      await removed(files, path);
      gone.push(path);
    } else doer.warn(`${path} was edited: it stays`);
  }
  if (gone.length > 0) await reload(doer);
  await removed(files, PERSISTED);
  return gone;
}

/** Killed or refused, the note still has it for the next undo. @throws Failure */
async function removed(files: Files, path: string): Promise<void> {
  try {
    await files.remove(path);
  } catch (error) {
    throw fileFailure(`${path} cannot be removed`, error);
  }
}

/** What `disable` and `unpersist` would do. */
export async function unpersistLines({
  ports,
}: Pick<Doer, 'ports'>): Promise<{ commands: string[]; files: string[] }> {
  const files: string[] = [];
  for (const path of await readPersisted(ports.files)) if (await ports.files.look(path)) files.push(path);
  const booted = await isBooted(ports);
  return {
    commands: [
      ...((await answers(ports, 'is-enabled')) ? [`systemctl disable ${UNIT}`] : []),
      ...(booted && (await answers(ports, 'is-active')) ? [`systemctl stop ${UNIT}`] : []),
      ...(booted && files.length > 0 ? ['systemctl daemon-reload'] : []),
    ],
    files,
  };
}

async function reload(doer: Doer): Promise<void> {
  if (await isBooted(doer.ports)) await perform(doer, command('systemctl', 'daemon-reload'));
}

async function isBooted({ files }: Ports): Promise<boolean> {
  return (await files.look(SYSTEMD)) !== undefined;
}

/** Whether systemctl(1) says yes; without it there is no unit. */
async function answers({ runner }: Ports, question: 'is-enabled' | 'is-active'): Promise<boolean> {
  const { exitCode } = await runner.run('systemctl', [question, UNIT]);
  return exitCode === 0;
}
