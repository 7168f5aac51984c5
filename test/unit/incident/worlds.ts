import fc from 'fast-check';
import type { Policy, Target } from '../../../domain/escalation/policy.js';
import type {
  DeliveryReport,
  FailureReason,
  FoundPeople,
  FoundPerson,
  NotificationRule,
  PersonAction,
} from '../../../domain/incident/event.js';
import { DEFAULT_TIMINGS, type IncidentInput, type ResponsePlan } from '../../../domain/incident/plan.js';
import type { PageMode, Severity } from '../../../domain/severity/severity.js';
import { HOUR, MINUTE, SECOND } from '../../../domain/time/instant.js';
import { BUSINESS_TIME, chat, email, push, sms, TUESDAY_10, voice } from './fixtures.js';

/** Everybody who may be found, by any target. */
export const USERS = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5'] as const;
export const SEVERITY_IDS = ['A', 'B', 'C', 'D'] as const;

const pageMode = fc.constantFrom<PageMode>(
  'immediately',
  'escalate-off-hours',
  'wait-for-business-hours',
  'next-business-day',
  'ticket',
);

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

function severity(id: string, rank: number): fc.Arbitrary<Severity> {
  return fc
    .record({
      page: pageMode,
      allHands: fc.boolean(),
      executives: fc.boolean(),
      startAtTier: fc.integer({ min: 1, max: 6 }),
      managementAfterMs: maybe(fc.constantFrom(0, 10 * MINUTE, 30 * MINUTE)),
      updateEveryMs: maybe(fc.constantFrom(2 * MINUTE, 15 * MINUTE, 2 * HOUR)),
      resolveTargetMs: maybe(fc.constantFrom(HOUR, 24 * HOUR)),
    })
    .map(({ managementAfterMs, updateEveryMs, resolveTargetMs, ...rest }) => ({
      id,
      rank,
      name: id,
      ...rest,
      ...(managementAfterMs === undefined ? {} : { managementAfterMs }),
      ...(updateEveryMs === undefined ? {} : { updateEveryMs }),
      ...(resolveTargetMs === undefined ? {} : { resolveTargetMs }),
    }));
}

const user = fc.constantFrom(...USERS);
const target: fc.Arbitrary<Target> = fc.oneof(
  user.map((id) => ({ kind: 'user' as const, id })),
  fc.constant({ kind: 'schedule' as const, id: 's', slot: 'primary' as const }),
);

