import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../../domain/time/instant.js';
import {
  incident,
  ON_CALL,
  PEOPLE,
  person,
  PLAN,
  planWith,
  PRIMARY,
  SEV0,
  SEV1,
  SUNDAY_3,
  TUESDAY_10,
} from './fixtures.js';

/** The three moments of one person's rules, from this minute on. */
function paged(who: string, minute: number, reason = 'not-acknowledged'): string[] {
  return [
    `${minute}:00 ${who} sms+push: ${reason}`,
    `${minute + 1}:00 ${who} voice: ${reason}`,
    `${minute + 3}:00 ${who} voice: ${reason}`,
  ];
}

const CATCH_ALL_REACHED = ['alice', 'bob', 'carol', 'dan', 'erin'].map(
  (who) => `50:00 ${who} (sms): catch-all-reached`,
);

describe('scenario 1, nobody answers', () => {
  test('every tier is paged in its time, twice over, then the catch-all, without end', () => {
    const it = incident();
    it.advanceTo('80:00');
    expect(it.log()).toEqual([
      ...paged('alice', 0, 'alert'),
      ...paged('bob', 5),
      ...paged('carol', 10),
      ...paged('dan', 15),
      ...paged('erin', 20),
      ...paged('alice', 25),
      ...paged('bob', 30),
      ...paged('carol', 35),
      ...paged('dan', 40),
      ...paged('erin', 45),
      ...CATCH_ALL_REACHED,
      '50:00 ops-room sms+chat: catch-all',
      '65:00 ops-room sms+chat: catch-all',
      ...paged('alice', 65, 'catch-all'),
      '80:00 ops-room sms+chat: catch-all',
      '80:00 alice sms+push: catch-all',
    ]);
    it.advanceTo('1440:00');
    expect(it.log('1430:00')).toEqual([
      '1430:00 ops-room sms+chat: catch-all',
      ...paged('alice', 1430, 'catch-all'),
    ]);
  });

  test('with managementAfter of 30 minutes erin is paged at 30:00 as well, beside bob', () => {
    const it = incident({ plan: planWith({ ...SEV1, managementAfterMs: 30 * MINUTE }) });
    it.advanceTo('34:59');
    expect(it.log('30:00')).toEqual([
      '30:00 bob sms+push: not-acknowledged',
      '30:00 erin sms+push: management',
      '31:00 bob voice: not-acknowledged',
      '31:00 erin voice: management',
      '33:00 bob voice: not-acknowledged',
      '33:00 erin voice: management',
    ]);
  });

  test('the catch-all pages whoever is primary by then', () => {
    const it = incident({
      onCall: { ...ON_CALL, 'schedule:payments:primary': (minutes) => (minutes < 60 ? ['alice'] : ['fay']) },
    });
    it.advanceTo('65:00');
    expect(it.log('65:00')).toEqual(['65:00 ops-room sms+chat: catch-all', '65:00 fay sms+push: catch-all']);
  });
});

describe('scenario 2, the primary acknowledges by SMS', () => {
  test('nobody else hears anything; after 25 minutes she is asked, after 30 bob is paged and she is told', () => {
    const it = incident();
    it.advanceTo('0:40');
    expect(it.acknowledge('alice').sentence).toMatch(/^You have it: SEV1 payments: checkout is down/);
    it.advanceTo('35:39');
    expect(it.log()).toEqual([
      '0:00 alice sms+push: alert',
      '25:40 alice (sms): still-on-it',
      '30:40 alice (sms): no-progress',
      '30:40 bob sms+push: no-progress',
      '31:40 bob voice: no-progress',
      '33:40 bob voice: no-progress',
    ]);
    const page = it.contacts.find((contact) => contact.who === 'bob')?.command.message.parts[0];
    expect(page).toMatchObject({ reason: 'no-progress', detail: 'no progress for 30 minutes' });
  });

  test('an update at 20:00 moves both by as much', () => {
    const it = incident();
    it.advanceTo('0:40');
    it.acknowledge('alice');
    it.advanceTo('20:00');
    it.update('alice', 'restarting the database');
    it.advanceTo('50:00');
    expect(it.log('1:00')).toEqual([
      '45:00 alice (sms): still-on-it',
      '50:00 alice (sms): no-progress',
      '50:00 bob sms+push: no-progress',
    ]);
  });
});

