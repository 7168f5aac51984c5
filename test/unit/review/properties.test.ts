import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeliveryReport, FoundPeople } from '../../../domain/incident/event.js';
import {
  applyReview,
  isReviewOver,
  openReview,
  reviewViewOf,
  type ReviewCommand,
  type ReviewEvent,
} from '../../../domain/review/machine.js';
import type { ReviewState } from '../../../domain/review/state.js';
import { DAY, HOUR, MINUTE } from '../../../domain/time/instant.js';
import { deepFreeze } from '../../support/virtual-incident.js';
import { FRIDAY_18, INPUT } from './virtual-review.js';

const RUNS = { seed: 20_261_121, numRuns: 500 } as const;

type Op =
  | { readonly op: 'wait'; readonly ms: number }
  | { readonly op: 'jump'; readonly ms: number }
  | { readonly op: 'publish'; readonly request: number }
  | { readonly op: 'found'; readonly index: number; readonly found: FoundPeople }
  | {
      readonly op: 'report';
      readonly index: number;
      readonly status: DeliveryReport['status'];
      readonly retryable: boolean;
    };

const method = fc.constantFrom(
  { id: 'sms-1', channel: 'sms' as const },
  { id: 'email-1', channel: 'email' as const },
);
const found = fc.record({
  people: fc.uniqueArray(
    fc.record({
      userId: fc.constantFrom('a', 'b'),
      name: fc.constant('n'),
      via: fc.constant('v'),
      rules: fc.constant([]),
      notice: fc.uniqueArray(method, { selector: ({ id }) => id }),
    }),
    { selector: ({ userId }) => userId },
  ),
  problems: fc.constantFrom<string[]>([], ['nobody']),
});
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('wait' as const),
      ms: fc.constantFrom(0, MINUTE, HOUR, 10 * HOUR, 2 * DAY),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('jump' as const),
      ms: fc.constantFrom(2 * MINUTE, 30 * HOUR, 9 * DAY),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('publish' as const), request: fc.nat(2) }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('found' as const), index: fc.nat(3), found }) },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('report' as const),
      index: fc.nat(9),
      status: fc.constantFrom('sent', 'delivered', 'failed', 'failed', 'failed', 'cancelled'),
      retryable: fc.boolean(),
    }),
  },
);
const world = fc.tuple(
  fc.record({
    owner: fc.constantFrom(INPUT.owner, null, { kind: 'key' as const, id: 'k', name: 'k' }),
    urgency: fc.constantFrom('high' as const, 'low' as const),
    postmortemWithinMs: fc.constantFrom(HOUR, 48 * HOUR),
  }),
  fc.array(op, { maxLength: 40, size: 'max' }),
);

