import { z } from 'zod';
import type { TimelineEntry } from '../../domain/incident/timeline.js';
import { channel, failureReason, pageReason, via } from './words.js';

/** Times everywhere: milliseconds since 1970-01-01T00:00Z. */
export const instant = z.int().describe('Milliseconds since 1970-01-01T00:00Z.').meta({ id: 'Instant' });

export const milliseconds = z.int().min(0).describe('Milliseconds.');

const text = z.string();
const name = z.string().describe('The name of a person.');
const names = z.array(name);
const who = z.string().describe('The name of the person or API key that did it.');
const tier = z.string().describe('The step of the policy.');
const severity = z.string();
const provider = z.string();

/** What an entry of each type has, beside `at` and `type`. */
const fields = {
  opened: { title: text, service: text, severity, source: text, by: who.exactOptional() },
  remark: { text },
  'previous-incident': { openingId: text },
  alerts: {
    fired: z.int(),
    resolved: z.int(),
    firing: z.int(),
    total: z.int(),
    summary: text.exactOptional(),
  },
  step: { tier, round: z.int(), reason: pageReason, detail: text.exactOptional() },
  paged: { userId: text, name, via: text, tier, reason: pageReason },
  problem: { text },
  'overrides-stale': {
    asOf: instant.nullable().describe('When the store answered last; null: no overrides are known.'),
  },
  skipped: { tier, why: text },
  unproven: {
    tier,
    with: z.string().describe('The step that is paged at once as well.'),
    names: z.array(name),
  },
  spared: {
    tier,
    instead: z.string().describe('The step that is paged first.'),
    people: z.array(
      z.object({
        userId: text,
        name,
        count: z.int().describe('Incidents they had been paged for in this night.'),
        limit: z.int().describe('`limits.pagesPerNight`.'),
      }),
    ),
  },
  quiet: { until: instant, reason: text },
  'quiet-over': { why: z.enum(['over', 'ended', 'not-covered', 'by-hand']) },
  waiting: { until: instant, why: text },
  sent: {
    name,
    channel,
    what: text,
    provider,
    providerId: text.exactOptional(),
    possibleDuplicate: z.boolean().exactOptional(),
    bundle: z
      .object({ id: text, incidents: z.int() })
      .describe('It was part of a message about several incidents: how many.')
      .exactOptional(),
  },
  delivered: { name, channel, provider },
  'call-ended': { name, how: z.enum(['answered', 'voicemail', 'unanswered']) },
  'delivery-failed': {
    name,
    channel,
    provider,
    reason: failureReason,
    detail: text.exactOptional(),
    next: z.enum(['retry', 'next-method', 'nothing-left']),
    ambiguous: z.boolean().exactOptional(),
  },
  'ack-timeout': { tier, names },
  'catch-all': { again: z.boolean() },
  acknowledged: { who, via, afterMs: milliseconds },
  'also-acknowledged': { who, via, owner: name },
  'taken-over': {
    who,
    from: name,
    via,
    handover: z.string().describe('Id of the schedule whose hand-over it came by.').exactOptional(),
  },
  progress: { who, via },
  escalated: { who, via, reason: text.exactOptional() },
  'no-progress': { afterMs: milliseconds },
  'still-on-it-asked': { who: name },
  severity: { from: severity, to: severity, who, reason: text.exactOptional() },
  'plan-changed': { owed: z.array(text), dropped: z.array(text) },
  update: { who, via, text },
  'update-due': { overdue: z.boolean() },
  note: { who, via, text },
  snoozed: { who, via, until: instant },
  'snooze-over': { who: name },
  unacknowledged: { who, via, from: name },
  reassigning: { who, via, to: name, reason: text.exactOptional() },
  reassigned: { who, via, from: name },
  'not-taken-over': { to: name },
  'responders-asked': { who, via, names, reason: text.exactOptional() },
  joined: { who, via, names },
  'responders-unanswered': { name },
  mitigated: { who, via, recheckAt: instant },
  monitoring: { stableAt: instant, who: who.exactOptional(), via: via.exactOptional() },
  'stability-reset': { stableAt: instant },
  reopened: { pageAt: instant },
  told: { names, what: text },
  'missed-deadline': { label: text, dueAt: instant, lateMs: milliseconds },
  resolved: {},
  'review-started': { postmortemDueAt: instant.exactOptional() },
  'postmortem-reminder': { dueAt: instant },
  'postmortem-overdue': { times: z.int() },
  'postmortem-published': { who, url: text, lateMs: milliseconds },
  closed: {},
} satisfies Record<TimelineEntry['type'], z.ZodRawShape>;

type Fields = typeof fields;
type Described = {
  [T in keyof Fields]: { at: number; type: T } & (keyof Fields[T] extends never
    ? object
    : z.output<z.ZodObject<Fields[T]>>);
}[keyof Fields];

type Covers<A, B> = [A] extends [B] ? true : false;
type ReadonlyDeep<T> = T extends readonly (infer E)[]
  ? readonly ReadonlyDeep<E>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
    : T;
type Expect<T extends true> = T;
/** Fails to compile when the machine's entries and these are not the same. */
export type TimelineIsWhole = [
  Expect<Covers<TimelineEntry, ReadonlyDeep<Described>>>,
  Expect<Covers<ReadonlyDeep<Described>, TimelineEntry>>,
];

const entries = Object.entries(fields).map(([type, shape]) =>
  z.object({ at: instant, type: z.literal(type), ...shape }),
);

/** One thing that happened, told apart by `type`. New types may come: a program skips what it does not know. */
export const timelineEntry = z
  .discriminatedUnion('type', entries as [(typeof entries)[number], ...(typeof entries)[number][]])
  .describe(
    'One thing that happened, told apart by `type`. New types may come in later versions: skip what you do not know.',
  )
  .meta({ id: 'TimelineEntry' });
