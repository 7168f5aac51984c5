import { describe, expect, test } from 'vitest';
import type { PageMode, Severity } from '../../../domain/severity/severity.js';
import { HOUR, MINUTE } from '../../../domain/time/instant.js';
import { incident, PLAN, planWith, SEV0, SEV1, SEV2, SUNDAY_3, TUESDAY_10 } from './fixtures.js';

const TUESDAY_22 = TUESDAY_10 + 12 * HOUR;

function withMode(page: PageMode, more: Partial<Severity> = {}) {
  return planWith({ ...SEV1, page, ...more });
}

/** What happens in the first minute, and at the moment when waiting ends. */
describe('page modes', () => {
  const cases: readonly (readonly [PageMode, string, number, readonly string[]])[] = [
    ['immediately', 'by day', TUESDAY_10, ['0:00 alice sms+push: alert']],
    ['immediately', 'at night', TUESDAY_22, ['0:00 alice sms+push: alert']],
    ['escalate-off-hours', 'by day', TUESDAY_10, ['0:00 alice sms+push: alert']],
    [
      'escalate-off-hours',
      'at night',
      TUESDAY_22,
      ['0:00 alice sms+push: alert', '0:00 bob sms+push: alert'],
    ],
    ['wait-for-business-hours', 'by day', TUESDAY_10, ['0:00 alice sms+push: alert']],
    ['wait-for-business-hours', 'at night', TUESDAY_22, ['0:00 alice email: for-information']],
    ['next-business-day', 'by day', TUESDAY_10, ['0:00 alice email: for-information']],
    ['next-business-day', 'at night', TUESDAY_22, ['0:00 alice email: for-information']],
    ['ticket', 'by day', TUESDAY_10, ['0:00 alice email: for-information']],
    ['ticket', 'at night', TUESDAY_22, ['0:00 alice email: for-information']],
  ];
  test.each(cases)('%s %s', (page, _, startsAt, expected) => {
    const it = incident({ plan: withMode(page), startsAt });
    it.advanceTo('0:59');
    expect(it.log()).toEqual(expected);
  });

  test('wait-for-business-hours pages when they open', () => {
    const it = incident({ plan: withMode('wait-for-business-hours'), startsAt: TUESDAY_22 });
    it.advanceTo('660:00');
    expect(it.log('1:00')).toEqual(['660:00 alice sms+push: business-hours']);
  });

  test('next-business-day pages two hours before the next business day ends', () => {
    const it = incident({ plan: withMode('next-business-day') });
    // Wednesday 15:00.
    it.advanceTo(`${29 * 60}:00`);
    expect(it.log('1:00')).toEqual(['1740:00 alice sms+push: nobody-picked-up']);
  });

  test('ticket writes again after its target, and never pages', () => {
    const it = incident({ plan: withMode('ticket', { resolveTargetMs: 24 * HOUR }) });
    it.advanceTo(`${49 * 60}:00`);
    expect(it.log()).toEqual([
      '0:00 alice email: for-information',
      '1440:00 alice email: for-information',
      '2880:00 alice email: for-information',
    ]);
  });

  test('what nobody answered by day is not called out for at night; it goes on in the morning', () => {
    // Tuesday 16:53: alice at 0:00, bob at 5:00, and at 10:00 business hours are over.
    const it = incident({
      plan: withMode('wait-for-business-hours'),
      startsAt: TUESDAY_10 + 6 * HOUR + 53 * MINUTE,
    });
    it.advanceTo('10:00');
    // A call that rings then goes on ringing.
    expect(it.commands.some(({ command }) => command.type === 'withdraw')).toBe(false);
    it.advanceTo('967:00');
    expect(it.log('5:00')).toEqual([
      '5:00 bob sms+push: not-acknowledged',
      '6:00 bob voice: not-acknowledged',
      '8:00 bob voice: not-acknowledged',
      '967:00 alice sms+push: business-hours',
    ]);
  });

  test('who was paged by day may answer in the evening', () => {
    const it = incident({
      plan: withMode('wait-for-business-hours'),
      startsAt: TUESDAY_10 + 6 * HOUR + 53 * MINUTE,
    });
    it.advanceTo('60:00');
    expect(it.acknowledge('alice').outcome).toBe('acknowledged');
    it.advanceTo('967:00');
    expect(it.contacts.filter(({ channel, at }) => channel !== 'email' && at > TUESDAY_22)).toEqual([]);
  });

  test('who was paged by day hears in the evening that it is gone', () => {
    const it = incident({
      plan: withMode('wait-for-business-hours'),
      startsAt: TUESDAY_10 + 6 * HOUR + 53 * MINUTE,
    });
    it.advanceTo('60:00');
    it.resolves('disk');
    expect(it.log('60:00')).toEqual([
      '60:00 alice (email): gone-before-answer',
      '60:00 bob (email): gone-before-answer',
    ]);
  });

  test('an outage that carries the waiting into the night pages in the morning', () => {
    const it = incident({ plan: withMode('next-business-day') });
    // Due on Wednesday at 15:00; back on Wednesday at 23:00.
    it.outage('10:00', `${37 * 60}:00`);
    expect(it.log('10:00')).toEqual([]);
    it.advanceTo(`${47 * 60}:00`);
    expect(it.log('10:00')).toEqual([`${47 * 60}:00 alice sms+push: nobody-picked-up`]);
    expect(it.timeline('missed-deadline')).toHaveLength(1);
  });
});

