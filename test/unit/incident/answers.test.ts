import { describe, expect, test } from 'vitest';
import type { Actor } from '../../../domain/incident/plan.js';
import { incident, ON_CALL, PLAN, planWith, SEV1 } from './fixtures.js';
import { MINUTE } from '../../../domain/time/instant.js';

const ROBOT: Actor = { kind: 'key', id: 'alice', name: 'deploy robot' };

const SENDER: Actor = { kind: 'key', id: 'pagerduty', name: 'pagerduty' };

function kinds(it: ReturnType<typeof incident>): string[] {
  return it.deadlines().map((line) => line.split(/[: ]/)[0] ?? '');
}

describe('acknowledging', () => {
  test('by somebody whose step was passed counts, stops everything, and tells the tier after', () => {
    const it = incident();
    it.advanceTo('7:00');
    expect(it.acknowledge('alice').outcome).toBe('acknowledged');
    it.advanceTo('20:00');
    expect(it.log('7:00')).toEqual(['7:00 bob (sms): acknowledged-by']);
    expect(it.state().owner).toMatchObject({ actor: { id: 'alice' }, step: 0 });
  });

  test('by a second person is recorded and leaves the owner', () => {
    const it = incident();
    it.advanceTo('5:30');
    it.acknowledge('bob');
    expect(it.acknowledge('alice')).toMatchObject({ outcome: 'already-owned', owner: 'bob' });
    expect(it.state().owner?.actor.id).toBe('bob');
    expect(it.state().acknowledgedAt).toBe(it.state().openedAt + 5.5 * MINUTE);
  });

  test('twice by the owner is progress', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('20:00');
    expect(it.acknowledge('alice').outcome).toBe('already-yours');
    expect(it.deadlines()).toEqual(['still-on-it 45:00', 'no-progress 50:00']);
  });

  test('by a sender while a person has it is recorded once, and stops no page that they asked for', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.escalate('alice');
    const pages = it.state().pages;
    for (const requestId of ['event-1', 'event-2'])
      expect(
        it.acts('', { action: 'acknowledge', bySender: true, by: SENDER, requestId }, 'api'),
      ).toMatchObject({ outcome: 'already-owned', owner: 'alice' });
    expect(it.state()).toMatchObject({ owner: { actor: { id: 'alice' } }, pages });
    expect(it.state().escalation).not.toBeNull();
    const noted = it.state().timeline.filter(({ type }) => type === 'also-acknowledged');
    expect(noted).toMatchObject([{ who: 'pagerduty', owner: 'alice' }]);
    it.advanceTo('20:00');
    expect(it.log('1:01').length).toBeGreaterThan(0);
  });

  test('by a sender takes what nobody has; said again it is no progress', () => {
    const it = incident();
    it.advanceTo('1:00');
    const says = (requestId: string) =>
      it.acts('', { action: 'acknowledge', bySender: true, by: SENDER, requestId }, 'api').outcome;
    expect(says('event-1')).toBe('acknowledged');
    const { timeline, deadlines } = it.state();
    it.advanceTo('10:00');
    expect(says('event-2')).toBe('already-yours');
    expect(it.state()).toMatchObject({ timeline, deadlines });
    expect(it.acknowledge('bob')).toMatchObject({ outcome: 'already-owned', owner: 'pagerduty' });
  });

  test('with the same request id is answered the same and does nothing', () => {
    const it = incident();
    it.advanceTo('1:00');
    const one = it.acts('alice', { action: 'acknowledge', requestId: 'once' });
    it.advanceTo('10:00');
    const deadlines = it.deadlines();
    expect(it.acts('alice', { action: 'acknowledge', requestId: 'once' })).toEqual(one);
    expect(it.deadlines()).toEqual(deadlines);
  });

  test('while it is watched takes it, and it stays watched', () => {
    const it = incident();
    it.advanceTo('0:30');
    it.resolves('disk');
    it.advanceTo('1:00');
    expect(it.acknowledge('alice').outcome).toBe('acknowledged');
    expect(it.state().phase).toBe('monitoring');
    expect(it.deadlines()).toEqual(['stability 30:30']);
    it.advanceTo('31:00');
    expect(it.state().phase).toBe('resolved');
    expect(it.log('1:00')).toEqual(['30:30 alice (sms): resolved']);
  });

  test('after it is over is answered so, and changes nothing', () => {
    const it = incident();
    it.advanceTo('0:30');
    it.resolves('disk');
    it.advanceTo('31:00');
    expect(it.acknowledge('alice')).toMatchObject({ outcome: 'over' });
    expect(it.state().owner).toBeNull();
  });

  test('that could not be confirmed at once is confirmed by a message', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acts('alice', { action: 'acknowledge', confirm: true });
    expect(it.log('1:00')).toEqual(['1:00 alice voice: alert', '1:00 alice (sms): confirmation']);
  });

  test('whose update counted although it timed out is confirmed once the signal that replaces it comes, and only once', () => {
    const it = incident();
    it.advanceTo('1:00');
    const first = it.acts('alice', { action: 'acknowledge', requestId: 'r1' });
    expect(it.acts('alice', { action: 'acknowledge', requestId: 'r1', confirm: true })).toEqual(first);
    expect(it.acts('alice', { action: 'acknowledge', requestId: 'r1', confirm: true })).toEqual(first);
    expect(it.log('1:00')).toEqual(['1:00 alice voice: alert', '1:00 alice (sms): confirmation']);
  });

  test('by somebody who is not in the policy: no progress goes to the first tier', () => {
    const it = incident();
    it.advanceTo('0:30');
    it.acknowledge('fay');
    it.advanceTo('30:30');
    expect(it.log('0:30')).toEqual([
      '0:30 alice (sms): acknowledged-by',
      '25:30 fay (sms): still-on-it',
      '30:30 fay (sms): no-progress',
      '30:30 alice sms+push: no-progress',
    ]);
  });

  test('by somebody who was never paged: they hear of the end like everybody who was', () => {
    const it = incident();
    it.advanceTo('0:30');
    it.acknowledge('fay', 'web');
    it.resolves('disk');
    it.advanceTo('30:30');
    expect(it.log('0:30')).toEqual([
      '0:30 alice (sms): acknowledged-by',
      '0:30 fay (sms): monitoring',
      '30:30 alice (sms): resolved',
      '30:30 fay (sms): resolved',
    ]);
  });

  test('by a key that names nobody: nobody is asked whether they are on it, and no progress pages the first tier', () => {
    const it = incident();
    it.advanceTo('0:30');
    it.acts('', { action: 'acknowledge', by: ROBOT }, 'api');
    it.advanceTo('35:30');
    // The key has the id of a person; it is not that person, who hears of it.
    expect(it.log('0:30')).toEqual([
      '0:30 alice (sms): acknowledged-by',
      '30:30 alice sms+push: no-progress',
      '31:30 alice voice: no-progress',
      '33:30 alice voice: no-progress',
      '35:30 bob sms+push: no-progress',
    ]);
  });

  test('by a key is answered with what that means; nobody asks a machine whether it is on it', () => {
    const it = incident();
    it.advanceTo('0:30');
    const key: Actor = { kind: 'key', id: 'cli', name: 'API key cli' };
    const says = (action: 'acknowledge' | 'take', via: 'cli' | 'api') =>
      it.acts('', { action, by: key }, via).sentence;
    const { code } = it.state();
    const title = `SEV1 payments: checkout is down (${code})`;
    const nobody =
      'No person is named, so nobody is asked about it; without progress it escalates after 30 minutes.';
    expect(says('acknowledge', 'cli')).toBe(
      `API key cli has it: ${title}. ${nobody} Add --by to say who has it.`,
    );
    expect(it.deadlines()).toEqual(['no-progress 30:30']);
    expect(says('acknowledge', 'cli')).toBe(`API key cli already has it: ${title}.`);
    it.take('alice');
    expect(it.deadlines()).toEqual(['still-on-it 25:30', 'no-progress 30:30']);
    expect(says('take', 'api')).toBe(
      `API key cli took over from alice: ${title}. ${nobody} Add "by" to say who has it.`,
    );
  });

  test('fires again while a key has it: the first tier is paged', () => {
    const it = incident();
    it.advanceTo('0:30');
    it.acts('', { action: 'acknowledge', by: ROBOT }, 'api');
    it.resolves('disk');
    it.advanceTo('2:00');
    it.fires('disk');
    expect(it.log('2:00')).toEqual(['2:00 alice sms+push: fires-again']);
  });

  test('of two people paged together, the next tier for either is one who was not asked yet', () => {
    const offHours = { startsAt: Date.UTC(2026, 10, 29, 3) };
    const it = incident(offHours);
    it.advanceTo('0:30');
    it.acknowledge('bob');
    it.advanceTo('30:30');
    // bob is the next tier of tier 1, but he has it: tier 3 is asked.
    expect(it.log('30:30')).toEqual(['30:30 bob (sms): no-progress', '30:30 carol sms+push: no-progress']);
    expect(it.timeline('skipped')).toEqual(['30:30 skipped secondary only the owner is there']);
  });
});

