import { describe, expect, test } from 'vitest';
import type { FailureReason } from '../../../domain/incident/event.js';
import { MINUTE } from '../../../domain/time/instant.js';
import type { VirtualOptions } from '../../support/virtual-incident.js';
import { email, incident, PEOPLE, person, PLAN, PRIMARY, push, SECONDARY, sms, voice } from './fixtures.js';

type OutcomeOf = NonNullable<VirtualOptions['outcome']>;

const BOTH = { name: 'both', targets: [PRIMARY, SECONDARY], timeoutMs: 5 * MINUTE };

const FAY = { kind: 'user', id: 'fay' } as const;

const everything: OutcomeOf = () => ({ fails: 'rejected' });

describe('a page that its person was sent before', () => {
  test('says so to the queue: only what follows something that has left', () => {
    const it = incident();
    it.advanceTo('4:59');
    const alice = it.contacts.filter(({ who }) => who === 'alice').map(({ command }) => command);
    expect(alice.map(({ method, again }) => [method.id, again])).toEqual([
      ['sms-1', undefined],
      ['push-1', undefined],
      ['voice-1', true],
      ['voice-1', true],
    ]);
  });

  test('what comes instead of something that failed is no repeat', () => {
    const it = incident({ outcome: ({ channel }) => (channel === 'voice' ? 'sent' : { fails: 'rejected' }) });
    it.advanceTo('0:30');
    const calls = it.contacts.filter(({ channel, who }) => channel === 'voice' && who === 'alice');
    expect(calls.map(({ command }) => command.again)).toEqual([undefined]);
  });
});

describe('a delivery that failed for good', () => {
  test.each<FailureReason>([
    'bad-address',
    'opted-out',
    'blocked',
    'undelivered',
    'unauthorized',
    'not-configured',
    'rejected',
  ])('%s: the next method comes at once, and this one is not tried again', (fails) => {
    const it = incident({
      outcome: ({ channel, who }) => (channel === 'sms' && who === 'alice' ? { fails } : 'sent'),
    });
    it.advanceTo('4:59');
    expect(it.log()).toEqual(['0:00 alice sms+push+voice: alert', '3:00 alice voice: alert']);
  });

  test('when SMS and push both fail, her call comes, then her email, each once', () => {
    const it = incident({
      outcome: ({ channel, who }) =>
        ['sms', 'push'].includes(channel) && who === 'alice' ? { fails: 'rejected' } : 'sent',
    });
    it.advanceTo('4:59');
    expect(it.log()).toEqual(['0:00 alice sms+push+voice+email: alert', '3:00 alice voice: alert']);
  });

  test('a second number counts as another method, although the channel is the same', () => {
    const other = { id: 'sms-2', channel: 'sms' } as const;
    const people = {
      ...PEOPLE,
      alice: { ...person, high: [{ afterMs: 0, methods: [sms] }], notice: [sms, other] },
    };
    const it = incident({
      people,
      outcome: ({ command }) => (command.method.id === 'sms-1' ? { fails: 'bad-address' } : 'sent'),
    });
    it.advanceTo('0:00');
    expect(it.contacts.map((contact) => contact.command.method.id)).toEqual(['sms-1', 'sms-2']);
  });

  test('a tier that nothing can reach moves on at once, whichever tier is left', () => {
    const it = incident({
      outcome: (contact, minutes) => (contact.who === 'bob' ? 'sent' : everything(contact, minutes)),
    });
    it.advanceTo('0:00');
    // Everything that alice has is tried: her rules brought forward, then her email.
    expect(it.log()).toEqual([
      '0:00 alice sms+push+voice+email: alert',
      '0:00 bob sms+push: not-acknowledged',
    ]);
    // Her second call would only say again what failed for good: it is not waited for.
    expect(it.timeline('skipped')).toEqual(['0:00 skipped primary no contact method works']);
    it.advanceTo('4:59');
    expect(it.log('0:01').filter((line) => line.includes('alice'))).toEqual([]);
  });

  test('two people of one tier: it moves on when neither can be reached, not before', () => {
    const everybody = {
      plan: { ...PLAN, policy: { ...PLAN.policy, steps: [BOTH, ...PLAN.policy.steps.slice(2)] } },
    };
    const one = incident({
      ...everybody,
      outcome: ({ who }) => (who === 'alice' ? { fails: 'rejected' } : 'sent'),
    });
    one.advanceTo('4:59');
    expect(one.log().some((line) => line.includes('carol'))).toBe(false);
    const both = incident({
      ...everybody,
      outcome: ({ who }) => (who === 'carol' ? 'sent' : { fails: 'rejected' }),
    });
    both.advanceTo('0:00');
    expect(both.log().at(-1)).toBe('0:00 carol sms+push: not-acknowledged');
  });

  test('the catch-all that can not be reached is tried again in its time, not at once', () => {
    const it = incident({ outcome: ({ who }) => (who === 'ops-room' ? { fails: 'rejected' } : 'sent') });
    it.advanceTo('65:00');
    expect(
      it.contacts
        .filter(({ who }) => who === 'ops-room')
        .map(({ at }) => (at - it.state().openedAt) / MINUTE),
    ).toEqual([50, 50, 65, 65]);
  });
});