describe('who is paged first', () => {
  test('all hands: every tier at once', () => {
    const it = incident({ severity: 'SEV0' });
    it.advanceTo('0:00');
    expect(it.log().filter((line) => line.includes('alert'))).toEqual(
      ['alice', 'bob', 'carol', 'dan', 'erin'].map((who) => `0:00 ${who} sms+push: alert`),
    );
    expect(it.log()).toContain('0:00 gil (sms): told');
  });

  test('all hands, and no progress: the tier after the owner', () => {
    const it = incident({ severity: 'SEV0', plan: planWith({ ...SEV0, updateEveryMs: HOUR }) });
    it.advanceTo('0:30');
    it.acknowledge('alice');
    it.advanceTo('30:30');
    expect(it.log('30:30')).toEqual(['30:30 alice (sms): no-progress', '30:30 bob sms+push: no-progress']);
  });

  test('startAtTier 2: the second tier in the first round, everybody in the second', () => {
    const it = incident({ plan: planWith({ ...SEV1, startAtTier: 2 }) });
    it.advanceTo('20:00');
    const first = it.log().filter((line) => line.includes('sms'));
    expect(first.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '0:00 bob',
      '5:00 carol',
      '10:00 dan',
      '15:00 erin',
      '20:00 alice',
    ]);
  });

  test.each([
    ['after the policy has waited', { startAtTier: 2 }, '2:00 bob sms+push: alert'],
    ['all hands after the policy has waited', { allHands: true }, '2:00 alice sms+push: alert'],
  ])('%s', (_, more, expected) => {
    const plan = planWith({ ...SEV1, ...more });
    const it = incident({ plan: { ...plan, policy: { ...plan.policy, delayMs: 2 * MINUTE } } });
    it.advanceTo('1:59');
    expect(it.log()).toEqual([]);
    it.advanceTo('2:00');
    expect(it.log()[0]).toBe(expected);
  });

  test('an alert that ends while the policy waits reaches nobody', () => {
    const it = incident({ plan: { ...PLAN, policy: { ...PLAN.policy, delayMs: 2 * MINUTE } } });
    it.advanceTo('1:30');
    it.resolves('disk');
    it.advanceTo('120:00');
    expect(it.log()).toEqual([]);
    expect(it.state().phase).toBe('resolved');
  });
});

describe('raising the severity', () => {
  test('of what nobody answered and is being paged already changes nobody', () => {
    const it = incident({ plan: planWith({ ...SEV0, allHands: false, executives: false }) });
    it.advanceTo('6:30');
    it.severity('carol', 'SEV0');
    it.advanceTo('10:00');
    expect(it.log('6:30')).toEqual([
      '8:00 bob voice: not-acknowledged',
      '10:00 carol sms+push: not-acknowledged',
    ]);
  });

  test('of what somebody has pages them first, and their answer ends it', () => {
    const it = incident({ severity: 'SEV2' });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('2:00');
    it.severity('carol', 'SEV1');
    expect(it.contacts.at(-1)?.command.message.parts[0]).toMatchObject({
      reason: 'severity-raised',
      detail: 'raised from SEV2 by carol',
    });
    it.advanceTo('2:30');
    it.acknowledge('alice');
    it.advanceTo('20:00');
    expect(it.log('2:00')).toEqual(['2:00 alice sms+push: severity-raised']);
    expect(it.deadlines()).toEqual(['still-on-it 27:30', 'no-progress 32:30']);
  });

  test('of what waits to page its owner again pages now', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('4:00');
    it.fires('disk');
    it.severity('carol', 'SEV0');
    expect(it.log('4:00').filter((line) => line.includes('severity-raised'))).toHaveLength(5);
    expect(it.deadlines().some((line) => line.startsWith('repage'))).toBe(false);
  });

  test('of what is watched rings nobody, and counts when it fires again', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('20:00');
    it.severity('carol', 'SEV0');
    expect(it.log('20:00')).toEqual([]);
    expect(it.deadlines()).toEqual(['stability 32:00']);
    it.fires('disk');
    expect(it.deadlines().some((line) => line.startsWith('update 35:00'))).toBe(true);
  });

  test('after 30 minutes loops in management at once', () => {
    const it = incident({ severity: 'SEV2', plan: planWith({ ...SEV1, managementAfterMs: 30 * MINUTE }) });
    it.advanceTo('40:00');
    it.severity('carol', 'SEV1');
    expect(it.log('40:00')).toEqual([
      '40:00 alice sms+push: severity-raised',
      '40:00 erin sms+push: management',
    ]);
  });

  test('starts at its own tier', () => {
    const it = incident({ severity: 'SEV2', plan: planWith({ ...SEV1, startAtTier: 3 }) });
    it.advanceTo('1:00');
    it.severity('bob', 'SEV1');
    expect(it.log('1:00')).toEqual(['1:00 carol sms+push: severity-raised']);
  });
});