describe('taking over', () => {
  test('tells the one who had it, and the wait for progress starts anew', () => {
    const it = incident();
    it.advanceTo('5:30');
    it.acknowledge('alice');
    it.advanceTo('20:00');
    expect(it.take('bob')).toMatchObject({ outcome: 'taken', owner: 'bob' });
    expect(it.log('20:00')).toEqual(['20:00 alice (sms): taken-over']);
    expect(it.deadlines()).toEqual(['still-on-it 45:00', 'no-progress 50:00']);
  });

  test('what nobody has is acknowledging', () => {
    const it = incident();
    expect(it.take('bob').outcome).toBe('acknowledged');
  });

  test('what was called fixed keeps the promise to look again', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.resolve('alice');
    it.advanceTo('3:00');
    it.take('bob');
    it.advanceTo('6:00');
    expect(it.log('6:00')).toEqual(['6:00 bob sms+push: still-firing']);
  });
});

describe('"still on it"', () => {
  test('of the owner stops what no progress began, and who was paged hears that she has it', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('31:30');
    expect(it.progress('alice').outcome).toBe('progress-noted');
    expect(it.log('31:30')).toEqual(['31:30 bob (sms): acknowledged-by']);
    expect(it.state().owner?.actor.id).toBe('alice');
  });

  test('of the person who was paged makes them the owner', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('31:30');
    expect(it.progress('bob')).toMatchObject({ outcome: 'acknowledged', owner: 'bob' });
    expect(it.log('31:30')).toEqual(['31:30 alice (sms): acknowledged-by']);
  });

  test('of somebody else in a quiet hour only starts the wait anew', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('10:00');
    expect(it.progress('bob')).toMatchObject({ outcome: 'progress-noted', owner: 'alice' });
    expect(it.deadlines()).toEqual(['still-on-it 35:00', 'no-progress 40:00']);
  });
});

