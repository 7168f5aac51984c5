import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncidentCommand } from '../../../domain/incident/command.js';
import type { FoundPeople, IncidentEvent, PersonAction, Via } from '../../../domain/incident/event.js';
import { isReuse } from '../../../domain/incident/asked.js';
import { apply, openIncident, viewOf, type Applied } from '../../../domain/incident/machine.js';
import type { Actor, IncidentInput } from '../../../domain/incident/plan.js';
import { tiersOf } from '../../../domain/incident/positions.js';
import { BOUNDS, type IncidentState, type Line } from '../../../domain/incident/state.js';
import { severityOf } from '../../../domain/severity/severity.js';
import { MINUTE, type Instant } from '../../../domain/time/instant.js';
import { deepFreeze } from '../../support/virtual-incident.js';
import { sms } from './fixtures.js';
import { op, plan, start, USERS, type Op } from './worlds.js';

/** The same worlds each time; fast-check prints seed and path of a failure. */
const RUNS = { seed: 20_261_121, numRuns: 500 } as const;

const VIAS: readonly Via[] = ['sms', 'voice', 'link', 'api'];
const OWNED = ['acknowledged', 'investigating', 'mitigated'];
/** Deadlines that may start to page somebody. */
const PAGING = ['ack', 'begin', 'repage', 'recheck', 'no-progress', 'snooze'];
/** People's actions that may do so. */
const ASKS_FOR_PAGING = ['escalate', 'severity', 'unacknowledge'];

/** Lines beside the policy that were paged and are waited for, of one kind. */
function paging(state: IncidentState, kind: Line['kind']): readonly Line[] {
  return (state.lines ?? []).filter((line) => line.status === 'paging' && line.kind === kind);
}

/** A helper who answers joins, and changes nothing of who has it: unless the policy pages them as well. */
function onlyHelps(state: IncidentState, id: string): boolean {
  const asked = (state.lines ?? []).some(
    (line) =>
      line.kind === 'responders' &&
      ['paging', 'unanswered'].includes(line.status) &&
      line.members.some(({ userId }) => userId === id),
  );
  const takesOver = paging(state, 'handover').some((line) =>
    line.members.some(({ userId }) => userId === id),
  );
  const isPaged = state.pages.some(
    (page) =>
      page.userId === id &&
      page.line === undefined &&
      page.status !== 'stopped' &&
      page.reason !== 'for-information',
  );
  return state.owner !== null && state.owner.actor.id !== id && asked && !takesOver && !isPaged;
}

function isUnanswered(state: IncidentState): boolean {
  return state.phase === 'triggered' || state.escalation !== null;
}