test('scenario 3, the secondary acknowledges by key press: alice hears so, and her later answer takes nothing from him', () => {
  const it = incident();
  it.advanceTo('6:10');
  it.acknowledge('bob', 'voice');
  it.advanceTo('7:00');
  const late = it.acknowledge('alice');
  it.advanceTo('20:00');
  expect(it.log('5:00')).toEqual([
    '5:00 bob sms+push: not-acknowledged',
    '6:00 bob voice: not-acknowledged',
    '6:10 alice (sms): acknowledged-by',
  ]);
  expect(late).toEqual({
    outcome: 'already-owned',
    sentence: `bob has had it since 10:06 UTC; reply TAKE ${it.state().code} to take over.`,
    owner: 'bob',
  });
  expect(it.timeline('also-acknowledged')).toEqual(['7:00 also-acknowledged alice sms bob']);
  // His own call is the answer and goes on; hers of 3:00 may still ring and is taken back.
  const withdrawn = it.commands.filter(({ command }) => command.type === 'withdraw');
  const calls = it.contacts.filter((contact) => contact.channel === 'voice' && contact.who === 'alice');
  expect(withdrawn.map(({ command }) => 'deliveryId' in command && command.deliveryId)).toEqual(
    calls.map((contact) => contact.command.deliveryId),
  );
});

test('scenario 4, voicemail: a machine that takes the call acknowledges nothing, and the next call comes', () => {
  const it = incident({ outcome: ({ channel }) => (channel === 'voice' ? 'voicemail' : 'sent') });
  it.advanceTo('5:00');
  expect(it.log()).toEqual([...paged('alice', 0, 'alert'), '5:00 bob sms+push: not-acknowledged']);
  expect(it.timeline('call-ended')).toEqual([
    '1:30 call-ended alice voicemail',
    '3:30 call-ended alice voicemail',
  ]);
});

describe('scenario 5, undeliverable', () => {
  test('an SMS reported undelivered at 0:04 brings the call at once; the call at 3:00 stays', () => {
    const it = incident({
      outcome: ({ channel, who }) =>
        channel === 'sms' && who === 'alice' ? { fails: 'undelivered', afterMs: 4_000 } : 'sent',
    });
    it.advanceTo('4:59');
    expect(it.log()).toEqual([
      '0:00 alice sms+push: alert',
      '0:04 alice voice: alert',
      '3:00 alice voice: alert',
    ]);
  });

  test('an opted-out number is refused at once: the call comes at 0:00, and the timeline says why', () => {
    const it = incident({
      outcome: ({ channel }) => (channel === 'sms' ? { fails: 'opted-out' } : 'sent'),
    });
    it.advanceTo('4:59');
    expect(it.log()).toEqual(['0:00 alice sms+push+voice: alert', '3:00 alice voice: alert']);
    expect(it.timeline('delivery-failed')).toEqual([
      '0:00 delivery-failed alice sms stand-in opted-out next-method',
    ]);
  });
});

test('scenario 6, the provider is down: other channels at once, back-off meanwhile, bob at 5:00 all the same', () => {
  const it = incident({
    outcome: ({ channel }, minutes) =>
      (channel === 'sms' || channel === 'voice') && minutes < 2
        ? { fails: 'unavailable', retryable: true }
        : 'sent',
  });
  it.advanceTo('5:00');
  // SMS and call fail at once, so her email comes too. Tried again after 5, 10, 20, 40 and 60 seconds.
  expect(it.log()).toEqual([
    '0:00 alice sms+push+voice+email: alert',
    '0:05 alice sms+voice: alert',
    '0:15 alice sms+voice: alert',
    '0:35 alice sms+voice: alert',
    '1:15 alice sms+voice: alert',
    '2:15 alice sms+voice: alert',
    '3:00 alice voice: alert',
    '5:00 bob sms+push: not-acknowledged',
  ]);
});