describe('an update', () => {
  test('by another than the owner stops what no progress began, and names the owner', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('31:30');
    it.update('carol', 'she is at it');
    const told = it.contacts.at(-1);
    expect(told).toMatchObject({ who: 'bob', reason: 'acknowledged-by' });
    expect(told?.command.message.parts[0]).toMatchObject({ who: 'alice' });
    expect(it.state()).toMatchObject({ escalation: null, phase: 'investigating' });
  });

  test('does not answer a page that nobody has answered', () => {
    const it = incident();
    it.advanceTo('1:30');
    it.update('carol', 'looking');
    it.advanceTo('3:00');
    expect(it.log('1:30')).toEqual(['3:00 alice voice: alert']);
  });
});

describe('resolving by a person', () => {
  test('what still fires is mitigated, is looked at again, and the wait for progress starts anew', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('20:00');
    expect(it.resolve('alice').outcome).toBe('mitigated');
    expect(it.deadlines()).toEqual(['recheck 25:00', 'still-on-it 45:00', 'no-progress 50:00']);
    it.resolves('disk');
    expect(it.state()).toMatchObject({ phase: 'monitoring', mitigatedAt: it.state().openedAt + 20 * MINUTE });
    it.advanceTo('26:00');
    expect(it.log('20:00')).toEqual(['20:00 alice (sms): monitoring']);
  });

  test('by one who was paged for lack of progress makes them the owner', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('31:30');
    it.resolve('bob', 'voice');
    expect(it.state().owner?.actor.id).toBe('bob');
    expect(it.log('31:30')).toEqual(['31:30 alice (sms): acknowledged-by']);
  });

  test('what a sender never calls over is watched, and its next event opens it again', () => {
    const it = incident({ resolves: false });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    expect(it.resolve('alice').outcome).toBe('monitoring');
    expect(it.deadlines()).toEqual(['stability 31:00']);
    it.advanceTo('20:00');
    it.fires('disk');
    expect(it.log('1:00')).toEqual(['1:00 alice voice: alert', '20:00 alice sms+push: fires-again']);
  });

  test('the same event sent once more does not open it again', () => {
    const it = incident({ resolves: false });
    it.advanceTo('1:00');
    const startsAt = it.state().openedAt;
    it.resolve('alice');
    it.advanceTo('20:00');
    it.takes([{ fingerprint: 'disk', status: 'firing', startsAt, summary: '', severity: 'SEV1' }]);
    expect(it.state().phase).toBe('monitoring');
  });

  test('while people look for the next tier, a recheck does not begin the paging anew', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.resolve('alice');
    it.advanceTo('2:00');
    it.escalate('alice');
    it.advanceTo('7:00');
    expect(it.log('2:00')).toEqual([
      '2:00 bob sms+push: escalated-by-hand',
      '3:00 bob voice: escalated-by-hand',
      '5:00 bob voice: escalated-by-hand',
      '7:00 carol sms+push: escalated-by-hand',
    ]);
  });
});