export const policy: fc.Arbitrary<Policy> = fc.record({
  id: fc.constant('p'),
  hash: fc.constant('h'),
  steps: fc.array(
    fc.record({
      name: fc.constantFrom('one', 'two', 'three'),
      targets: fc.array(target, { minLength: 1, maxLength: 2 }),
      timeoutMs: fc.integer({ min: 1, max: 10 }).map((minutes) => minutes * MINUTE),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  rounds: fc.integer({ min: 1, max: 3 }),
  catchAll: fc.record({
    targets: fc.constant([{ kind: 'group' as const, id: 'room' }]),
    everyMs: fc.constantFrom(5 * MINUTE, 15 * MINUTE),
  }),
  delayMs: fc.constantFrom(0, 0, 2 * MINUTE),
});

export const plan: fc.Arbitrary<ResponsePlan> = fc
  .tuple(policy, fc.tuple(severity('A', 1), severity('B', 2), severity('C', 3), severity('D', 4)))
  .map(([snapshot, severities]) => ({
    configHash: 'c',
    service: { id: 's', name: 's' },
    policy: snapshot,
    severities,
    management: [{ kind: 'group' as const, id: 'management' }],
    executives: [{ kind: 'group' as const, id: 'executives' }],
    businessTime: BUSINESS_TIME,
    timings: DEFAULT_TIMINGS,
    remarks: [],
  }));

export const start: fc.Arbitrary<{ readonly input: IncidentInput; readonly at: number }> = fc
  .record({
    plan,
    severity: fc.constantFrom(...SEVERITY_IDS),
    resolves: fc.boolean(),
    // Any hour of a week.
    hours: fc.integer({ min: 0, max: 168 }),
  })
  .map(({ hours, ...input }) => ({
    input: { key: 'k', title: 't', source: 'x', ...input },
    at: TUESDAY_10 + hours * HOUR,
  }));

const methods = fc.subarray([sms, push, voice, email, chat], { minLength: 0, maxLength: 3 });
const rules: fc.Arbitrary<NotificationRule[]> = fc
  .array(fc.record({ afterMs: fc.constantFrom(0, MINUTE, 3 * MINUTE), methods }), { maxLength: 3 })
  .map((unordered) => [...unordered].sort((one, other) => one.afterMs - other.afterMs));

const found: fc.Arbitrary<FoundPeople> = fc.record({
  people: fc.uniqueArray(
    fc.record(
      {
        userId: user,
        name: fc.constant('somebody'),
        via: fc.constant('s'),
        rules,
        notice: fc.subarray([sms, push, email]),
        overLimit: fc.constant({ count: 3, limit: 3 }),
      },
      { requiredKeys: ['userId', 'name', 'via', 'rules', 'notice'] },
    ),
    { maxLength: 3, selector: (person: FoundPerson) => person.userId },
  ),
  problems: fc.constantFrom<string[]>([], ['nobody is primary']),
});

const failure = fc.constantFrom<FailureReason>('bad-address', 'opted-out', 'unavailable', 'timed-out');
const status: fc.Arbitrary<Partial<DeliveryReport> & Pick<DeliveryReport, 'status'>> = fc.oneof(
  fc
    .constantFrom('sent', 'delivered', 'unanswered', 'voicemail', 'answered', 'cancelled')
    .map((word) => ({ status: word as 'sent' })),
  fc.record({ status: fc.constant('failed' as const), reason: failure, retryable: fc.boolean() }),
);

type Alteration<T> = T extends unknown ? Omit<T, 'requestId' | 'openingId' | 'by' | 'via'> : never;

const action: fc.Arbitrary<Alteration<PersonAction>> = fc.oneof(
  fc
    .constantFrom('acknowledge', 'acknowledge', 'take', 'progress', 'resolve', 'escalate')
    .map((word) => ({ action: word as 'acknowledge' })),
  fc
    .constantFrom(...SEVERITY_IDS, 'E')
    .map((id) => ({ action: 'severity' as const, severity: id, confirm: true })),
  fc.constantFrom('update' as const, 'note' as const).map((word) => ({ action: word, text: 'still at it' })),
  fc
    .constantFrom(MINUTE, 5 * MINUTE, 40 * MINUTE, 24 * HOUR)
    .map((forMs) => ({ action: 'snooze' as const, forMs })),
  fc.constant({ action: 'unacknowledge' as const }),
  user.map((to) => ({ action: 'reassign' as const, to })),
  fc
    .array(
      fc.record({
        name: fc.constantFrom('x', 'y', 'z'),
        steps: fc.array(
          fc.record({
            name: fc.constantFrom('one', 'two'),
            targets: fc.array(target, { minLength: 1, maxLength: 2 }),
            timeoutMs: fc.constantFrom(MINUTE, 5 * MINUTE),
          }),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 3 },
    )
    .map((responders) => ({ action: 'add-responders' as const, responders })),
);

/** One thing that happens in a random world. Indexes count modulo what there is. */
export type Op =
  | {
      readonly op: 'alerts';
      readonly alerts: readonly { name: string; fires: boolean; severity: string; ago: number | null }[];
    }
  | {
      readonly op: 'act';
      readonly who: number;
      readonly via: number;
      readonly repeat: boolean;
      readonly action: Alteration<PersonAction>;
    }
  /** Answers a search that is under way. */
  | { readonly op: 'found'; readonly index: number; readonly found: FoundPeople }
  | {
      readonly op: 'report';
      readonly index: number;
      readonly report: Partial<DeliveryReport> & Pick<DeliveryReport, 'status'>;
    }
  /** Time passes, deadline by deadline. */
  | { readonly op: 'wait'; readonly ms: number }
  /** An outage: time passes, and nobody looks. */
  | { readonly op: 'jump'; readonly ms: number };

export const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('alerts' as const),
      alerts: fc.array(
        fc.record({
          name: fc.constantFrom('a', 'b', 'c'),
          fires: fc.boolean(),
          severity: fc.constantFrom(...SEVERITY_IDS),
          ago: fc.option(fc.constantFrom(0, MINUTE, HOUR)),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('act' as const),
      who: fc.nat(USERS.length),
      via: fc.nat(3),
      repeat: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
      action,
    }),
  },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('found' as const), index: fc.nat(5), found }) },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('report' as const), index: fc.nat(30), report: status }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('wait' as const),
      ms: fc.constantFrom(0, SECOND, 20 * SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('jump' as const),
      ms: fc.constantFrom(90 * SECOND, 10 * MINUTE, 40 * MINUTE, 8 * HOUR, 72 * HOUR),
    }),
  },
);
