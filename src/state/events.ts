import * as z from 'zod';
import { type EventName, EVENTS } from './event-names.js';
import { type Condition, conditionSchema, type Health, healthSchema } from './health.js';
import { type Operator, operatorSchema, type Sayings, sayingsSchema } from './operator.js';
import { hostName, number, serverKey, serviceKey, time, words } from './values.js';

/** What happened to what, why, and from what to what. */
interface Told<Name extends string> {
  /** By the kernel's identity, as `serviceKey` and `serverKey` have it. */
  readonly service?: string;
  readonly server?: string;
  readonly event: Name;
  /** Who or what brought it about, in words. */
  readonly cause: string;
  /** What was, and what is: lines of ipvsadm(8), weights, numbers of generations. */
  readonly before?: string;
  readonly after?: string;
  /** What is kept of the server from then on; null: nothing. Absent where the event changes nothing of it. */
  readonly operator?: Sayings | null;
  readonly health?: Condition;
}

/** An event that is to be written down. */
export type Event = Told<Exclude<EventName, 'snapshot'>>;

/** One line of the journal. The event may be a word of a later version's. */
export interface JournalEntry extends Told<string> {
  readonly time: string;
  readonly host: string;
  readonly snapshot?: Snapshot;
}

/** Both overlays, whole. */
export interface Overlays {
  readonly operator: Operator;
  readonly health: Health;
}

/** What a rebuild begins with. */
export interface Snapshot extends Overlays {
  /** Of the lines that follow. */
  readonly version: 1;
  /** The generation that runs. */
  readonly generation: number | null;
}

// What is read has its keys in the order of the schema, and is printed so: it is the order of the journal's lines.
const AT = { service: serviceKey.exactOptional(), server: serverKey.exactOptional() } as const;

const TOLD = {
  cause: words,
  before: words.exactOptional(),
  after: words.exactOptional(),
  operator: sayingsSchema.nullable().exactOptional(),
  health: conditionSchema.exactOptional(),
} as const;

const NAMES = Object.keys(EVENTS).filter(name => name !== 'snapshot') as Event['event'][];

export const eventSchema: z.ZodType<Event> = z.strictObject({ ...AT, event: z.enum(NAMES), ...TOLD });

export const entrySchema: z.ZodType<JournalEntry> = z.strictObject({
  time,
  host: hostName,
  ...AT,
  event: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  ...TOLD,
  snapshot: z
    .strictObject({
      version: z.literal(1),
      generation: number.nullable(),
      operator: operatorSchema,
      health: healthSchema,
    })
    .exactOptional(),
});

/** What the journal says of generations. */
export function numbers(from: number | null, to: number | null): Pick<Event, 'before' | 'after'> {
  return {
    ...(from === null ? {} : { before: `generation ${from}` }),
    ...(to === null ? {} : { after: `generation ${to}` }),
  };
}

/** As much of a text as an entry takes. */
const LONGEST = 1000;

/** The event with its texts cut where they are too long to be read again. */
export function bounded({ cause, before, after, ...event }: Event): Event {
  const cut = (text: string): string => text.slice(0, LONGEST);
  return {
    ...event,
    cause: cut(cause),
    ...(before === undefined ? {} : { before: cut(before) }),
    ...(after === undefined ? {} : { after: cut(after) }),
  };
}

/** The line of an event. */
export function entryLine(told: Event, time: string, host: string): string {
  const { service, server, event, cause, before, after, ...more } = bounded(told);
  // What is undefined is left out; the time comes first, and the rest in the order in which it is read.
  const entry = { time, host, service, server, event, cause, before, after, ...more };
  return `${JSON.stringify(entry)}\n`;
}

/** Undefined where the line is no entry: torn by a crash, or a newer version's. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