describe('escalating by hand', () => {
  test('pages the tier after the one being paged, with who asked and why', () => {
    const it = incident();
    it.advanceTo('2:00');
    expect(it.escalate('alice', 'needs a database person').outcome).toBe('escalated');
    it.advanceTo('7:00');
    expect(it.log('2:00')).toEqual([
      '2:00 bob sms+push: escalated-by-hand',
      '3:00 bob voice: escalated-by-hand',
      '5:00 bob voice: escalated-by-hand',
      '7:00 carol sms+push: not-acknowledged',
    ]);
    const page = it.contacts.find(({ who }) => who === 'bob')?.command.message.parts[0];
    expect(page).toMatchObject({ detail: 'alice asked for it: needs a database person' });
  });

  test('while it is watched opens it again', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('5:00');
    it.escalate('carol', 'customers still see errors');
    expect(it.log('5:00')).toEqual(['5:00 alice (sms): escalated', '5:00 bob sms+push: escalated-by-hand']);
    expect(it.state().phase).toBe('investigating');
    it.advanceTo('6:00');
    it.acknowledge('bob');
    expect(kinds(it)).toEqual(['still-on-it', 'no-progress']);
  });

  test('from the catch-all pages the catch-all again', () => {
    const it = incident();
    it.advanceTo('52:00');
    it.escalate('alice');
    expect(it.log('52:00')).toEqual([
      '52:00 ops-room sms+chat: catch-all',
      '52:00 alice sms+push: catch-all',
    ]);
  });
});

describe('an incident that is passed on while one person stands on every tier', () => {
  const steps = PLAN.policy.steps.slice(0, 2);
  const catchAll = {
    ...PLAN.policy.catchAll,
    targets: [
      { kind: 'user', id: 'bob' },
      { kind: 'user', id: 'fay' },
    ],
  } as const;
  const onCall = { ...ON_CALL, 'schedule:payments:primary': ['bob'], 'schedule:payments:secondary': ['bob'] };
  const ofBob = (targets = [...catchAll.targets]) => {
    const policy = { ...PLAN.policy, steps, catchAll: { ...catchAll, targets } };
    const it = incident({ plan: { ...PLAN, policy }, onCall });
    it.acknowledge('bob');
    it.advanceTo('1:00');
    return it;
  };

  test('by its owner pages the catch-all but them, says so, and does not call it unanswered', () => {
    const it = ofBob();
    expect(it.escalate('bob', 'out of my depth').sentence).toMatch(
      /^Escalated: whoever is next, but you, is being paged now, beginning with secondary\. /,
    );
    it.advanceTo('30:00');
    // The second time the catch-all is paged with the primary, who is bob: not for what he passed on himself.
    expect(it.log('1:00').filter((line) => !line.includes('voice'))).toEqual([
      '1:00 fay sms+push: escalated-by-hand',
      '16:00 fay sms+push: catch-all',
    ]);
    expect(it.timeline('skipped')).toHaveLength(3);
    const page = it.contacts.find(({ who }) => who === 'fay')?.command.message.parts[0];
    expect(page).toMatchObject({ detail: 'bob asked for it: out of my depth' });
  });

  test('by its owner who is the catch-all as well says that nobody else is there', () => {
    const it = ofBob([{ kind: 'user', id: 'bob' }]);
    it.escalate('bob');
    it.advanceTo('40:00');
    expect(it.log('1:00')).toEqual([]);
    expect(it.timeline('problem')[0]).toContain('nobody but the owner, who passed it on');
  });

  test('by somebody else passes the owner over too, who is told', () => {
    const it = ofBob();
    expect(it.escalate('dan').sentence).toMatch(/^Escalated: whoever is next, but bob, is being paged now/);
    expect(it.log('1:00')).toEqual(['1:00 bob (sms): escalated', '1:00 fay sms+push: escalated-by-hand']);
  });

  test('by somebody else, and nobody else is there at all: rather the owner than nobody', () => {
    const it = ofBob([{ kind: 'user', id: 'bob' }]);
    it.escalate('dan');
    expect(it.log('1:00').at(-1)).toBe('1:00 bob sms+push: escalated-by-hand');
  });

  test('for lack of progress passes the owner over as well: told, not paged', () => {
    const it = ofBob();
    it.advanceTo('30:00');
    expect(it.log('30:00')).toEqual(['30:00 bob (sms): no-progress', '30:00 fay sms+push: no-progress']);
  });
});

