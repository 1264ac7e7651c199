import type { Kind } from '../kind.js';

/** What may be wrong on the wire. */
export const WIRE_KINDS = {
  'server-answers': {
    severity: 'error',
    about: 'A real server answers for a VIP, by ARP or IPv6 neighbour discovery.',
    why: 'clients that hear it go past the director: no balancing, no checks, and resets when they hear another one',
    mend: 'on that server `lvsctl realserver-setup`',
    safe: false,
  },
  'director-answered': {
    severity: 'error',
    about: "Another machine answers for a director's own address.",
    why: 'what is meant for the director goes there, now and then or always: its checks fail, its neighbours lose it',
    mend: 'find that machine by its hardware address, and take the address away there; on a real server `lvsctl doctor`',
    safe: false,
  },
  'stranger-answers': {
    severity: 'error',
    about: 'A machine that the description does not name answers for a VIP.',
    why: 'clients reach it instead of the director, now and then or always',
    mend: 'find the machine by its hardware address, and take the VIP away there',
    safe: false,
  },
  'vip-twice': {
    severity: 'error',
    about: 'Two directors have a VIP at once.',
    why: 'each gets some of the packets, and connections break; a keepalived that was killed leaves its addresses behind',
    mend: 'on the one that should stand by: end what gives the addresses there, then `lvsctl director stop`',
    safe: false,
  },
  'vip-unanswered': {
    severity: 'error',
    about: 'Nobody answers for a VIP, though a director is there.',
    why: 'no client in this network reaches it',
    mend: '`lvsctl doctor` on the directors',
    safe: false,
  },
  'vips-not-asked': {
    severity: 'note',
    about: 'There are too many VIPs to ask for each.',
    why: 'what is wrong with one of the others stays unseen',
    mend: 'nothing has to be done',
    safe: false,
  },
  'tunnel-narrow': {
    severity: 'note',
    about: 'The path to a server behind a tunnel carries less than the interface does, and says so.',
    why: 'the director tells clients of it by ICMP; where that is filtered on the way to them, large requests hang',
    mend: "let ICMP's fragmentation needed through to the clients, or make the MSS of the servers smaller",
    safe: false,
  },
  'tunnel-not-probed': {
    severity: 'note',
    about: 'A server behind a tunnel does not answer ping.',
    why: 'whether large packets reach it stays unknown',
    mend: 'let ICMP echo through to it from the directors',
    safe: false,
  },
  'tunnel-hole': {
    severity: 'error',
    about: 'Large packets to a server behind a tunnel vanish without a word.',
    why: 'small requests are served, and large ones hang for ever',
    mend: '`ip route replace` with the MTU that was found; or let ICMP through where the path narrows',
    safe: false,
  },
} as const satisfies Record<string, Kind>;