describe('lowering the severity', () => {
  test('of what nobody answered to one that rings nobody stops the paging and tells who was paged', () => {
    const it = incident();
    it.advanceTo('5:30');
    it.severity('carol', 'SEV2');
    it.advanceTo('60:00');
    expect(it.log('5:30')).toEqual([
      '5:30 alice (email): severity-changed',
      '5:30 bob (email): severity-changed',
      '5:30 alice email: for-information',
    ]);
    expect(it.state().phase).toBe('triggered');
  });

  test('to one that pages in business hours goes on paging in them', () => {
    const it = incident({ plan: planWith({ ...SEV2, page: 'wait-for-business-hours' }) });
    it.advanceTo('2:00');
    it.severity('carol', 'SEV2');
    it.advanceTo('5:00');
    expect(it.log('2:00')).toEqual(['3:00 alice voice: alert', '5:00 bob sms+push: not-acknowledged']);
  });

  test('of what somebody has tells them, and pages nobody later', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.advanceTo('10:00');
    it.severity('carol', 'SEV2');
    it.advanceTo('400:00');
    expect(it.contacts.filter(({ kind, at }) => kind === 'page' && at > TUESDAY_10 + 2 * MINUTE)).toEqual([]);
    expect(it.log('10:00')[0]).toBe('10:00 alice (email): severity-changed');
  });

  test('of what was passed on for lack of progress stops that, and nobody is paged in the morning', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.advanceTo('33:00');
    it.severity('carol', 'SEV2');
    expect(it.log('33:00')).toEqual([
      '33:00 bob voice: no-progress',
      '33:00 bob (email): severity-changed',
      '33:00 alice (email): severity-changed',
    ]);
    expect(it.state().escalation).toBeNull();
    expect(it.deadlines()).toEqual(['still-on-it 58:00', 'no-progress 63:00']);
  });

  test('stops cadence and management that are no longer owed', () => {
    const it = incident({
      plan: planWith({ ...SEV1, managementAfterMs: 30 * MINUTE, updateEveryMs: 30 * MINUTE }),
    });
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.severity('alice', 'SEV3');
    expect(it.deadlines()).toEqual(['still-on-it 27:00', 'no-progress 32:00']);
    expect(it.timeline('plan-changed')).toEqual([
      '2:00 plan-changed  an update every 30 minutes,management after 30 minutes,a postmortem within 48 hours',
    ]);
  });

  test('in the night of an escalation that a person asked for stops it, too', () => {
    const it = incident({ startsAt: SUNDAY_3 });
    it.advanceTo('2:00');
    it.escalate('alice');
    it.advanceTo('3:00');
    it.severity('alice', 'SEV3');
    it.advanceTo('30:00');
    expect(
      it.contacts.filter(({ channel, at }) => channel === 'voice' && at > SUNDAY_3 + 3 * MINUTE),
    ).toEqual([]);
  });
});

test('escalated by hand at night, a severity that waits for the day goes on to the next tiers', () => {
  const it = incident({ severity: 'SEV2', startsAt: SUNDAY_3 });
  it.advanceTo('1:00');
  it.acknowledge('alice');
  it.advanceTo('2:00');
  it.escalate('alice');
  it.advanceTo('7:00');
  expect(it.log('2:00').filter((line) => line.includes('sms'))).toEqual([
    '2:00 bob sms+push: escalated-by-hand',
    '7:00 carol sms+push: escalated-by-hand',
  ]);
});

test('a severity that the scheme does not know is answered with those that it knows', () => {
  const it = incident();
  expect(it.severity('alice', 'SEV9')).toEqual({
    outcome: 'unknown-severity',
    sentence: 'There is no severity SEV9; it can be SEV0, SEV1, SEV2, SEV3.',
  });
  expect(it.severity('alice', 'SEV1').outcome).toBe('unchanged');
});

test('an incident opened with a severity that the scheme does not know is as bad as can be', () => {
  expect(incident({ severity: 'huh' }).state().severity).toBe('SEV0');
});

test('paging for lack of progress ends with business hours once the severity has them, and the owner keeps it', () => {
  const plan = planWith({ ...SEV2, page: 'wait-for-business-hours' });
  const it = incident({ plan, startsAt: TUESDAY_10 + 6.4 * HOUR });
  it.acknowledge('alice');
  it.advanceTo('31:00');
  expect(it.state().escalation?.reason).toBe('no-progress');
  it.severity('bob', 'SEV2');
  it.advanceTo('41:00');
  expect(it.state()).toMatchObject({ escalation: null, phase: 'acknowledged' });
  expect(it.deadlines()).toEqual(['still-on-it 65:00', 'no-progress 70:00']);
});