test('escalated by its owner, and nobody answers: every tier but theirs, round after round', () => {
  const it = incident();
  it.advanceTo('1:00');
  it.acknowledge('alice');
  it.escalate('alice');
  it.advanceTo('50:00');
  const paged = it.log('1:00').filter((line) => line.includes('sms'));
  expect(paged.filter((line) => line.includes(' alice '))).toEqual([]);
  expect(paged.map((line) => line.split(' ')[1])).toEqual(
    // The catch-all tells those who were paged, and alice is not one of them.
    'bob carol dan erin bob carol dan erin bob carol dan erin ops-room'.split(' '),
  );
});

describe('management', () => {
  const plan = planWith({ ...SEV1, managementAfterMs: 30 * MINUTE });

  test('is told, not paged, when somebody has it', () => {
    const it = incident({ plan });
    it.advanceTo('10:00');
    it.acknowledge('alice');
    it.advanceTo('30:00');
    expect(it.log('30:00')).toEqual(['30:00 erin (sms): told']);
  });

  test('is told, not paged, while what somebody has is passed on for lack of progress', () => {
    const it = incident({ plan: planWith({ ...SEV1, managementAfterMs: 33 * MINUTE }) });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('33:00');
    expect(it.log('33:00')).toEqual(['33:00 erin (sms): told']);
  });

  test('that is being paged as a tier in this minute is not paged twice', () => {
    const it = incident({ plan: planWith({ ...SEV1, managementAfterMs: 20 * MINUTE }) });
    it.advanceTo('21:00');
    expect(it.log('20:00')).toEqual([
      '20:00 erin sms+push: not-acknowledged',
      '21:00 erin voice: not-acknowledged',
    ]);
  });

  test('is not looped in while it is watched, and is when it fires again', () => {
    const it = incident({ plan });
    it.advanceTo('10:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('35:00');
    expect(it.log('11:00')).toEqual([]);
    it.fires('disk');
    expect(it.log('35:00')).toEqual(['35:00 alice sms+push: fires-again', '35:00 erin sms+push: management']);
  });
});

test('gaps at every tier end at the catch-all, at once and only once', () => {
  const it = incident({
    plan: { ...PLAN, policy: { ...PLAN.policy, steps: PLAN.policy.steps.slice(0, 2) } },
    onCall: { ...ON_CALL, 'schedule:payments:primary': [], 'schedule:payments:secondary': [] },
  });
  it.advanceTo('30:00');
  expect(it.log()).toEqual([
    '0:00 ops-room sms+chat: catch-all',
    '15:00 ops-room sms+chat: catch-all',
    '30:00 ops-room sms+chat: catch-all',
  ]);
  expect(it.timeline('skipped')).toHaveLength(4);
});

test('a catch-all that reaches nobody is asked again for ever, and the timeline says so', () => {
  const it = incident({
    onCall: Object.fromEntries(Object.keys(ON_CALL).map((key) => [key, []])),
    people: {},
  });
  it.advanceTo('30:00');
  expect(it.log()).toEqual([]);
  expect(it.timeline('problem').filter((line) => line.includes('catch-all reaches nobody'))).toHaveLength(3);
  expect(it.deadlines()).toEqual(['ack 45:00']);
});