/** As it comes out of a history. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

interface Step {
  readonly before: IncidentState;
  readonly event: IncidentEvent;
  readonly after: IncidentState;
  readonly commands: readonly IncidentCommand[];
  readonly now: Instant;
}

/** Runs a random world, and shows every step to `look`. */
function run(
  begin: { readonly input: IncidentInput; readonly at: Instant },
  ops: readonly Op[],
  look: (step: Step) => void = () => undefined,
) {
  let now = begin.at;
  let requests = 0;
  const commands: IncidentCommand[] = [];
  const opened = openIncident(deepFreeze(plain(begin.input)), 'o', now);
  let { state } = opened;
  take(opened);

  function take(applied: Applied): void {
    state = deepFreeze(applied.state);
    commands.push(...applied.commands);
  }

  function feed(event: IncidentEvent): void {
    const before = state;
    const applied = apply(before, deepFreeze(plain(event)), now);
    take(applied);
    look({ before, event, after: state, commands: applied.commands, now });
  }

  function wait(until: Instant): void {
    for (let turns = 0; ; turns += 1) {
      if (turns > 5_000) throw new Error('time stands still');
      const next = Math.min(...Object.values(state.deadlines).map((deadline) => deadline.at));
      if (next > until) break;
      now = Math.max(now, next);
      feed({ type: 'time' });
    }
    now = until;
  }

  function perform(step: Op): void {
    switch (step.op) {
      case 'alerts':
        return feed({
          type: 'alerts',
          batch: {
            integration: 'x',
            resolves: begin.input.resolves,
            receivedAt: now,
            alerts: step.alerts.map((alert) => ({
              fingerprint: alert.name,
              status: alert.fires ? ('firing' as const) : ('resolved' as const),
              startsAt: alert.ago === null ? null : now - alert.ago,
              summary: alert.name,
              severity: alert.severity,
            })),
          },
        });
      case 'act': {
        const who = USERS[step.who];
        const by: Actor =
          who === undefined ? { kind: 'key', id: 'bot', name: 'bot' } : { kind: 'user', id: who, name: who };
        if (!step.repeat) requests += 1;
        const via = VIAS[step.via] ?? 'sms';
        const action = { requestId: `r${requests}`, openingId: 'o', by, via, ...step.action };
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
      case 'wait':
        return wait(now + step.ms);
      case 'jump':
        now += step.ms;
        return feed({ type: 'time' });
      default:
        return step satisfies never;
    }
  }

  for (const step of ops) perform(step);
  return { state: () => state, now: () => now, commands, feed, wait };
}

const world = worldOf(36);

function worldOf(maxLength: number) {
  return fc.tuple(start, fc.array(op, { maxLength, size: 'max' }));
}

function always(look: (step: Step) => void, worlds = world): void {
  fc.assert(
    fc.property(worlds, ([begin, ops]) => void run(begin, ops, look)),
    RUNS,
  );
}

describe('in every world', () => {
  test('an incident that nobody answered has a deadline ahead, and one that somebody has as well', () => {
    always(({ after, now, event }) => {
      const names = Object.keys(after.deadlines);
      const ahead = (kinds: readonly string[]): boolean =>
        names.some((name) => kinds.includes(name) && (after.deadlines[name]?.at ?? 0) >= now);
      // After an outage that nobody has looked at yet, what is late counts as well.
      if (event.type !== 'time') return;
      if (isUnanswered(after)) expect(ahead(['ack', 'begin', 'repage'])).toBe(true);
      else if (OWNED.includes(after.phase)) expect(ahead(['no-progress', 'snooze'])).toBe(true);
      else if (after.phase === 'monitoring') expect(ahead(['stability'])).toBe(true);
      if (after.escalation !== null) expect(after.deadlines['ack']?.at).toBeGreaterThan(now);
      for (const line of after.lines ?? [])
        if (line.status === 'paging') expect(after.deadlines[`line:${line.id}`]?.at).toBeGreaterThan(now);
    });
  });

  test('the promise of the phase is kept by every event, not only by time', () => {
    always(({ after }) => {
      const has = (name: string): boolean => name in after.deadlines;
      if (after.escalation !== null) expect(has('ack')).toBe(true);
      else if (after.phase === 'triggered') expect(has('begin') || has('repage')).toBe(true);
      else if (OWNED.includes(after.phase)) expect(has('no-progress') !== has('snooze')).toBe(true);
      else if (after.phase === 'monitoring') expect(has('stability')).toBe(true);
      expect(after.snooze !== undefined).toBe(has('snooze'));
      if (has('snooze')) {
        expect(after.owner?.actor).toEqual(after.snooze?.by);
        expect(has('still-on-it') || has('recheck')).toBe(false);
      }
      const lines = Object.keys(after.deadlines).filter((name) => name.startsWith('line:'));
      const waiting = [...paging(after, 'responders'), ...paging(after, 'handover')];
      expect(lines.sort()).toEqual(waiting.map((line) => `line:${line.id}`).sort());
      expect(paging(after, 'handover').length).toBeLessThanOrEqual(1);
      expect(paging(after, 'responders').length).toBeLessThanOrEqual(BOUNDS.lines);
      if (after.phase === 'resolved' || after.phase === 'monitoring') {
        const others = Object.keys(after.deadlines).filter((name) => !name.startsWith('retry:'));
        expect(others).toEqual(after.phase === 'resolved' ? [] : ['stability']);
        expect(after.escalation).toBeNull();
      }
      if (OWNED.includes(after.phase)) expect(after.owner).not.toBeNull();
      // Who is paged is not asked "still on it?" as well.
      if (isUnanswered(after)) expect(has('no-progress') || has('still-on-it') || has('snooze')).toBe(false);
    });
  });

  test('no deadline is left in the past once time was looked at', () => {
    always(({ event, after, now }) => {
      if (event.type !== 'time') return;
      for (const [name, deadline] of Object.entries(after.deadlines))
        expect(deadline.at, name).toBeGreaterThanOrEqual(now);
    });
  });

  test('once somebody has it, nobody is paged without a cause that has a name', () => {
    always(({ before, event, after, commands, now }) => {
      const started = after.pages.filter((page) => !before.pages.some((other) => other.id === page.id));
      for (const page of started) {
        // Found, and still wanted: paging runs. Or nobody has it, and this is only a letter.
        if (page.reason === 'for-information') expect(before.phase).toBe('triggered');
        else if (page.line !== undefined)
          expect(before.lines?.find(({ id }) => id === page.line)?.status).toBe('paging');
        else expect(before.escalation).not.toBeNull();
      }
      // Who is asked to take it over and does not is the one cause that no clock and no person's word need announce.
      const gaveUp = paging(before, 'handover').some(
        (line) => after.lines?.find(({ id }) => id === line.id)?.status === 'unanswered',
      );
      if (before.escalation === null && after.escalation !== null) {
        if (after.escalation.reason === 'not-taken-over') expect(gaveUp).toBe(true);
        else if (event.type === 'action') expect(ASKS_FOR_PAGING).toContain(event.action.action);
        else if (event.type === 'time') {
          const due = Object.entries(before.deadlines).filter(([, deadline]) => deadline.at <= now);
          expect(due.some(([name]) => PAGING.includes(name))).toBe(true);
        } else expect(event.type).toBe('alerts');
      }
      for (const command of commands) {
        if (command.type !== 'deliver' || command.message.kind !== 'page') continue;
        const pageId = after.deliveries[command.deliveryId]?.pageId;
        const page = after.pages.find((candidate) => candidate.id === pageId);
        // What was begun and taken back in one breath is cancelled in the same breath.
        const cancelled = commands.some(
          (other) => other.type === 'cancel-deliveries' && other.deliveryIds.includes(command.deliveryId),
        );
        expect(page?.status === 'active' || cancelled).toBe(true);
      }
    });
  });

  test('nothing rings that only calls people out in business hours, unless a person asked for it', () => {
    always(({ before, after, commands, now, event }) => {
      const level = severityOf(after.plan.severities, after.severity);
      const bound = !['immediately', 'escalate-off-hours'].includes(level.page);
      const open = after.plan.businessTime.some(([opens, closes]) => opens <= now && now < closes);
      const horizon = after.plan.businessTime.at(-1)?.[1] ?? 0;
      if (!bound || open || now >= horizon || after.escalation?.reason === 'escalated-by-hand') return;
      // What began by day may finish its five minutes.
      if (before.escalation !== null && after.escalation?.position === before.escalation.position) return;
      expect(after.escalation, event.type).toBeNull();
      const rings = commands.filter((c) => c.type === 'deliver' && c.method.channel === 'voice');
      // A person asked for those beside the policy.
      const asked = new Set(after.pages.filter((page) => page.line !== undefined).map((page) => page.id));
      expect(
        rings.every((c) => c.type === 'deliver' && asked.has(after.deliveries[c.deliveryId]?.pageId ?? '')),
      ).toBe(true);
    });
  });

  test('an acknowledgement ends all paging, whoever gives it and whenever', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...USERS, 'stranger'), ([begin, ops], id) => {
        const it = run(begin, ops);
        if (it.state().phase === 'resolved') return;
        const by: Actor = { kind: 'user', id, name: id };
        const before = it.state();
        it.feed({
          type: 'action',
          action: { action: 'acknowledge', requestId: 'last', openingId: 'o', by, via: 'sms' },
        });
        const state = it.state();
        const theirs = (state.lines ?? []).filter((line) => line.members.some(({ userId }) => userId === id));
        expect(theirs.filter(({ status }) => status === 'paging')).toEqual([]);
        if (onlyHelps(before, id)) {
          const { owner, escalation, phase } = before;
          expect(state).toMatchObject({ owner, escalation, phase });
          return;
        }
        if (!isUnanswered(before)) return;
        expect(state).toMatchObject({ escalation: null, owner: { actor: by } });
        expect(OWNED).toContain(state.phase);
        // Others who are asked for help are still asked.
        const lines = (state.lines ?? []).filter(
          ({ kind, status }) => kind === 'responders' && ['paging', 'unanswered'].includes(status),
        );
        const apart = state.pages.filter((page) => lines.some((line) => line.id === page.line));
        expect(state.pages.every((page) => page.status === 'stopped' || apart.includes(page))).toBe(true);
        const names = Object.keys(state.deadlines).filter(
          (name) =>
            /^(rule|ack|begin|repage)/.test(name) &&
            !apart.some((page) => name.startsWith(`rule:${page.id}:`)),
        );
        expect(names).toEqual([]);
        // Late answers to what was asked before page nobody; the next to be paged is paged for lack of progress.
        const sent = it.commands.length;
        answerSearches(it);
        it.wait(it.now() + 29 * MINUTE);
        answerSearches(it);
        const after = it.commands.slice(sent).filter((command) => command.type === 'deliver');
        const pages = after.filter(
          (command) =>
            command.message.kind === 'page' &&
            command.message.parts.every((part) => part.type === 'page' && part.reason !== 'asked-to-help'),
        );
        // Unless it is to be looked at again, or somebody is still asked to take it over and does not answer.
        const isOpen = 'recheck' in state.deadlines || paging(state, 'handover').length > 0;
        expect(isOpen ? [] : pages).toEqual([]);
      }),
      RUNS,
    );
  });

  test('an owner whose alert flaps is paged for it at most once in 15 minutes', () => {
    fc.assert(
      fc.property(world, ([begin, ops]) => {
        const last = new Map<string, Instant>();
        run(begin, ops, ({ before, after, now }) => {
          for (const page of after.pages) {
            if (before.pages.some((other) => other.id === page.id)) continue;
            if (page.reason === 'for-information') continue;
            const isOwner = after.owner?.actor.id === page.userId && after.escalation?.tier === -1;
            if (isOwner && page.reason === 'fires-again')
              expect(now - (last.get(page.userId) ?? -Infinity)).toBeGreaterThanOrEqual(15 * MINUTE);
            last.set(page.userId, now);
          }
        });
      }),
      RUNS,
    );
  });

  test('what only tells never rings, and only what was promised names a deadline', () => {
    always(({ commands, after }) => {
      for (const command of commands)
        if (command.type === 'deliver' && command.message.kind === 'notice')
          expect(command.method.channel).not.toBe('voice');
      for (const name of Object.keys(after.deadlines))
        expect(name).toMatch(
          /^(ack|begin|repage|recheck|joined|no-progress|still-on-it|snooze|line:l\d+|update|update-overdue|management|stability|rule:p\d+:\d+|retry:.+)$/,
        );
    });
  });

  test('no message has the key of another', () => {
    fc.assert(
      fc.property(world, ([begin, ops]) => {
        const { commands } = run(begin, ops);
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
      const again = apply(read, plain(event), now);
      expect(isDeepStrictEqual(again.state, after)).toBe(true);
      expect(isDeepStrictEqual(again.commands, commands)).toBe(true);
    }, worldOf(16));
  });

  test('a request that comes twice is answered the same and does nothing', () => {
    always(({ before, event, after, commands, now }) => {
      if (event.type !== 'action') return;
      const again = apply(after, event, now);
      expect(again.commands).toEqual([]);
      expect(isDeepStrictEqual(again.state, after)).toBe(true);
      const { requestId, confirm } = event.action;
      const given = before.answers.find((answer) => answer.requestId === requestId);
      if (given !== undefined && isReuse(given, event.action)) {
        // Nothing is done under an id that meant something else; it is said once to whoever was promised a word.
        expect({ ...after, answers: [], counter: 0, deliveries: {}, searches: {} }).toEqual({
          ...before,
          answers: [],
          counter: 0,
          deliveries: {},
          searches: {},
        });
        expect(commands.length).toBeLessThanOrEqual(1);
        return;
      }
      // Only a confirmation that was promised since is still owed.
      if (given !== undefined && (given.confirmed === true || confirm !== true)) expect(commands).toEqual([]);
      expect(after.answers.filter((answer) => answer.requestId === requestId)).toHaveLength(1);
    });
  });

  test('one event asks for a bounded number of things, and the timeline only grows until it is full', () => {
    always(({ before, event, after, commands }) => {
      expect(commands.length).toBeLessThanOrEqual(60);
      expect(after.counter).toBeGreaterThanOrEqual(before.counter);
      expect(after.timeline.length).toBeLessThanOrEqual(BOUNDS.timeline);
      expect(Object.keys(after.deliveries).length).toBeLessThanOrEqual(BOUNDS.deliveries + 20);
      // The alerts of one storm grow in one line, the last.
      const grown = before.timeline.at(-1)?.type === 'alerts' && event.type === 'alerts' ? -1 : undefined;
      if (after.timelineDropped === 0)
        expect(before.timeline.slice(0, grown).every((entry, index) => entry === after.timeline[index])).toBe(
          true,
        );
      else expect(after.timeline[0]).toBe(before.timeline[0]);
      expect(() => viewOf(after, 'w')).not.toThrow();
    });
  });

  test('it ends only by being quiet for long enough, and starts its review exactly once', () => {
    fc.assert(
      fc.property(world, ([begin, ops]) => {
        const it = run(begin, ops, ({ before, after, event, now }) => {
          if (before.phase === 'resolved') expect(after.phase).toBe('resolved');
          else if (after.phase === 'resolved') {
            expect(event.type).toBe('time');
            expect(before.phase).toBe('monitoring');
            expect(before.deadlines['stability']?.at).toBeLessThanOrEqual(now);
          }
        });
        const reviews = it.commands.filter((command) => command.type === 'start-review');
        expect(reviews).toHaveLength(it.state().phase === 'resolved' ? 1 : 0);
      }),
      RUNS,
    );
  });

  test('when all alerts resolve, or a person says so, it is over half an hour later', () => {
    fc.assert(
      fc.property(world, ([begin, ops]) => {
        const it = run(begin, ops);
        const receivedAt = it.now();
        it.feed({
          type: 'alerts',
          batch: {
            integration: 'x',
            resolves: true,
            receivedAt,
            alerts: ['a', 'b', 'c', 'd'].flatMap((fingerprint) =>
              fingerprint === 'd'
                ? []
                : [{ fingerprint, status: 'resolved', startsAt: null, summary: '', severity: 'A' }],
            ),
          },
        });
        const by: Actor = { kind: 'user', id: 'u0', name: 'u0' };
        it.feed({
          type: 'action',
          action: { action: 'resolve', requestId: 'last', openingId: 'o', by, via: 'sms' },
        });
        it.wait(it.now() + 31 * MINUTE);
        expect(it.state().phase).toBe('resolved');
      }),
      RUNS,
    );
  });

  test('as long as nobody answers, somebody is called again within the longest wait', () => {
    fc.assert(
      fc.property(world, ([begin, ops]) => {
        const it = run(begin, ops);
        const { policy, severities } = begin.input.plan;
        const level = severityOf(severities, it.state().severity);
        if (!['immediately', 'escalate-off-hours'].includes(level.page)) return;
        if (!isUnanswered(it.state())) return;
        const longest = Math.max(
          15 * MINUTE,
          policy.catchAll.everyMs,
          policy.delayMs,
          ...policy.steps.map((step) => step.timeoutMs),
        );
        const until = it.now() + longest;
        const sent = it.commands.length;
        while (it.now() < until && isUnanswered(it.state())) {
          answerSearches(it);
          it.wait(Math.min(until, it.now() + MINUTE));
        }
        answerSearches(it);
        const pages = it.commands.slice(sent).filter((command) => command.type === 'deliver');
        expect(pages.some((command) => command.message.kind === 'page')).toBe(true);
      }),
      RUNS,
    );
  });
});