describe('a delivery that may work later', () => {
  const down: OutcomeOf = ({ channel }) =>
    channel === 'sms' ? { fails: 'unavailable', retryable: true } : 'sent';

  test('is tried after 5, 10, 20, 40 seconds and then every minute, until the next tier takes over', () => {
    const it = incident({ outcome: down, people: { ...PEOPLE, alice: { ...person, notice: [sms] } } });
    it.advanceTo('4:59');
    const times = it.contacts
      .filter(({ channel }) => channel === 'sms')
      .map(({ at }) => (at - it.state().openedAt) / 1000);
    expect(times).toEqual([0, 5, 15, 35, 75, 135, 195, 255]);
    expect(it.contacts.filter(({ channel }) => channel === 'voice')).toHaveLength(2);
    it.advanceTo('10:00');
    expect(it.log('5:00').filter((line) => line.includes('alice'))).toEqual([]);
    expect(it.deadlines().filter((line) => line.startsWith('retry'))).toHaveLength(1);
  });

  test('waits for as long as the provider asks', () => {
    const it = incident({
      outcome: ({ channel, command }) =>
        channel === 'sms' && command.attempt === 1
          ? { fails: 'rate-limited', retryable: true, retryAfterMs: 45_000 }
          : 'sent',
    });
    it.advanceTo('2:00');
    expect(it.log('0:01')).toEqual(['0:45 alice sms: alert']);
  });

  test('moves on to another method only once, not at each attempt', () => {
    const it = incident({ outcome: down });
    it.advanceTo('2:59');
    expect(it.contacts.filter(({ channel }) => channel === 'voice')).toHaveLength(1);
    expect(it.contacts.filter(({ channel }) => channel === 'email')).toHaveLength(0);
  });

  test('keeps its tier: a provider that is down is not a person who can not be reached', () => {
    const it = incident({ outcome: () => ({ fails: 'unavailable', retryable: true }) });
    it.advanceTo('4:59');
    expect(it.state().escalation?.tier).toBe(0);
    it.advanceTo('5:00');
    expect(it.state().escalation?.tier).toBe(1);
  });

  test('does not push everything else out of the timeline', () => {
    const it = incident({ outcome: () => ({ fails: 'unavailable', retryable: true }) });
    it.advanceTo('4:59');
    // Attempts 1, 2, 4 and 8 of the SMS.
    expect(it.timeline('delivery-failed').filter((line) => line.includes('sms'))).toHaveLength(4);
  });

  test('a letter for information is tried for a day, ever more rarely', () => {
    const it = incident({ severity: 'SEV3', outcome: () => ({ fails: 'unavailable', retryable: true }) });
    it.advanceTo('1440:00');
    expect(it.contacts.length).toBeGreaterThan(20);
    expect(it.contacts.length).toBeLessThan(40);
  });
});