test('scenario 6, when the provider is back only what is still wanted is sent', () => {
  const it = incident({
    outcome: ({ channel }) =>
      channel === 'sms' || channel === 'voice' ? { fails: 'unavailable', retryable: true } : 'sent',
  });
  it.advanceTo('1:20');
  it.acknowledge('alice', 'link');
  it.advanceTo('20:00');
  expect(it.log('1:20')).toEqual([]);
  expect(it.deadlines().map((line) => line.split(' ')[0])).toEqual(['still-on-it', 'no-progress']);
});

test('scenario 7, a gap: nobody is primary, so bob is paged at 0:00 and the timeline says why', () => {
  const it = incident({
    onCall: {
      ...ON_CALL,
      // Nobody between 09:00 and 12:00.
      'schedule:payments:primary': (minutes) => (minutes < 120 ? [] : ['alice']),
    },
  });
  it.advanceTo('5:00');
  expect(it.log()).toEqual([...paged('bob', 0, 'gap'), '5:00 carol sms+push: not-acknowledged']);
  expect(it.timeline('skipped', 'problem')).toEqual([
    '0:00 problem nobody is schedule:payments:primary',
    '0:00 skipped primary nobody is schedule:payments:primary',
  ]);
});

test('scenario 8, an override during the incident: fay is paged at 5:00, not bob', () => {
  const it = incident({
    onCall: { ...ON_CALL, 'schedule:payments:secondary': (minutes) => (minutes < 4 ? ['bob'] : ['fay']) },
  });
  it.advanceTo('9:59');
  expect(it.log()).toEqual([...paged('alice', 0, 'alert'), ...paged('fay', 5)]);
});

describe('scenario 9, resolved and fires again', () => {
  test('the owner is paged first, then watched for 30 quiet minutes, then resolved', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.advanceTo('12:00');
    it.resolves('disk');
    expect(it.state().phase).toBe('monitoring');
    it.advanceTo('25:00');
    it.fires('disk');
    it.advanceTo('26:00');
    it.acknowledge('alice');
    it.advanceTo('40:00');
    it.resolves('disk');
    expect(it.deadlines()).toEqual(['stability 70:00']);
    it.advanceTo('70:00');
    expect(it.log('2:00')).toEqual([
      '12:00 alice (sms): monitoring',
      '25:00 alice sms+push: fires-again',
      '26:00 alice voice: fires-again',
      '40:00 alice (sms): monitoring',
      '70:00 alice (sms): resolved',
    ]);
    expect(it.state()).toMatchObject({
      phase: 'resolved',
      deadlines: {},
      resolvedAt: TUESDAY_10 + 70 * MINUTE,
    });
    expect(it.commands.filter(({ command }) => command.type === 'start-review')).toHaveLength(1);
  });

  test('when the owner does not answer, the policy goes on from the secondary', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('25:00');
    it.fires('disk');
    it.advanceTo('35:00');
    expect(it.log('25:00')).toEqual([
      ...paged('alice', 25, 'fires-again'),
      ...paged('bob', 30),
      '35:00 carol sms+push: not-acknowledged',
    ]);
  });
});

test('an executive who is paged as a tier is not told of it as well', () => {
  const executives = [{ kind: 'user', id: 'erin' }] as const;
  const it = incident({ severity: 'SEV0', plan: { ...PLAN, executives } });
  it.advanceTo('0:30');
  expect(it.log().filter((line) => line.includes('erin'))).toEqual(['0:00 erin sms+push: alert']);
});

test('scenario 10, severity raised: at 22:20 everybody is paged and executives are told; nothing rang before', () => {
  const it = incident({ severity: 'SEV2', startsAt: TUESDAY_10 + 12 * 60 * MINUTE });
  it.advanceTo('20:00');
  expect(it.log()).toEqual(['0:00 alice email: for-information']);
  it.severity('bob', 'SEV0');
  it.advanceTo('35:00');
  const everybody = ['alice', 'bob', 'carol', 'dan', 'erin'];
  expect(it.log('20:00')).toEqual([
    ...everybody.map((who) => `20:00 ${who} sms+push: severity-raised`),
    '20:00 gil (sms): told',
    ...everybody.map((who) => `21:00 ${who} voice: severity-raised`),
    ...everybody.map((who) => `23:00 ${who} voice: severity-raised`),
    // Steps that are paged together have the first one's 5 minutes; then round 2, again all of them.
    ...everybody.map((who) => `25:00 ${who} sms+push: not-acknowledged`),
    ...everybody.map((who) => `26:00 ${who} voice: not-acknowledged`),
    ...everybody.map((who) => `28:00 ${who} voice: not-acknowledged`),
    ...everybody.map((who) => `30:00 ${who} (sms): catch-all-reached`),
    '30:00 ops-room sms+chat: catch-all',
  ]);
  expect(it.timeline('update-due')).toEqual(['35:00 update-due false']);
});

