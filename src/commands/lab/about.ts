import { PLACES } from '../../render/places.js';

/** What each rendered file is for, in a line. A test holds it against what the example renders. */
export const ABOUT: Readonly<Record<string, string>> = {
  [PLACES.fillTable]: "fills the kernel's IPVS table, and leaves what others put there",
  [PLACES.ipvsadmRules]: 'the same table for hosts whose ipvsadm service loads it at boot',
  [PLACES.ipvsadmDefaults]: 'makes that service load it',
  [PLACES.directorScript]: 'start: table, then VIPs; stop: VIPs, then table',
  [PLACES.directorUnit]: 'runs it at boot',
  [PLACES.directorSysctls]: 'kernel settings, each with its reason',
  [PLACES.modules]: 'kernel modules that are loaded at boot',
  [PLACES.moduleOptions]: 'size of the connection table',
  [PLACES.marks]: 'firewall marks, for nft',
  [PLACES.pollCron]: 'asks the servers for their load, by cron',
  [PLACES.monDropIn]: 'lets mon change the table',
  [PLACES.haCf]: 'heartbeat: how the directors hear each other',
  [PLACES.haResources]: 'heartbeat: what moves to the standby',
  [PLACES.authKeys]: 'heartbeat: the shared secret; root only',
  [PLACES.heartbeatLink]: 'where heartbeat looks for that resource',
  [PLACES.hostsFragment]: "the directors' names, for /etc/hosts",
  [PLACES.realServerScript]: 'takes the VIPs without answering ARP for them; needs no Node',
  [PLACES.realServerPlanner]: 'tells it what is missing on this host',
  [PLACES.realServerUnit]: 'runs it at boot',
  [PLACES.realServerSettings]: 'which address takes which VIP',
  '/etc/lvsctl/failover.key': 'where that secret comes from, the same on both; root only',
  '/etc/mon/mon.cf': 'mon: one watch for each server of each service',
  '/usr/lib/mon/mon.d/lvs.monitor': "checks that mon's own monitors cannot do",
  '/usr/lib/mon/alert.d/lvs.alert': 'what mon calls when a server dies or returns',
};
