import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncidentCommand } from '../../../domain/incident/command.js';
import type { IncidentEvent, PersonAction } from '../../../domain/incident/event.js';
import { apply, openIncident } from '../../../domain/incident/machine.js';
import type { Actor } from '../../../domain/incident/plan.js';
import { firingOf, firstEnd, rests } from '../../../domain/incident/quiet.js';
import type { IncidentState } from '../../../domain/incident/state.js';
import { LONGEST_WINDOW, type QuietWindow } from '../../../domain/maintenance/window.js';
import { MINUTE, type Instant } from '../../../domain/time/instant.js';
import { deepFreeze } from '../../support/virtual-incident.js';
import { op, start, USERS, type Op } from './worlds.js';

const RUNS = { seed: 20_261_121, numRuns: 400 } as const;
const END = 'maintenance-over';

/** Windows by their id; minutes from the beginning. */
const windowSpan = fc
  .record({
    id: fc.constantFrom('w1', 'w2', 'w3', 'w4'),
    from: fc.integer({ min: -30, max: 60 }),
    length: fc.integer({ min: 1, max: 180 }),
  })
  .map(({ id, from, length }) => ({ id, from, to: from + length }));

type Span = { readonly id: string; readonly from: number; readonly to: number };

/** What happens to an incident and its windows. */
type QuietOp =
  | { readonly op: 'plain'; readonly step: Op; readonly covers: readonly Span[] }
  | { readonly op: 'began'; readonly span: Span; readonly stopPages: boolean }
  | { readonly op: 'ended'; readonly id: string };

const quietOp: fc.Arbitrary<QuietOp> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('plain' as const),
      step: op,
      covers: fc.array(windowSpan, { maxLength: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('began' as const), span: windowSpan, stopPages: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('ended' as const), id: fc.constantFrom('w1', 'w2', 'w3', 'w4') }),
  },
);

/** As it comes out of a history. */
function plainly<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

interface Step {
  readonly before: IncidentState;
  readonly event: IncidentEvent;
  readonly after: IncidentState;
  readonly commands: readonly IncidentCommand[];
  readonly now: Instant;
}

const world = fc.tuple(
  start,
  fc.array(windowSpan, { maxLength: 2 }),
  fc.array(quietOp, { maxLength: 24, size: 'max' }),
);

function run(
  [begin, opening, ops]: typeof world extends fc.Arbitrary<infer W> ? W : never,
  look: (step: Step) => void,
): IncidentState {
  let now = begin.at;
  let requests = 0;
  const windowOf = ({ id, from, to }: Span): QuietWindow => ({
    id,
    from: begin.at + from * MINUTE,
    to: begin.at + to * MINUTE,
    reason: id,
  });
  const quiet = opening.map(windowOf);
  const input = { ...begin.input, ...(quiet.length === 0 ? {} : { quiet }) };
  let state = deepFreeze(openIncident(deepFreeze(plainly(input)), 'o', now).state);

  function feed(event: IncidentEvent): void {
    const before = state;
    const applied = apply(before, deepFreeze(plainly(event)), now);
    state = deepFreeze(applied.state);
    look({ before, event, after: state, commands: applied.commands, now });
  }

  function plain(step: Op, covers: readonly Span[]): void {
    switch (step.op) {
      case 'alerts': {
        const windows = Object.fromEntries(covers.map((span) => [span.id, windowOf(span)]));
        const alerts = step.alerts.map((alert, index) => ({
          fingerprint: alert.name,
          status: alert.fires ? ('firing' as const) : ('resolved' as const),
          startsAt: alert.ago === null ? null : now - alert.ago,
          summary: alert.name,
          severity: alert.severity,
          // Some of them: a batch may be covered in part.
          ...(covers.length === 0 || index === 2 ? {} : { windows: Object.keys(windows) }),
        }));
        return feed({
          type: 'alerts',
          batch: { integration: 'x', resolves: begin.input.resolves, receivedAt: now, alerts, windows },
        });
      }
      case 'act': {
        const who = USERS[step.who] ?? 'stranger';
        const by: Actor = { kind: 'user', id: who, name: who };
        requests += 1;
        const action = { requestId: `r${requests}`, openingId: 'o', by, via: 'sms', ...step.action };
        return feed({ type: 'action', action: action as PersonAction });
      }
      case 'found': {
        const open = Object.keys(state.searches);
        const requestId = open[step.index % Math.max(1, open.length)] ?? 's1';
        return feed({ type: 'people-found', requestId, found: step.found });
      }
      case 'report': {
        const ids = Object.keys(state.deliveries);
        const deliveryId = ids[step.index % Math.max(1, ids.length)] ?? 'nobody';
        const report = { deliveryId, provider: 'x', providerId: `x${step.index}`, ...step.report };
        return feed({ type: 'delivery', report: report as never });
      }
      case 'wait': {
        const until = now + step.ms;
        for (let turns = 0; turns < 5_000; turns += 1) {
          const next = Math.min(...Object.values(state.deadlines).map(({ at }) => at));
          if (next > until) break;
          now = Math.max(now, next);
          feed({ type: 'time' });
        }
        now = until;
        return;
      }
      case 'jump':
        now += step.ms;
        return feed({ type: 'time' });
      default:
        return step satisfies never;
    }
  }

  for (const each of ops) {
    if (each.op === 'plain') plain(each.step, each.covers);
    else if (each.op === 'began')
      feed({
        type: 'maintenance',
        change: { type: 'began', window: windowOf(each.span), stopPages: each.stopPages },
      });
    else feed({ type: 'maintenance', change: { type: 'ended', windowId: each.id } });
  }
  return state;
}