interface Step {
  readonly before: ReviewState;
  readonly event: ReviewEvent;
  readonly after: ReviewState;
  readonly commands: readonly ReviewCommand[];
  readonly now: number;
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function run(facts: Partial<typeof INPUT>, ops: readonly Op[], look: (step: Step) => void = () => undefined) {
  let now = FRIDAY_18;
  const opened = openReview(deepFreeze({ ...INPUT, ...plain(facts) }), now);
  const commands: ReviewCommand[] = [...opened.commands];
  let { state } = opened;
  const feed = (event: ReviewEvent): void => {
    const before = state;
    const applied = applyReview(before, deepFreeze(plain(event)), now);
    state = deepFreeze(applied.state);
    commands.push(...applied.commands);
    look({ before, event, after: state, commands: applied.commands, now });
  };
  for (const step of ops) {
    if (step.op === 'wait') {
      const until = now + step.ms;
      for (let turns = 0; ; turns += 1) {
        if (turns > 1_000) throw new Error('time stands still');
        const next = Math.min(...Object.values(state.deadlines).map((deadline) => deadline.at));
        if (next > until) break;
        now = Math.max(now, next);
        feed({ type: 'time' });
      }
      now = until;
    } else if (step.op === 'jump') {
      now += step.ms;
      feed({ type: 'time' });
    } else if (step.op === 'publish') {
      const by = { kind: 'user' as const, id: 'a', name: 'a' };
      const requestId = `r${step.request}`;
      feed({
        type: 'action',
        action: { action: 'publish-postmortem', requestId, by, url: 'https://x.example' },
      });
    } else if (step.op === 'found') {
      const open = Object.keys(state.searches);
      const requestId = open[step.index % Math.max(1, open.length)] ?? 's1';
      feed({ type: 'people-found', requestId, found: step.found });
    } else {
      const ids = Object.keys(state.deliveries);
      const deliveryId = ids[step.index % Math.max(1, ids.length)] ?? 'd0';
      const { status, retryable } = step;
      feed({
        type: 'delivery',
        report: { deliveryId, provider: 'x', status, reason: 'unavailable', retryable } as DeliveryReport,
      });
    }
  }
  return { state, commands };
}

function always(look: (step: Step) => void): void {
  fc.assert(
    fc.property(world, ([facts, ops]) => void run(facts, ops, look)),
    RUNS,
  );
}

test('as long as the postmortem is owed, its deadline or the next day is ahead', () => {
  always(({ event, after, now }) => {
    if (after.phase === 'closed') return;
    const at = after.deadlines['overdue']?.at ?? 0;
    if (event.type === 'time') expect(at).toBeGreaterThan(now);
    const dueAt = after.dueAt ?? 0;
    // Always at the time of day of the deadline, and no further away than a day.
    expect((at - dueAt) % DAY).toBe(0);
    if (at > dueAt && event.type === 'time') expect(at - now).toBeLessThanOrEqual(DAY);
  });
});

test('closed, nobody hears anything any more, and nothing is left to wait for', () => {
  always(({ before, commands, after }) => {
    if (before.phase === 'closed') expect(commands).toEqual([]);
    if (after.phase === 'closed') expect(after.deadlines).toEqual({});
    if (before.phase === 'closed') expect(after.phase).toBe('closed');
  });
});

test('it closes only by being published, once', () => {
  fc.assert(
    fc.property(world, ([facts, ops]) => {
      const { state } = run(facts, ops);
      expect(state.phase === 'closed').toBe(state.published !== null);
      expect(state.timeline.filter((entry) => entry.type === 'closed')).toHaveLength(
        state.phase === 'closed' ? 1 : 0,
      );
      if (isReviewOver(state)) expect(state.phase).toBe('closed');
    }),
    RUNS,
  );
});

test('no deadline is left in the past once time was looked at', () => {
  always(({ event, after, now }) => {
    if (event.type === 'time')
      for (const deadline of Object.values(after.deadlines)) expect(deadline.at).toBeGreaterThanOrEqual(now);
  });
});

test('no message has the key of another, and no event asks for more than a few', () => {
  fc.assert(
    fc.property(world, ([facts, ops]) => {
      const { commands } = run(facts, ops, (step) => {
        expect(step.commands.length).toBeLessThanOrEqual(8);
        expect(() => reviewViewOf(step.after)).not.toThrow();
      });
      const keys = commands.flatMap((command) =>
        command.type === 'deliver' ? [command.idempotencyKey] : [],
      );
      expect(new Set(keys).size).toBe(keys.length);
    }),
    RUNS,
  );
});

test('a state that was written and read again goes on just the same', () => {
  always(({ before, event, after, commands, now }) => {
    const read = plain(before);
    expect(isDeepStrictEqual(read, before)).toBe(true);
    const again = applyReview(read, plain(event), now);
    expect(isDeepStrictEqual(again.state, after)).toBe(true);
    expect(isDeepStrictEqual(again.commands, commands)).toBe(true);
  });
});

test('a request that comes twice does nothing', () => {
  always(({ event, after, now }) => {
    if (event.type !== 'action') return;
    const again = applyReview(after, event, now);
    expect(again.commands).toEqual([]);
    expect(isDeepStrictEqual(again.state, after)).toBe(true);
  });
});
