import { z } from 'zod';
import type { Coverage } from '../../domain/oncall/coverage.js';
import type { Fairness } from '../../domain/oncall/fairness.js';
import type { OverridesKnown } from '../schedules/overrides-in.js';
import { overridesAge } from './overrides-age.js';
import { instant } from './timeline.js';

const ms = z.number().describe('Milliseconds.');
const userId = z.string().describe('Id of a user, or `group:<id>` for the contacts of a group itself.');
const zone = z.string().describe('IANA time zone in which people read it.');
const span = { from: instant, to: instant.describe('Not included.') };
const slot = z.enum(['primary', 'secondary']);

const homeZone = z.string().describe('`defaults.zone`: that of dates without one.');

/** Whether the answer has the overrides in it. */
const overrides = z
  .enum(['counted', 'no-store', 'store-away'] satisfies readonly OverridesKnown[])
  .describe(
    'Whether overrides are counted. `no-store`: this API has no store; `store-away`: it does not answer now, and what was known last does not reach so far. Then they are left out.',
  );

const reason = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('nobody-on-call'), schedule: z.string(), slot }),
  z
    .object({ kind: z.literal('unreachable'), userId, via: z.string() })
    .describe('Somebody without a contact method for this urgency.'),
  z.object({ kind: z.literal('nobody-meant'), words: z.string() }),
]);

const duty = z.object({
  ...span,
  isCut: z
    .boolean()
    .describe('True: it may be longer than what was looked at, five weeks more to either side.'),
});

/** The answer of `GET /v1/coverage`. */
export const coverageSchema = z
  .object({
    ...span,
    zone: homeZone,
    overrides,
    ...overridesAge,
    urgency: z.enum(['high', 'low']).describe('Whose gaps these are: pages of this urgency.'),
    limits: z.object({
      maxDutyMs: ms.nullable().describe('`limits.maxDuty`; null: none.'),
      minRestMs: ms.nullable().describe('`limits.minRest`; null: none.'),
    }),
    policies: z.array(
      z.object({
        policy: z.string(),
        zone,
        nobody: z
          .array(
            z.object({
              ...span,
              isCaught: z.boolean().describe('Whether the catch-all pages somebody then.'),
            }),
          )
          .describe('When no step of the policy pages anybody.'),
        gaps: z
          .array(
            z.object({
              ...span,
              step: z.int().nullable().describe('From 1; null: the catch-all.'),
              name: z.string(),
              reasons: z.array(reason),
            }),
          )
          .describe('When one step pages nobody: it is skipped at once.'),
        repeats: z
          .array(z.object({ ...span, step: z.int(), name: z.string(), people: z.array(userId) }))
          .describe('When a step pages only people whom the step before has paged.'),
      }),
    ),
    unreachable: z.array(
      z.object({
        userId,
        name: z.string(),
        urgencies: z.array(z.enum(['high', 'low'])).describe('For which there is no contact method.'),
        policies: z.array(z.string()),
        via: z.array(z.string()).describe('As what they are meant.'),
      }),
    ),
    unverified: z
      .array(
        z.object({
          userId,
          name: z.string(),
          urgencies: z
            .array(z.enum(['high', 'low']))
            .describe('For which none of their contact methods is confirmed.'),
          policies: z.array(z.string()),
          via: z.array(z.string()).describe('As what they are meant.'),
        }),
      )
      .describe(
        'Who is paged, and the next step with them, since they have confirmed no contact method: no gap.',
      ),
    duties: z
      .array(
        z.object({
          userId,
          name: z.string(),
          zone,
          primary: duty.nullable().describe('The longest time as primary; null: never primary.'),
          either: duty.nullable().describe('The longest time as primary or secondary.'),
        }),
      )
      .describe('Everybody on call, the longest first.'),
    tooLong: z
      .array(duty.extend({ userId }))
      .describe('Times as primary that are longer than `limits.maxDutyMs`.'),
    shortRests: z
      .array(z.object({ ...span, userId, before: z.object(span), after: z.object(span) }))
      .describe('Breaks between two times as primary that are shorter than `limits.minRestMs`.'),
    ignored: z
      .array(z.object({ ...span, id: z.string(), schedule: z.string(), slot, userId }))
      .describe('Overrides that do not count, since their person is not in the configuration any more.'),
    summary: z.object({
      policies: z.int(),
      nobody: z.int(),
      nobodyMs: ms,
      gaps: z.int(),
      gapsMs: ms,
      unreachable: z.int(),
      unverified: z.int(),
      repeats: z.int(),
      tooLong: z.int(),
      shortRests: z.int(),
      ignored: z.int(),
    }),
  })
  .meta({ id: 'Coverage' }) satisfies z.ZodType<Writable<Coverage & Around>>;

/** The answer of `GET /v1/fairness`. */
export const fairnessSchema = z
  .object({
    ...span,
    zone: homeZone,
    overrides,
    ...overridesAge,
    people: z
      .array(
        z.object({
          userId,
          name: z.string(),
          zone: z
            .string()
            .describe('By whose clocks nights, weekends and holidays are counted: the person’s.'),
          shifts: z.int().describe('Uninterrupted times in one place of one schedule.'),
          ms: ms.describe('On call in either place, in milliseconds; several at once count once.'),
          primaryMs: ms,
          secondaryMs: ms.describe('As secondary only.'),
          nights: z.int().describe('Nights (22:00 to 07:00) of which they have any part.'),
          nightMs: ms,
          weekends: z.int().describe('Weekends (Saturday and Sunday) of which they have any part.'),
          weekendMs: ms,
          holidays: z
            .int()
            .describe('Holidays, theirs or those of the schedule, of which they have any part.'),
          holidayMs: ms,
          pages: z
            .int()
            .exactOptional()
            .describe(
              'Incidents for which they were paged, from the records. Absent: there is no store, or it is away.',
            ),
          nightPages: z
            .int()
            .exactOptional()
            .describe('Those of them for which they were paged in a night of theirs. As `pages`.'),
        }),
      )
      .describe('Most hours first.'),
  })
  .meta({ id: 'Fairness' }) satisfies z.ZodType<Writable<Fairness & Around>>;

/** What both answers have beside what was worked out. */
interface Around {
  readonly zone: string;
  readonly overrides: OverridesKnown;
  readonly overridesAsOf?: number | null;
  readonly stale?: boolean;
}

/** What zod makes has no readonly. */
type Writable<T> = T extends readonly (infer E)[]
  ? Writable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Writable<T[K]> }
    : T;
