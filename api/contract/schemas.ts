import { z } from 'zod';
import type { ErrorBody, ErrorCode } from '../errors.js';
import { ERROR_STATUS } from '../errors.js';
import type { IncidentSummary } from '../incidents/incidents.js';
import type { Taken } from '../intake/intake.js';
import type { Answer } from '../../domain/incident/event.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { instant, timelineEntry } from './timeline.js';
import { outcome, phase } from './words.js';

type Expect<T extends true> = T;
/** Every field of a domain type stands in its schema. */
type Whole<T, S extends z.ZodType> = [Exclude<keyof T, keyof z.output<S>>] extends [never] ? true : false;

const openingId = z
  .string()
  .describe('Names one incident for ever.')
  .meta({ examples: ['0123456789abcdef0123-00c0ffee'] });
const code = z
  .string()
  .describe('What a person types to mean it: 4 characters.')
  .meta({ examples: ['7KQ2'] });
const title = z.string().meta({ examples: ['Checkout: 15 % of payments fail'] });
const severity = z
  .string()
  .describe('Id of a severity of the configured scheme.')
  .meta({ examples: ['SEV1'] });
const sentence = z.string().describe('For people.');

export const errorSchema = z
  .object({
    error: z.object({
      code: z
        .enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]])
        .describe('What a program may rely on: never renamed, never reused. New ones may come.'),
      message: z.string().describe('What happened, for people.'),
      problems: z
        .array(
          z.object({
            path: z.string().describe('Where, e.g. `alerts[2].startsAt`; `(body)` for the whole.'),
            message: z.string(),
          }),
        )
        .describe('Every wrong field, where that is what happened.')
        .exactOptional(),
      remedy: z.string().describe('What to do about it.').exactOptional(),
      requestId: z.string().describe('As in the header `x-request-id` and in the logs.'),
    }),
  })
  .describe('Every error has this shape.')
  .meta({ id: 'Error' }) satisfies z.ZodType<ErrorBody>;

export const answerSchema = z
  .object({
    outcome,
    sentence,
    owner: z
      .string()
      .describe('The name of whoever has the incident, where that is the answer.')
      .exactOptional(),
  })
  .meta({ id: 'Answer' }) satisfies z.ZodType<Answer>;

export const notedSchema = z.object({ outcome: z.literal('pending'), sentence }).meta({ id: 'Noted' });

const quiet = z
  .object({
    until: instant,
    reason: z.string().describe('For people.'),
    windows: z.array(z.string()).describe('Ids of the maintenance windows, at most 20.'),
    rests: z
      .boolean()
      .describe('False: it pages for other alerts, or somebody has it; those in maintenance wait beside it.'),
  })
  .describe('Maintenance covers what fires: nobody is asked anything until then.');

export const summarySchema = z
  .object({
    openingId,
    code: z.string().describe('What a person types to mean it; empty for its first instants.'),
    title,
    service: z.string().describe('The name of the service.'),
    severity,
    phase,
    open: z.boolean(),
    owner: z
      .string()
      .describe(
        'Id of the user or key that has it, hashed when it is long: for comparing. Absent: nobody yet.',
      )
      .exactOptional(),
    ownerName: z.string().exactOptional(),
    startedAt: instant.describe('When it opened.'),
    quiet: quiet.exactOptional(),
  })
  .describe('An incident as lists have it: about 100 ms behind.')
  .meta({ id: 'IncidentSummary' }) satisfies z.ZodType<IncidentSummary>;

export const listSchema = z
  .object({
    incidents: z.array(summarySchema),
    next: z
      .string()
      .describe('The `cursor` of the next page. Absent on the last one. A page may be shorter than `limit`.')
      .exactOptional(),
  })
  .meta({ id: 'IncidentList' });