describe('what a provider says of a delivery', () => {
  const first = (it: ReturnType<typeof incident>, channel = 'sms') => {
    const found = it.contacts.find((contact) => contact.channel === channel);
    if (found === undefined) throw new Error(`no ${channel}`);
    return { deliveryId: found.command.deliveryId, provider: 'stand-in' };
  };

  test('twice changes nothing', () => {
    const it = incident();
    const report = {
      ...first(it),
      providerId: 'x',
      status: 'failed',
      reason: 'undelivered',
      retryable: false,
    } as const;
    it.reports(report);
    const { timeline } = it.state();
    it.reports(report);
    expect(it.state().timeline).toEqual(timeline);
    expect(it.log()).toEqual(['0:00 alice sms+push+voice: alert']);
  });

  test('delivered and then sent, out of order, stays delivered', () => {
    const it = incident();
    it.reports({ ...first(it), status: 'delivered' });
    it.reports({ ...first(it), status: 'sent' });
    expect(it.state().deliveries[first(it).deliveryId]?.status).toBe('delivered');
  });

  test('delivered and then failed stays delivered: no second method', () => {
    const it = incident();
    it.reports({ ...first(it), status: 'delivered' });
    it.reports({ ...first(it), status: 'failed', reason: 'undelivered', retryable: false });
    it.advanceTo('0:30');
    expect(it.log()).toEqual(['0:00 alice sms+push: alert']);
  });

  test('of an attempt before this one is old news', () => {
    const it = incident({
      outcome: ({ channel, command }) =>
        channel === 'sms' && command.attempt === 1
          ? { fails: 'undelivered', retryable: true, afterMs: 1_000 }
          : 'sent',
    });
    it.advanceTo('0:10');
    const id = first(it).deliveryId;
    const [earlier] = it.state().deliveries[id]?.earlier ?? [];
    expect(earlier).toMatch(/^sms-/);
    it.reports({
      ...first(it),
      providerId: earlier ?? '',
      status: 'failed',
      reason: 'undelivered',
      retryable: true,
    });
    expect(it.state().deliveries[id]?.status).toBe('sent');
  });

  test('of a delivery that nobody knows means nothing', () => {
    const it = incident();
    const before = it.state();
    it.reports({ deliveryId: 'd999', provider: 'x', status: 'failed', reason: 'blocked', retryable: true });
    expect(it.state()).toEqual(before);
  });

  test('an unanswered call is no failure: the next call comes in its time', () => {
    const it = incident({ outcome: ({ channel }) => (channel === 'voice' ? 'unanswered' : 'sent') });
    it.advanceTo('4:59');
    expect(it.log()).toEqual([
      '0:00 alice sms+push: alert',
      '1:00 alice voice: alert',
      '3:00 alice voice: alert',
    ]);
  });
});

describe('calls and the answer that makes them needless', () => {
  function withdrawn(it: ReturnType<typeof incident>): number {
    return it.commands.filter(({ command }) => command.type === 'withdraw').length;
  }

  test('a ringing call is taken back when the answer comes by SMS', () => {
    const it = incident();
    it.advanceTo('1:10');
    it.acknowledge('alice');
    expect(withdrawn(it)).toBe(1);
  });

  test('the call in which the key was pressed is not', () => {
    const it = incident();
    it.advanceTo('1:10');
    it.acknowledge('alice', 'voice');
    expect(withdrawn(it)).toBe(0);
  });

  test('a call that is over is not taken back', () => {
    const it = incident({ outcome: ({ channel }) => (channel === 'voice' ? 'unanswered' : 'sent') });
    it.advanceTo('2:00');
    it.acknowledge('alice');
    expect(withdrawn(it)).toBe(0);
  });

  test('a call that left while it was being taken back is taken back when the provider names it', () => {
    const it = incident();
    it.advanceTo('1:10');
    it.acknowledge('alice');
    const call = it.contacts.find(({ channel }) => channel === 'voice');
    const deliveryId = call?.command.deliveryId ?? '';
    it.reports({ deliveryId, provider: 'stand-in', status: 'sent', providerId: 'late' });
    // It was ended by the answer: the late word of it changes nothing more.
    expect(withdrawn(it)).toBe(1);
  });
});