test('scenario 11, off hours: SEV1 at 03:00 on a Sunday pages alice and bob together, carol at 5:00', () => {
  const it = incident({ startsAt: SUNDAY_3 });
  it.advanceTo('9:59');
  expect(it.log()).toEqual([
    '0:00 alice sms+push: alert',
    '0:00 bob sms+push: alert',
    '1:00 alice voice: alert',
    '1:00 bob voice: alert',
    '3:00 alice voice: alert',
    '3:00 bob voice: alert',
    ...paged('carol', 5),
  ]);
});

test('scenario 12, two incidents: each has its own code and knows nothing of the other', () => {
  const one = incident({ openingId: 'a' });
  const other = incident({ openingId: 'b', startsAt: TUESDAY_10 + 10_000 });
  expect(one.state().code).not.toBe(other.state().code);
  one.advanceTo('0:30');
  other.advanceTo('0:30');
  one.acknowledge('alice');
  one.advanceTo('1:30');
  other.advanceTo('1:30');
  expect(one.log()).toEqual(['0:00 alice sms+push: alert']);
  expect(other.log()).toEqual(['0:00 alice sms+push: alert', '1:00 alice voice: alert']);
});

describe('scenario 13, a storm', () => {
  const storm = Array.from({ length: 5_000 }, (_, index) => ({
    fingerprint: `f${index}`,
    status: 'firing' as const,
    startsAt: TUESDAY_10,
    summary: `host ${index} is down`,
    severity: 'SEV1',
  }));

  test.each([
    ['in one batch', 5_000],
    ['in 50 batches', 100],
    ['one by one', 1],
  ])('5,000 alerts %s make one page, and the count grows in later messages only', (_, size) => {
    const it = incident({ quiet: true });
    for (let from = 0; from < storm.length; from += size) it.takes(storm.slice(from, from + size));
    it.takes(storm.slice(0, 100));
    it.advanceTo('5:00');
    expect(it.log()).toEqual([...paged('alice', 0, 'alert'), '5:00 bob sms+push: not-acknowledged']);
    expect(it.state().alerts.total).toBe(5_000);
    const firing = it.contacts.map((contact) => contact.command.message.firing);
    expect(firing[0]).toBe(0);
    expect(firing.at(-1)).toBe(5_000);
    it.acknowledge('bob');
    for (let from = 0; from < storm.length; from += 500)
      it.takes(storm.slice(from, from + 500).map((alert) => ({ ...alert, status: 'resolved' })));
    expect(it.state().phase).toBe('monitoring');
  });
});

describe('scenario 14, cadence', () => {
  const sev0 = { plan: planWith({ ...SEV0, allHands: false, executives: false }), severity: 'SEV0' };

  test('no update at 15:00 reminds the owner, at 20:00 the next up the line hears of it', () => {
    const it = incident(sev0);
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.advanceTo('20:00');
    // Until roles exist the owner stands in for communications lead and incident commander.
    expect(it.log('2:00')).toEqual(['15:00 alice (sms): update-due', '20:00 bob (sms): update-overdue']);
  });

  test('an update at 18:00 sets the next to 33:00, and there is none after resolution', () => {
    const it = incident(sev0);
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.advanceTo('18:00');
    expect(it.update('alice', 'found the cause').sentence).toBe(
      'Update posted; the next one is due at 10:33 UTC.',
    );
    it.advanceTo('33:00');
    it.resolves('disk');
    it.advanceTo('120:00');
    expect(it.log('2:00')).toEqual([
      '15:00 alice (sms): update-due',
      '33:00 alice (sms): update-due',
      '33:00 alice (sms): monitoring',
      '63:00 alice (sms): resolved',
    ]);
  });
});

