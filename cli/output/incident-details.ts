import { z } from 'zod';
import { zoneTimes } from '../../config/zone-times.js';
import { durationWords } from '../../domain/messages/duration-words.js';
import { phaseWords } from '../../domain/messages/labels.js';
import { timelineWords } from '../../domain/messages/timeline-words.js';
import type { TimelineEntry } from '../../domain/incident/timeline.js';
import { PHASES } from '../../domain/incident/view.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Colours } from './colours.js';
import { phaseColour } from './phase.js';
import { safe } from './safe.js';
import { table } from './table.js';
import { clockWords, relativeWords } from './times.js';

const instant = z.number();

/** An incident as the API tells it; timeline entries are checked no further than to have a time and a type. */
export const detailed = z.object({
  openingId: z.string(),
  workflowId: z.string(),
  code: z.string(),
  title: z.string(),
  phase: z.string(),
  severity: z.string(),
  service: z.string(),
  team: z.string().optional(),
  runbook: z.string().optional(),
  link: z.string().optional(),
  links: z.array(z.object({ text: z.string(), href: z.string() })).optional(),
  policy: z.object({ id: z.string(), hash: z.string() }),
  source: z.string(),
  openedAt: instant,
  acknowledgedAt: instant.optional(),
  resolvedAt: instant.optional(),
  owner: z.object({ id: z.string(), name: z.string(), since: instant }).optional(),
  paging: z.boolean(),
  paged: z.array(z.object({ name: z.string(), at: instant, open: z.boolean() })),
  alerts: z.object({ firing: z.number(), total: z.number() }),
  quiet: z.object({ until: instant, reason: z.string(), rests: z.boolean() }).optional(),
  snoozed: z.object({ by: z.string(), until: instant }).optional(),
  handover: z.object({ to: z.string(), by: z.string(), since: instant }).optional(),
  responders: z
    .array(
      z.object({
        name: z.string(),
        by: z.string(),
        status: z.string(),
        paged: z.array(z.string()),
        joined: z.string().optional(),
      }),
    )
    .optional(),
  deadlines: z.array(z.object({ name: z.string(), at: instant, label: z.string() })),
  timeline: z.array(z.looseObject({ at: instant, type: z.string() })),
  timelineDropped: z.number(),
  previous: z.string().optional(),
  record: z.object({ asOf: instant }).optional(),
});

type Detailed = z.infer<typeof detailed>;

/** Everything about one incident for a person: its state, who has it, what happens next, and what happened. */
export function incidentDetails(view: Detailed, now: Instant, zone: string, colours: Colours): string {
  const { bold, dim, yellow } = colours;
  // What a record says of an incident that was open then stands still: nobody knows what became of it.
  const asOf = view.phase === 'resolved' ? undefined : view.record?.asOf;
  const clock = (at: Instant): string => clockWords(at, now, zone);
  const facts: string[][] = [
    [
      'state',
      phaseColour(view.phase, colours)(phaseText(view.phase)) +
        (asOf === undefined
          ? view.paging
            ? ', people are being paged'
            : ''
          : ` ${yellow(`as of ${clock(asOf)}, ${relativeWords(asOf, now)}: a record, not a running incident`)}`),
    ],
    [asOf === undefined ? 'who has it' : 'who had it', ownerText(view, asOf ?? now)],
    ...(view.quiet === undefined
      ? []
      : [
          [
            'maintenance',
            `${view.quiet.rests ? 'quiet' : 'some alerts are held back'} until ${clock(view.quiet.until)} (${safe(view.quiet.reason)})`,
          ],
        ]),
    ...(view.snoozed === undefined
      ? []
      : [['snoozed', `until ${clock(view.snoozed.until)}, by ${safe(view.snoozed.by)}`]]),
    ...(view.handover === undefined
      ? []
      : [['asked to take it', `${safe(view.handover.to)}, by ${safe(view.handover.by)}; no answer yet`]]),
    ...(view.responders ?? []).map((one, index) => [index === 0 ? 'helpers' : '', helperText(one)]),
    ['began', `${clock(view.openedAt)}, ${relativeWords(view.openedAt, now)}, from ${safe(view.source)}`],
    ['alerts', `${view.alerts.firing} firing of ${view.alerts.total}`],
    ['service', safe(view.team === undefined ? view.service : `${view.service} (team ${view.team})`)],
    ['policy', `${safe(view.policy.id)} ${dim(view.policy.hash)}`],
    ...(view.runbook === undefined ? [] : [['runbook', safe(view.runbook)]]),
    ...(view.link === undefined ? [] : [['link', safe(view.link)]]),
    ...(view.links ?? []).map(({ text, href }) => [safe(text).toLowerCase(), safe(href)]),
    ...(view.previous === undefined ? [] : [['before', safe(view.previous)]]),
    ['id', dim(view.openingId)],
  ];
  const next = view.deadlines.map(({ at, label }) => [clock(at), dim(relativeWords(at, now)), safe(label)]);
  const past = view.timeline.map((entry) => [clock(entry.at), safe(entryText(entry, zone))]);
  return [
    `${bold(view.code)}  ${bold(safe(view.severity))}  ${safe(view.title)}`,
    '',
    indent(table(facts.map(([name = '', value = '']) => [dim(name), value]))),
    '',
    bold('What happens next'),
    next.length === 0
      ? `  ${asOf === undefined ? 'nothing: no promise is open' : 'nothing: Temporal no longer has it, so nobody is paged for it'}`
      : indent(table(next)),
    '',
    bold('What happened') + dim(`  (times in ${zone})`),
    ...(view.timelineDropped > 0
      ? [dim(`  ${view.timelineDropped} earlier entries no longer fit here`)]
      : []),
    indent(table(past)),
  ].join('\n');
}

function ownerText({ owner, paged }: Detailed, now: Instant): string {
  if (owner !== undefined) return `${safe(owner.name)}, for ${durationWords(now - owner.since)}`;
  const waiting = [...new Set(paged.filter(({ open }) => open).map(({ name }) => safe(name)))];
  return waiting.length === 0 ? 'nobody yet' : `nobody yet; paged: ${waiting.join(', ')}`;
}

type Helper = NonNullable<Detailed['responders']>[number];

function helperText({ name, by, status, paged, joined }: Helper): string {
  const who = safe(name);
  switch (status) {
    case 'joined':
      return joined === undefined || joined === name ? `${who} joined` : `${who}: ${safe(joined)} joined`;
    case 'paging': {
      const others = paged.filter((person) => person !== name).map(safe);
      return `${who}, being paged${others.length === 0 ? '' : ` (${others.join(', ')})`}; asked by ${safe(by)}`;
    }
    case 'unanswered':
      return `${who}: nobody answered`;
    case 'stopped':
      return `${who}: no longer needed`;
    default:
      // A newer Tocsin may know more.
      return `${who}: ${safe(status)}`;
  }
}

function phaseText(phase: string): string {
  const known = PHASES.find((one) => one === phase);
  return known === undefined ? safe(phase) : phaseWords(known);
}

/** A newer Tocsin may have entries that this command line does not know: then their name has to do. */
export function entryText(entry: Detailed['timeline'][number], zone: string): string {
  try {
    return timelineWords(entry as unknown as TimelineEntry, zoneTimes(zone));
  } catch {
    return entry.type;
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
