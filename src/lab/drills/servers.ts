import type { Cluster } from '../../cluster/cluster.js';
import { serversByHost } from '../endpoints.js';
import type { LabHost } from '../topology.js';
import type { Checked } from './notice.js';
import { type Act, actOf, notRun } from './drill.js';
import { runWave } from './wave.js';
import { checkedServices, noticeTime, wavesOf } from './waves.js';

/** Nobody waits longer than this for a checker, in milliseconds. */
const LONGEST = 150_000;
/** Servers that are taken down; of a large cluster the rest is told as not run. */
const MOST = 48;

const UNSEEN = 'no service checks it, or all that its death could change is a weight of 0';

const TITLE = 'its death and its return are noticed';

/** Each server dies and returns, several at a time. */
export function serverActs(cluster: Cluster, hosts: readonly LabHost[]): Act[] {
  const { checker } = cluster;
  const none = (subject: string, why: string): Act =>
    actOf({ id: 'server-down', title: TITLE, subject, run: () => Promise.resolve(notRun(why)) });
  const machines = serving(cluster, hosts);
  if (checker === 'none') {
    return machines.map(name => none(name, 'checker is none: nobody finds out that a server is dead'));
  }
  const checked = checkedServices(cluster, hosts);
  const slow = (name: string): boolean => Math.max(...(checked.get(name) ?? []).map(noticeTime)) > LONGEST;
  const able = machines.filter(name => checked.has(name) && !slow(name));
  const chosen = able.slice(0, MOST);
  const waves = wavesOf(cluster, hosts, chosen);
  return [
    ...waves.filter(wave => wave.length > 0).map(wave => waveAct(checked, wave)),
    ...able.slice(MOST).map(name => none(name, `only the first ${MOST} servers are taken down`)),
    ...machines.filter(name => !checked.has(name)).map(name => none(name, UNSEEN)),
    ...machines
      .filter(name => checked.has(name) && slow(name))
      .map(name => none(name, `its checks need more than ${LONGEST / 1000} s to notice`)),
  ];
}

function serving(cluster: Cluster, hosts: readonly LabHost[]): string[] {
  const all = cluster.services.flatMap(service => [...serversByHost(cluster, service, hosts).keys()]);
  return [...new Set(all)];
}

function waveAct(checked: Checked, wave: readonly string[]): Act {
  return {
    drills: wave.map(subject => ({ id: 'server-down', title: TITLE, subject })),
    run: lab => runWave(lab, checked, wave),
  };
}