describe('scenario 16, an outage of ours from 4:00 to 44:00', () => {
  test('dan and alice are paged at once with fresh 5 minutes, nobody is replayed, erin is next', () => {
    const it = incident();
    it.outage('4:00', '44:00');
    expect(it.log('44:00')).toEqual([
      '44:00 dan sms+push: after-outage',
      '44:00 alice sms+push: after-outage',
    ]);
    it.advanceTo('49:00');
    expect(it.log('45:00')).toEqual([
      '45:00 dan voice: after-outage',
      '45:00 alice voice: after-outage',
      '47:00 dan voice: after-outage',
      '47:00 alice voice: after-outage',
      '49:00 erin sms+push: not-acknowledged',
    ]);
    const lateness = it
      .state()
      .timeline.flatMap((entry) => (entry.type === 'missed-deadline' ? [entry.lateMs / MINUTE] : []));
    // Alice's time-out at 5:00 and the seven steps that nobody saw.
    expect(lateness).toEqual([39, 34, 29, 24, 19, 14, 9, 4]);
  });

  test('an answer that is heard before time is looked at ends the paging: nobody is paged at 44:00', () => {
    // The provider's inbound log is a later issue; what comes of it is an action like any other. It counts from when it is heard.
    const it = incident();
    it.outage('4:00', '44:00', () => void it.acknowledge('alice'));
    expect(it.log('44:00')).toEqual([]);
    expect(it.timeline('missed-deadline')).toEqual([]);
    expect(it.deadlines()).toEqual(['still-on-it 69:00', 'no-progress 74:00']);
  });

  test('a call of a page that the outage carried past its tier is not made', () => {
    const it = incident();
    it.outage('0:30', '44:00');
    expect(it.log('0:31')).toEqual([
      '44:00 dan sms+push: after-outage',
      '44:00 alice sms+push: after-outage',
    ]);
  });

  test('within a tier only the last of the late calls is made', () => {
    const it = incident();
    it.outage('0:30', '4:30');
    expect(it.log('0:31')).toEqual(['4:30 alice voice: alert']);
  });

  test('the catch-all that the outage swallowed tells those paged that it is reached', () => {
    const it = incident();
    it.outage('4:00', '100:00');
    expect(it.log('100:00')).toEqual([
      '100:00 alice (sms): catch-all-reached',
      '100:00 ops-room sms+chat: catch-all',
      '100:00 alice sms+push: after-outage',
    ]);
  });
});

test('scenario 17, pressed 6: noted as mitigated, and at 6:00, still firing, alice is paged again', () => {
  const it = incident({ outcome: ({ channel }) => (channel === 'voice' ? 'sent' : 'delivered') });
  it.advanceTo('1:00');
  expect(it.resolve('alice', 'voice').sentence).toMatch(
    /^Noted as mitigated; still firing, I will check again in 5 minutes\./,
  );
  expect(it.state().phase).toBe('mitigated');
  it.advanceTo('7:00');
  expect(it.log('1:00')).toEqual([
    '1:00 alice voice: alert',
    '6:00 alice sms+push: still-firing',
    '7:00 alice voice: still-firing',
  ]);
});

test('scenario 18, gone before anyone woke: no call, one SMS, watched for 30 minutes, resolved', () => {
  const it = incident();
  it.advanceTo('0:50');
  it.resolves('disk');
  it.advanceTo('120:00');
  expect(it.log()).toEqual(['0:00 alice sms+push: alert', '0:50 alice (sms): gone-before-answer']);
  expect(it.timeline('monitoring', 'resolved').map((line) => line.split(' ').slice(0, 2))).toEqual([
    ['0:50', 'monitoring'],
    ['30:50', 'resolved'],
  ]);
});

test('a person who can not be paged at all is a gap: the next tier is paged at once', () => {
  const it = incident({ people: { ...PEOPLE, alice: { ...person, high: [] } } });
  it.advanceTo('0:00');
  expect(it.log()).toEqual(['0:00 bob sms+push: gap']);
  expect(PLAN.policy.steps[0]?.targets).toEqual([PRIMARY]);
});