export const viewSchema = z
  .object({
    openingId,
    workflowId: z.string().describe('Its workflow in Temporal.'),
    code,
    title,
    phase,
    severity,
    service: z.string(),
    team: z.string().exactOptional(),
    runbook: z.string().exactOptional(),
    policy: z
      .object({ id: z.string(), hash: z.string() })
      .describe('The escalation policy it was opened with, by value: later edits do not change it.'),
    source: z.string().describe('The integration it came from, or `manual`.'),
    link: z.string().exactOptional(),
    links: z
      .array(z.object({ text: z.string(), href: z.string() }))
      .describe('Further places that go with the alert: dashboard, silence and such.')
      .exactOptional(),
    openedAt: instant,
    acknowledgedAt: instant.exactOptional(),
    mitigatedAt: instant.exactOptional(),
    resolvedAt: instant.exactOptional(),
    owner: z
      .object({ id: z.string(), name: z.string(), since: instant })
      .describe('Who has it. Absent: nobody yet.')
      .exactOptional(),
    quiet: quiet.exactOptional(),
    snoozed: z
      .object({ by: z.string(), until: instant })
      .describe('Nothing is asked of whoever has it until then.')
      .exactOptional(),
    handover: z
      .object({ to: z.string(), by: z.string(), since: instant })
      .describe('Somebody was asked to take it over and has not answered yet.')
      .exactOptional(),
    responders: z
      .array(
        z.object({
          name: z.string().describe('A person, a team, a schedule or a service.'),
          by: z.string().describe('Who asked.'),
          since: instant,
          reason: z.string().exactOptional(),
          status: z.enum(['paging', 'joined', 'unanswered', 'stopped']),
          paged: z.array(z.string()).describe('The names of those who were paged so far.'),
          joined: z.string().describe('The name of the one who joined.').exactOptional(),
        }),
      )
      .describe('Who was asked to help beside the policy, oldest first.')
      .exactOptional(),
    paging: z.boolean().describe('People are being paged and nobody has answered.'),
    paged: z
      .array(
        z.object({
          userId: z.string(),
          name: z.string(),
          at: instant,
          open: z.boolean().describe('They have not answered yet.'),
        }),
      )
      .describe('Everybody paged so far, in order.'),
    alerts: z.object({ firing: z.int(), total: z.int() }),
    deadlines: z
      .array(
        z.object({
          name: z.string().describe('Stable, e.g. `ack`.'),
          at: instant,
          label: z.string().describe('For people, e.g. "ack timeout: Alice (tier 1), then Bob".'),
        }),
      )
      .describe('Every promise that is still open, in order of time: what happens next.'),
    timeline: z.array(timelineEntry).describe('What happened, in order.'),
    timelineDropped: z.int().describe('Earlier entries that no longer fit here.'),
    previous: z.string().describe('The opening that the same alert had before.').exactOptional(),
    record: z
      .object({ asOf: instant })
      .describe(
        'Read from its record, since Temporal no longer has it: all else is how it stood at `asOf`, and nothing of it runs. Absent: as it is now.',
      )
      .exactOptional(),
  })
  .describe('All that is known of an incident.')
  .meta({ id: 'Incident' });

/** Fails to compile when the API would answer with a field that its document does not have. */
export type AnswersAreWhole = [
  Expect<Whole<IncidentView, typeof viewSchema>>,
  Expect<Whole<IncidentSummary, typeof summarySchema>>,
  Expect<Whole<Taken, typeof takenSchema>>,
];

export const declaredSchema = z
  .object({
    openingId,
    service: z.string().describe('Where it was routed: the catch-all when the service is unknown.'),
    severity,
    remarks: z.array(z.string()).describe('What a person should know of the routing.'),
  })
  .meta({ id: 'Declared' });

export const postmortemSchema = z
  .object({ outcome: z.enum(['published', 'already-published', 'not-required']), sentence })
  .meta({ id: 'PostmortemAnswer' });

export const readinessSchema = z
  .object({
    ok: z.boolean(),
    checks: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        detail: z.string().exactOptional(),
        store: z
          .object({ kind: z.enum(['pglite', 'postgres']), fingerprint: z.string() })
          .describe(
            'Of the check `store`: processes whose `fingerprint` is the same have the same store. It is a short hash, by which nobody learns where it is.',
          )
          .exactOptional(),
      }),
    ),
  })
  .meta({ id: 'Readiness' });

const takenSchema = z.object({
  key: z.string().describe('Names the alert group: its incident is `incident:<key>` in Temporal.'),
  service: z.string(),
  severity,
  firing: z.int(),
  resolved: z.int(),
  remarks: z.array(z.string()).describe('What happened on the way, e.g. that the service is unknown.'),
});

export const acceptedSchema = z
  .object({
    accepted: z.int().describe('Alerts that are durable now.'),
    incidents: z.array(takenSchema).describe('One for each group.'),
  })
  .meta({ id: 'Accepted' });
