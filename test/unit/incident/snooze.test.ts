import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../domain/time/instant.js';
import { viewOf } from '../../../domain/incident/machine.js';
import { incident, PLAN, planWith, SEV1, SUNDAY_3, SEV2 } from './fixtures.js';

type It = ReturnType<typeof incident>;

function snooze(it: It, who: string, forMs = HOUR) {
  return it.acts(who, { action: 'snooze', forMs });
}

describe('a snooze', () => {
  test('is an acknowledgement when nobody has it', () => {
    const it = incident();
    it.advanceTo('5:10');
    expect(snooze(it, 'bob')).toEqual({
      outcome: 'snoozed',
      sentence:
        'You have it, and it is snoozed until 11:05 UTC; then you are paged again. SEV1 payments: checkout is down (' +
        `${it.state().code}).`,
      owner: 'bob',
    });
    expect(it.state()).toMatchObject({ phase: 'acknowledged', escalation: null });
    expect(it.log('5:10')).toEqual(['5:10 alice (sms): acknowledged-by']);
  });

  test('asks nothing of its owner until it ends, then pages them, and after their own time the policy', () => {
    const it = incident();
    it.advanceTo('1:30');
    it.acknowledge('alice');
    snooze(it, 'alice');
    expect(it.deadlines()).toEqual(['snooze 61:30']);
    expect(Object.values(it.state().deadlines)[0]?.label).toBe(
      'snoozed by alice until 11:01 UTC, then alice is paged again',
    );
    it.advanceTo('72:00');
    expect(it.log('1:31')).toEqual([
      '61:30 alice sms+push: snooze-over',
      '62:30 alice voice: snooze-over',
      '64:30 alice voice: snooze-over',
      '66:30 bob sms+push: not-acknowledged',
      '67:30 bob voice: not-acknowledged',
      '69:30 bob voice: not-acknowledged',
      '71:30 carol sms+push: not-acknowledged',
    ]);
    expect(it.timeline('snoozed', 'snooze-over')).toEqual([
      expect.stringMatching(/^1:30 snoozed alice sms \d+$/),
      '61:30 snooze-over alice',
    ]);
  });

  test('is shown while it lasts', () => {
    const it = incident();
    snooze(it, 'alice');
    const view = viewOf(it.state(), 'w');
    expect(view.snoozed).toEqual({ by: 'alice', until: view.openedAt + HOUR });
    it.advanceTo('61:00');
    expect(viewOf(it.state(), 'w').snoozed).toBeUndefined();
  });

  test('again is another end, and progress or an update keep it', () => {
    const it = incident();
    snooze(it, 'alice');
    it.advanceTo('10:00');
    snooze(it, 'alice', 10 * MINUTE);
    it.progress('alice');
    it.update('alice', 'waiting for the vendor');
    it.severity('alice', 'SEV2');
    expect(it.deadlines()).toEqual(['snooze 20:00']);
  });

  test.each([0, -1, 5 * MINUTE - 1, 24 * HOUR + 1, Number.NaN, Infinity])(
    'of %d ms is refused, naming the bounds',
    (forMs) => {
      const it = incident();
      expect(snooze(it, 'alice', forMs)).toEqual({
        outcome: 'snooze-out-of-bounds',
        sentence: 'A snooze lasts from 5 minutes to 24 hours; nothing was done.',
      });
      expect(it.state().owner).toBeNull();
    },
  );

  test('has the bounds of the configuration, and the defaults where the plan is older than they are', () => {
    const timings = { ...PLAN.timings, snoozeShortestMs: MINUTE, snoozeLongestMs: 2 * MINUTE };
    expect(snooze(incident({ plan: { ...PLAN, timings } }), 'alice', 90_000).outcome).toBe('snoozed');
    const { snoozeShortestMs: _s, snoozeLongestMs: _l, ...old } = PLAN.timings;
    const before = incident({ plan: { ...PLAN, timings: old as typeof PLAN.timings } });
    expect(snooze(before, 'alice', 90_000).outcome).toBe('snooze-out-of-bounds');
    expect(snooze(before, 'alice', HOUR).outcome).toBe('snoozed');
  });

  test('of somebody else than the owner is answered with who has it', () => {
    const it = incident();
    it.acknowledge('alice');
    expect(snooze(it, 'bob')).toMatchObject({ outcome: 'already-owned', owner: 'alice' });
    expect(it.state().snooze).toBeUndefined();
  });

  test('says so when there is nothing to put off', () => {
    const it = incident();
    it.acknowledge('alice');
    it.resolves('disk');
    expect(snooze(it, 'alice').outcome).toBe('unchanged');
    it.advanceTo('31:00');
    expect(snooze(it, 'alice').outcome).toBe('over');
  });

  test.each([
    ['a raised severity', (it: It) => it.severity('bob', 'SEV0')],
    ['a resolve while it fires', (it: It) => it.resolve('alice')],
    ['an undone acknowledgement', (it: It) => it.acts('bob', { action: 'unacknowledge' })],
    ['somebody who takes it', (it: It) => it.take('bob')],
    ['a request to take it over', (it: It) => it.acts('alice', { action: 'reassign', to: 'bob' })],
    ['an escalation by hand', (it: It) => it.escalate('bob')],
    ['alerts that resolve', (it: It) => void it.resolves('disk')],
  ])('ends early by %s, and nobody is paged at its end for it', (_what, happens) => {
    const it = incident();
    snooze(it, 'alice');
    it.advanceTo('10:00');
    happens(it);
    expect(it.state().snooze).toBeUndefined();
    expect(Object.keys(it.state().deadlines)).not.toContain('snooze');
    it.advanceTo('65:00');
    expect(it.timeline('snooze-over')).toEqual([]);
  });

  test('ends early by a raised severity that pages nobody now, and the wait for progress begins anew', () => {
    const it = incident({ severity: 'SEV3' });
    snooze(it, 'alice');
    it.advanceTo('10:00');
    it.severity('bob', 'SEV2');
    expect(it.state()).toMatchObject({ escalation: null, phase: 'acknowledged' });
    expect(it.deadlines()).toEqual(['still-on-it 35:00', 'no-progress 40:00']);
  });

  test('puts off the second look at what was called fixed', () => {
    const it = incident();
    it.acknowledge('alice');
    it.resolve('alice');
    snooze(it, 'alice', 30 * MINUTE);
    expect(it.deadlines()).toEqual(['snooze 30:00']);
    it.advanceTo('30:00');
    expect(it.log('0:01')).toEqual(['30:00 alice sms+push: snooze-over']);
  });

  test('lets the owner hear of a new alert, of the cadence, and management of the time', () => {
    const plan = planWith({ ...SEV1, updateEveryMs: 30 * MINUTE, managementAfterMs: 20 * MINUTE });
    const it = incident({ plan });
    snooze(it, 'alice');
    it.advanceTo('10:00');
    it.fires('cpu');
    it.advanceTo('31:00');
    expect(it.log('0:01')).toEqual([
      '10:00 alice (sms): alert-joined',
      '20:00 erin (sms): told',
      '30:00 alice (sms): update-due',
    ]);
  });

  test('that ends at night waits for the morning where the severity does', () => {
    const plan = planWith({ ...SEV2, page: 'wait-for-business-hours' });
    const it = incident({ plan, severity: 'SEV2', startsAt: SUNDAY_3 });
    snooze(it, 'alice');
    it.advanceTo('61:00');
    expect(it.log('1:00')).toEqual(['60:00 alice email: for-information']);
    expect(it.deadlines()).toEqual(['begin 1800:00']);
    it.advanceTo('1800:00');
    expect(it.log('1799:00')).toEqual(['1800:00 alice sms+push: business-hours']);
  });

  test('that ends where the severity rings nobody is told to whoever snoozed, and to nobody else', () => {
    const it = incident({ plan: planWith({ ...SEV2, page: 'ticket' }), severity: 'SEV2' });
    it.advanceTo('2:00');
    snooze(it, 'bob');
    it.advanceTo('70:00');
    expect(it.log('2:01')).toEqual(['62:00 bob email: for-information']);
  });

  test('of an API key pages the policy at its end', () => {
    const it = incident();
    it.acts('bot', { action: 'snooze', forMs: HOUR, by: { kind: 'key', id: 'bot', name: 'bot' } });
    it.advanceTo('60:00');
    expect(it.log('59:00')).toEqual(['60:00 alice sms+push: snooze-over']);
  });

  test('that ended in an outage pages once, late and said so', () => {
    const it = incident();
    snooze(it, 'alice');
    it.outage('30:00', '90:00');
    expect(it.log('30:00')).toEqual(['90:00 alice sms+push: snooze-over']);
    expect(it.timeline('missed-deadline')).toHaveLength(1);
  });
});