function answerSearches(it: ReturnType<typeof run>): void {
  const bound = Object.keys(it.state().searches).length + 50;
  for (let turns = 0; turns < bound; turns += 1) {
    const [requestId] = Object.keys(it.state().searches);
    if (requestId === undefined) return;
    it.feed({ type: 'people-found', requestId, found: FOUND });
  }
  throw new Error('it asks for people without end');
}

const FOUND: FoundPeople = {
  people: [{ userId: 'u9', name: 'u9', via: 's', rules: [{ afterMs: 0, methods: [sms] }], notice: [sms] }],
  problems: [],
};

describe('when nobody answers and the clock is right', () => {
  const ladder = fc.tuple(
    plan,
    fc.constantFrom('A', 'B', 'C', 'D'),
    fc.integer({ min: 0, max: 168 }),
    // Which steps have somebody.
    fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  );

  test('every step is reached in order and in time, then the catch-all, for every policy', () => {
    fc.assert(
      fc.property(ladder, ([random, severity, hours, staffed]) => {
        const level = severityOf(random.severities, severity);
        fc.pre(level.page === 'immediately' || level.page === 'escalate-off-hours');
        const at = Date.UTC(2026, 10, 24, 10) + hours * 60 * MINUTE;
        // Every step asks for a person of its own.
        const steps = random.policy.steps.map((step, index) => ({
          ...step,
          targets: [{ kind: 'user' as const, id: `t${index}` }],
        }));
        const policy = { ...random.policy, steps };
        const ladderPlan = { ...random, policy, management: [] };
        const input = { key: 'k', title: 't', source: 'x', resolves: true, severity, plan: ladderPlan };
        const calls: string[] = [];
        const it = run({ input, at }, [], ({ commands, now }) => {
          for (const command of commands)
            if (command.type === 'deliver' && command.message.kind === 'page')
              calls.push(`${(now - at) / MINUTE} ${command.userId}`);
        });
        const find = (): void => {
          for (let turns = 0; turns < 50; turns += 1) {
            const command = it.commands.findLast(
              (one) => one.type === 'find-people' && one.requestId in it.state().searches,
            );
            if (command?.type !== 'find-people') return;
            const people = command.targets.flatMap((target) => {
              if (target.kind === 'group') return target.id === 'room' ? ['room'] : [];
              return target.kind === 'user' && staffed[Number(target.id.slice(1))] === true
                ? [target.id]
                : [];
            });
            it.feed({
              type: 'people-found',
              requestId: command.requestId,
              found: {
                people: people.map((userId) => ({
                  userId,
                  name: userId,
                  via: 's',
                  rules: [{ afterMs: 0, methods: [sms] }],
                  notice: [sms],
                })),
                problems: [],
              },
            });
          }
        };
        const expected = ladderOf(ladderPlan, severity, at, staffed);
        find();
        for (let minute = 1; minute <= expected.until; minute += 1) {
          it.wait(at + minute * MINUTE);
          find();
        }
        expect(calls).toEqual(expected.calls);
      }),
      { ...RUNS, numRuns: 1_000 },
    );
  });
});