describe('a notice', () => {
  test('goes by another way when the first one fails, and is given up when none is left', () => {
    const it = incident({
      outcome: ({ kind, channel }) =>
        kind === 'notice' && channel !== 'email' ? { fails: 'undelivered' } : 'sent',
    });
    it.advanceTo('0:30');
    it.resolves('disk');
    it.advanceTo('1:00');
    expect(it.log('0:30')).toEqual(['0:30 alice (sms+push+email): gone-before-answer']);
  });

  test('is tried five times, then by another way', () => {
    const it = incident({
      outcome: ({ kind, channel }) =>
        kind === 'notice' && channel === 'sms' ? { fails: 'unavailable', retryable: true } : 'sent',
    });
    it.advanceTo('0:30');
    it.resolves('disk');
    it.advanceTo('10:00');
    const ways = it.contacts.filter(({ kind }) => kind === 'notice').map(({ channel }) => channel);
    expect(ways).toEqual(['sms', 'sms', 'sms', 'sms', 'sms', 'push']);
  });

  test('that is no longer true is not sent again: "still on it?" after the answer', () => {
    const it = incident({
      outcome: ({ reason }) =>
        reason === 'still-on-it' ? { fails: 'unavailable', retryable: true } : 'sent',
    });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('26:04');
    it.progress('alice');
    it.advanceTo('40:00');
    expect(it.log('2:00')).toEqual(['26:00 alice (sms): still-on-it']);
  });

  describe('is not sent again once somebody else has it, or nobody is asked any more', () => {
    type It = ReturnType<typeof incident>;
    const reassign = (it: It, who: string, to: string) => it.acts(who, { action: 'reassign', to });
    const help = (it: It) =>
      it.acts('dan', {
        action: 'add-responders',
        responders: [{ name: 'fay', steps: [{ ...BOTH, name: 'fay', targets: [FAY] }] }],
      });
    const giveBack = (it: It) => it.acts('dan', { action: 'unacknowledge' });

    test.each<[string, string, (it: It) => void, (it: It) => void]>([
      ['acknowledged-by', 'alice', (it) => it.acknowledge('bob'), giveBack],
      ['acknowledged-by', 'alice', (it) => it.acknowledge('bob'), (it) => it.take('carol')],
      [
        'taken-over',
        'bob',
        (it) => {
          it.acknowledge('bob');
          it.take('carol');
        },
        (it) => it.take('bob'),
      ],
      [
        'open-again',
        'bob',
        (it) => {
          it.acknowledge('bob');
          giveBack(it);
        },
        (it) => it.acknowledge('alice'),
      ],
      [
        'reassigning',
        'bob',
        (it) => {
          it.acknowledge('bob');
          reassign(it, 'dan', 'carol');
        },
        (it) => it.acknowledge('carol'),
      ],
      [
        'responders-asked',
        'bob',
        (it) => {
          it.acknowledge('bob');
          help(it);
        },
        (it) => it.acknowledge('fay'),
      ],
      [
        'responders-asked',
        'bob',
        (it) => {
          it.acknowledge('bob');
          help(it);
        },
        giveBack,
      ],
      [
        'no-longer-asked',
        'carol',
        (it) => {
          it.acknowledge('bob');
          reassign(it, 'bob', 'carol');
          it.advanceTo('6:02');
          reassign(it, 'bob', 'dan');
        },
        (it) => reassign(it, 'bob', 'carol'),
      ],
    ])('%s to %s', (part, who, before, after) => {
      const triesOf = (happens: (it: It) => void): number => {
        const it = incident({
          outcome: ({ kind, reason }) =>
            kind === 'notice' && reason === part ? { fails: 'unavailable', retryable: true } : 'sent',
        });
        it.advanceTo('6:00');
        before(it);
        it.advanceTo('6:03');
        happens(it);
        it.advanceTo('6:30');
        const tries = it.contacts.filter((contact) => contact.who === who && contact.reason === part);
        return tries.filter(({ command }) => command.deliveryId === tries[0]?.command.deliveryId).length;
      };
      // Tried after 5, 10 and 20 seconds while it is so.
      expect([triesOf(() => undefined), triesOf(after)]).toEqual([3, 1]);
    });
  });

  test('to somebody without SMS, push or email is a problem in the timeline, not an error', () => {
    const it = incident({ people: { ...PEOPLE, alice: { ...person, notice: [] } } });
    it.advanceTo('0:30');
    it.resolves('disk');
    expect(it.timeline('problem')).toEqual([
      "0:30 problem alice can't be told anything: no SMS, push or email",
    ]);
  });

  test('never goes by a call, even to a person with nothing else', () => {
    const people = { ...PEOPLE, alice: { ...person, high: [{ afterMs: 0, methods: [voice] }], notice: [] } };
    const it = incident({ people });
    it.advanceTo('0:30');
    it.resolves('disk');
    it.advanceTo('60:00');
    expect(it.log('0:01')).toEqual([]);
  });

  test('of a severity that rings nobody goes by email where there is one', () => {
    const it = incident({ severity: 'SEV2' });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.resolves('disk');
    expect(it.log('1:00')).toEqual(['1:00 alice (email): monitoring']);
    expect([push, email].map(({ channel }) => channel)).toEqual(['push', 'email']);
  });
});