function always(look: (step: Step) => void): void {
  fc.assert(
    fc.property(world, (given) => void run(given, look)),
    RUNS,
  );
}

describe('in every world with maintenance', () => {
  test('an incident that nobody has is paged, is about to be, or owes the end of its windows: never silent', () => {
    let rested = 0;
    always(({ after }) => {
      const has = (name: string): boolean => name in after.deadlines;
      if (after.phase === 'monitoring') return expect(has('stability')).toBe(true);
      if (after.phase === 'resolved') return;
      if (rests(after)) {
        rested += 1;
        expect(has(END)).toBe(true);
        expect(after.escalation).toBeNull();
        expect((after.deadlines[END]?.at ?? Infinity) - after.openedAt).toBeLessThan(LONGEST_WINDOW);
      } else if (after.escalation !== null) expect(has('ack')).toBe(true);
      else if (after.phase === 'triggered') expect(has('begin') || has('repage')).toBe(true);
      else expect(has('no-progress') || has('snooze')).toBe(true);
    });
    expect(rested).toBeGreaterThan(500);
  });

  test('its deadline is never later than the end of the first alert that fires', () => {
    always(({ after, now, event }) => {
      const { quiet } = after;
      if (quiet === undefined || !quiet.rests || after.phase === 'monitoring' || after.phase === 'resolved')
        return;
      const firing = firingOf(after);
      if (firing.length === 0 || (event.type !== 'alerts' && event.type !== 'maintenance')) return;
      expect(after.deadlines[END]?.at).toBe(firstEnd(quiet, firing, now));
    });
  });

  test('while it rests nobody is paged by the policy, and no clock asks anything of anybody', () => {
    always(({ before, after, commands, event }) => {
      if (!rests(before) || !rests(after)) return;
      const asking = ['ack', 'begin', 'no-progress', 'still-on-it', 'update', 'update-overdue', 'management'];
      for (const name of asking) expect(Object.keys(after.deadlines)).not.toContain(name);
      const started = after.pages.filter((page) => !before.pages.some(({ id }) => id === page.id));
      // Those whom a person asked for by name are paged: that is no policy.
      expect(started.filter(({ line }) => line === undefined)).toEqual([]);
      const told = commands.filter(
        (command) => command.type === 'deliver' && command.message.kind === 'notice',
      );
      if (event.type === 'alerts' || event.type === 'maintenance') expect(told).toEqual([]);
    });
  });

  test('once the time of its end has come it does not rest for those windows any more', () => {
    always(({ after, event, now }) => {
      if (event.type === 'time' && rests(after) && END in after.deadlines)
        expect(after.deadlines[END]?.at).toBeGreaterThan(now);
    });
  });

  test('a state that was written and read again goes on just the same', () => {
    always(({ before, event, after, now }) => {
      const read = plainly(before);
      const again = apply(read, plainly(event), now);
      expect(isDeepStrictEqual(again.state, after)).toBe(true);
    });
  });
});