/** The ladder as the spec has it, worked out without the machine. */
function ladderOf(
  { policy, severities, businessTime }: IncidentInput['plan'],
  id: string,
  at: Instant,
  staffed: readonly boolean[],
): { readonly calls: string[]; readonly until: number } {
  const level = severityOf(severities, id);
  const calls: string[] = [];
  let minute = policy.delayMs / MINUTE;
  const start = at + policy.delayMs;
  const isOpen = businessTime.some(([opens, closes]) => opens <= start && start < closes);
  const numbers = policy.steps.map((_, index) => index);
  let tiers = numbers.map((index) => [index]);
  if (level.allHands) tiers = [numbers];
  else if (level.page === 'escalate-off-hours' && !isOpen && numbers.length > 1)
    tiers = [[0, 1], ...tiers.slice(2)];
  const from = Math.max(
    0,
    tiers.findIndex((tier) => tier.includes(level.startAtTier - 1)),
  );
  for (let round = 1; round <= policy.rounds; round += 1) {
    for (const tier of round === 1 ? tiers.slice(from) : tiers) {
      const there = tier.filter((index) => staffed[index] === true);
      if (there.length === 0) continue;
      calls.push(...there.map((index) => `${minute} t${index}`));
      minute += (policy.steps[tier[0] ?? 0]?.timeoutMs ?? 0) / MINUTE;
    }
  }
  const every = policy.catchAll.everyMs / MINUTE;
  const primary = staffed[0] === true ? ['t0'] : [];
  calls.push(`${minute} room`);
  for (const again of [1, 2]) {
    calls.push(...['room', ...primary].map((who) => `${minute + again * every} ${who}`));
  }
  return { calls, until: minute + 2 * every };
}

test('the tiers of the model and of the machine are the same for a severity that pages at any hour', () => {
  fc.assert(
    fc.property(plan, (random) => {
      const level = { ...severityOf(random.severities, 'A'), page: 'immediately' as const, allHands: false };
      expect(tiersOf(random, level, 0).flat()).toEqual(random.policy.steps.map((_, index) => index));
    }),
    RUNS,
  );
});
