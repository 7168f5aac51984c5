import { describe, expect, test } from 'vitest';
import type { FindPeopleCommand, IncidentCommand } from '../../../domain/incident/command.js';
import type { FoundPeople, IncidentEvent, PersonAction } from '../../../domain/incident/event.js';
import { apply, openIncident } from '../../../domain/incident/machine.js';
import type { ResponsePlan } from '../../../domain/incident/plan.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { person, PLAN, planWith, SEV1, TUESDAY_10 } from './fixtures.js';

/** The machine alone, with searches that are answered when a test says so. */
function machine(plan: ResponsePlan = PLAN) {
  let now = TUESDAY_10;
  const input = { key: 'k', title: 't', severity: 'SEV1', plan, source: 'x', resolves: true };
  const opened = openIncident(input, 'o', now);
  const commands: IncidentCommand[] = [...opened.commands];
  let { state } = opened;
  return {
    state: () => state,
    commands,
    at(minutes: number) {
      now = TUESDAY_10 + minutes * MINUTE;
      this.feed({ type: 'time' });
    },
    feed(event: IncidentEvent) {
      const applied = apply(state, event, now);
      state = applied.state;
      commands.push(...applied.commands);
      return applied.commands;
    },
    acts(action: PersonAction['action'], who = 'alice') {
      return this.feed({
        type: 'action',
        action: {
          action: action as 'acknowledge',
          requestId: `${action}-${who}-${now}`,
          openingId: 'o',
          by: { kind: 'user', id: who, name: who },
          via: 'sms',
        },
      });
    },
    /** Searches in the order in which they were asked. */
    searches(): FindPeopleCommand[] {
      return commands.filter((command) => command.type === 'find-people');
    },
    answer(search: FindPeopleCommand | undefined, ...who: string[]) {
      return this.feed({ type: 'people-found', requestId: search?.requestId ?? '', found: people(...who) });
    },
  };
}

function people(...who: string[]): FoundPeople {
  return {
    people: who.map((id) => ({ userId: id, name: id, via: 'x', rules: person.high, notice: person.notice })),
    problems: [],
  };
}

describe('an answer to a search that comes too late', () => {
  test('after an acknowledgement pages nobody', () => {
    const it = machine();
    it.acts('acknowledge');
    expect(it.answer(it.searches()[0], 'bob')).toEqual([]);
    expect(it.state().pages).toEqual([]);
  });

  test('after everything resolved pages nobody', () => {
    const it = machine();
    const alert = { fingerprint: 'a', startsAt: TUESDAY_10, summary: '', severity: 'SEV1' };
    for (const status of ['firing', 'resolved'] as const) {
      const alerts = [{ ...alert, status }];
      it.feed({
        type: 'alerts',
        batch: { integration: 'x', resolves: true, alerts, receivedAt: TUESDAY_10 },
      });
    }
    expect(it.state().phase).toBe('monitoring');
    expect(it.answer(it.searches()[0], 'alice')).toEqual([]);
  });

  test('after the next step took over pages nobody', () => {
    const it = machine();
    it.at(5);
    const [first, second] = it.searches();
    expect(it.answer(first, 'alice')).toEqual([]);
    expect(it.answer(second, 'bob').map((command) => command.type)).toEqual(['deliver', 'deliver']);
  });

  test('twice pages once', () => {
    const it = machine();
    const [first] = it.searches();
    it.answer(first, 'alice');
    expect(it.answer(first, 'alice')).toEqual([]);
  });

  test('tells management instead of paging it, when somebody answered meanwhile', () => {
    const it = machine(planWith({ ...SEV1, managementAfterMs: 30 * MINUTE }));
    it.at(30);
    const search = it.searches().at(-1);
    expect(search?.targets).toEqual([{ kind: 'group', id: 'management' }]);
    it.acts('acknowledge');
    const told = it.answer(search, 'erin');
    expect(told).toMatchObject([{ type: 'deliver', userId: 'erin', message: { parts: [{ type: 'told' }] } }]);
  });

  test('that nobody asked for means nothing', () => {
    const it = machine();
    const before = it.state();
    it.feed({ type: 'people-found', requestId: 's99', found: people('alice') });
    expect(it.state()).toEqual(before);
  });
});

describe('a delivery that is under way when the answer comes', () => {
  function calling() {
    const it = machine();
    it.answer(it.searches()[0], 'alice');
    it.at(1);
    const call = it.commands.findLast((command) => command.type === 'deliver');
    const deliveryId = call?.type === 'deliver' ? call.deliveryId : '';
    return { it, deliveryId };
  }

  test('is cancelled', () => {
    const { it, deliveryId } = calling();
    const [cancel] = it.acts('acknowledge');
    expect(cancel).toMatchObject({ type: 'cancel-deliveries' });
    expect(cancel?.type === 'cancel-deliveries' && cancel.deliveryIds).toContain(deliveryId);
  });

  test.each(['before', 'after'])(
    'is taken back when the provider took it %s the cancellation was noted',
    (order) => {
      const { it, deliveryId } = calling();
      it.acts('acknowledge');
      if (order === 'after')
        it.feed({ type: 'delivery', report: { deliveryId, provider: 'none', status: 'cancelled' } });
      const report = { deliveryId, provider: 'twilio', providerId: 'CA1', status: 'sent' } as const;
      expect(it.feed({ type: 'delivery', report })).toEqual([
        { type: 'withdraw', deliveryId, channel: 'voice', provider: 'twilio', providerId: 'CA1' },
      ]);
    },
  );

  test('is taken back too when maintenance stopped the pages meanwhile', () => {
    const { it, deliveryId } = calling();
    const alert = { fingerprint: 'a', startsAt: TUESDAY_10, summary: '', severity: 'SEV1' };
    it.feed({
      type: 'alerts',
      batch: {
        integration: 'x',
        resolves: true,
        alerts: [{ ...alert, status: 'firing' }],
        receivedAt: TUESDAY_10,
      },
    });
    const window = { id: 'w1', from: TUESDAY_10, to: TUESDAY_10 + 30 * MINUTE, reason: 'upgrade' };
    const change = { type: 'began', window, stopPages: true } as const;
    const [cancel] = it.feed({ type: 'maintenance', change });
    expect(cancel?.type === 'cancel-deliveries' && cancel.deliveryIds).toContain(deliveryId);
    const report = { deliveryId, provider: 'twilio', providerId: 'CA1', status: 'sent' } as const;
    expect(it.feed({ type: 'delivery', report })).toEqual([
      { type: 'withdraw', deliveryId, channel: 'voice', provider: 'twilio', providerId: 'CA1' },
    ]);
  });

  test('and fails after it is not tried again, nor by another way', () => {
    const { it, deliveryId } = calling();
    it.acts('acknowledge');
    const report = {
      deliveryId,
      provider: 'twilio',
      status: 'failed',
      reason: 'unavailable',
      retryable: true,
    } as const;
    expect(it.feed({ type: 'delivery', report })).toEqual([]);
    expect(Object.keys(it.state().deadlines)).toEqual(['no-progress', 'still-on-it']);
  });
});

test('the people found for a page and for an outage at one instant are paged once each', () => {
  const it = machine();
  it.answer(it.searches()[0], 'alice');
  it.at(44);
  const [position, beside] = it.searches().slice(-2);
  // Dan is tier 3, and by now the primary as well.
  it.answer(position, 'dan');
  expect(it.answer(beside, 'dan')).toEqual([]);
});
