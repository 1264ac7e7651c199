import { type Door, throughDoor, type Visitor } from '../director/door.js';
import type { Assign } from '../director/host/change.js';
import { deliver } from '../director/notify.js';
import type { Render } from '../director/renewal.js';
import type { Waker } from '../director/timer.js';
import { PATIENCE, takeLock } from '../state/lock.js';
import type { Lock } from '../system/ports.js';
import type { Context } from './context.js';

/** Whoever typed the verb, before the door to the kernel's table. */
export function visitor(context: Context, verb: string, by: keyof typeof PATIENCE = 'person'): Visitor {
  const { ports, pid, errStyle } = context;
  return {
    ports,
    verb,
    pid,
    patience: PATIENCE[by],
    assign: assigner(context),
    render: renderer(context),
    echo: line => context.err(`${line}\n`),
    waker: waker(context),
    warn: text => context.err(`${errStyle.yellow('warning')}: ${text}\n`),
  };
}

export function waker({ program, pid }: Context): Waker {
  return { program, pid };
}

/** Through the door, whatever becomes of those who read the output. @throws as `throughDoor` */
export async function enter<T>(context: Context, whom: Visitor, act: (door: Door) => Promise<T>): Promise<T> {
  return await context.undisturbed(async () => {
    try {
      return await throughDoor(whom, act);
    } finally {
      await deliver(whom);
    }
  });
}

/** The lock of all that changes this host, where the table is left as it is. @throws StateFailure */
export async function lockFor({ ports, pid }: Context, verb: string): Promise<Lock> {
  const since = ports.clock.now().toISOString();
  return await takeLock(ports.files, verb, { pid, since }, PATIENCE.person);
}

/** What this host has to do in a cluster. Templates are loaded only where that is asked. */
function assigner(context: Context): Assign {
  return async (cluster, only) => await (await import('./duties.js')).dutiesIfAny(context, cluster, only);
}

/** What of this host's files a cluster asks for. Nothing of rendering is loaded where nobody asks. */
function renderer(context: Context): Render {
  return async cluster => await (await import('./rendering.js')).renderingHere(context, cluster);
}
