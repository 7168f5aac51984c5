import { describe, expect, test } from 'vitest';
import { viewOf } from '../../../domain/incident/machine.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { incident, ON_CALL, PEOPLE, planWith, SEV1, SEV2, SUNDAY_3 } from './fixtures.js';

type It = ReturnType<typeof incident>;

function unacknowledge(it: It, who: string) {
  return it.acts(who, { action: 'unacknowledge' });
}

function reassign(it: It, who: string, to: string, reason?: string) {
  return it.acts(who, { action: 'reassign', to, ...(reason === undefined ? {} : { reason }) });
}

describe('an acknowledgement that is undone', () => {
  test('leaves nobody in charge: paging begins anew, and whoever is paged gets no second message', () => {
    const it = incident();
    it.advanceTo('6:00');
    it.acknowledge('bob');
    it.advanceTo('8:00');
    expect(unacknowledge(it, 'bob')).toEqual({
      outcome: 'unacknowledged',
      sentence: `Nobody has it now; paging begins anew. SEV1 payments: checkout is down (${it.state().code}).`,
    });
    expect(it.state()).toMatchObject({ owner: null, phase: 'triggered', acknowledgedAt: null });
    it.advanceTo('13:00');
    expect(it.log('8:00')).toEqual([
      '8:00 alice sms+push: unacknowledged',
      '9:00 alice voice: unacknowledged',
      '11:00 alice voice: unacknowledged',
      '13:00 bob sms+push: not-acknowledged',
    ]);
    expect(it.timeline('unacknowledged')).toEqual(['8:00 unacknowledged bob sms bob']);
  });

  test('by somebody else is told to whoever had it and to those who were told so, but for who is paged', () => {
    const it = incident();
    it.advanceTo('11:00');
    it.acknowledge('bob');
    it.advanceTo('12:00');
    unacknowledge(it, 'dan');
    expect(it.log('12:00')).toEqual([
      '12:00 alice sms+push: unacknowledged',
      '12:00 bob (sms): open-again',
      '12:00 carol (sms): open-again',
    ]);
  });

  test('where nobody is primary is told to all but the one who is paged instead', () => {
    const it = incident({
      onCall: { ...ON_CALL, 'schedule:payments:primary': (minutes) => (minutes < 7 ? ['alice'] : []) },
    });
    it.advanceTo('6:00');
    it.acknowledge('bob');
    it.advanceTo('8:00');
    unacknowledge(it, 'dan');
    expect(it.log('8:00')).toEqual(['8:00 bob sms+push: gap', '8:00 alice (sms): open-again']);
  });

  test('stops what was running above the owner', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('31:00');
    expect(it.state().escalation?.reason).toBe('no-progress');
    unacknowledge(it, 'alice');
    expect(it.state().escalation).toMatchObject({ reason: 'unacknowledged', tier: 0 });
    expect(it.deadlines()).not.toContainEqual(expect.stringMatching(/^(no-progress|still-on-it)/));
  });

  test('does nothing when nobody has it, when it is quiet, and when it is over', () => {
    const it = incident();
    expect(unacknowledge(it, 'alice')).toMatchObject({ outcome: 'unchanged' });
    expect(it.state().escalation?.position).toBeDefined();
    it.acknowledge('alice');
    it.resolves('disk');
    expect(unacknowledge(it, 'alice')).toMatchObject({
      outcome: 'unchanged',
      sentence: expect.stringContaining('it is quiet and being watched') as string,
    });
    it.advanceTo('31:00');
    expect(unacknowledge(it, 'alice').outcome).toBe('over');
  });

  test('waits for business hours where the severity does', () => {
    const plan = planWith({ ...SEV2, page: 'wait-for-business-hours' });
    const it = incident({ plan, severity: 'SEV2', startsAt: SUNDAY_3 });
    it.acknowledge('alice');
    expect(unacknowledge(it, 'alice').sentence).toContain('people are paged at Mon 30 Nov, 09:00 UTC');
    expect(it.deadlines()).toEqual(['begin 1800:00']);
  });
});

describe('a request to take it over', () => {
  test('pages the one who is asked, and leaves it with its owner until they answer', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('10:00');
    const { code } = it.state();
    expect(reassign(it, 'alice', 'dan', 'shift is over')).toEqual({
      outcome: 'reassigning',
      sentence: `dan is being paged to take it over; alice keeps it until then. SEV1 payments: checkout is down (${code}).`,
      owner: 'alice',
    });
    expect(viewOf(it.state(), 'w')).toMatchObject({
      owner: { id: 'alice' },
      handover: { to: 'dan', by: 'alice' },
      paging: false,
      paged: [
        { userId: 'alice', open: false },
        { userId: 'dan', open: true },
      ],
    });
    it.advanceTo('11:30');
    expect(it.log('10:00')).toEqual(['10:00 dan sms+push: reassigned', '11:00 dan voice: reassigned']);
    expect(it.contacts.at(-1)?.command.message.parts).toMatchObject([
      { reason: 'reassigned', tier: 'the next owner', detail: 'alice asked: shift is over' },
    ]);
    expect(it.acknowledge('dan')).toMatchObject({ outcome: 'taken', owner: 'dan' });
    expect(it.state().owner).toMatchObject({ actor: { id: 'dan' } });
    expect(it.log('11:30')).toEqual(['11:30 alice (sms): taken-over']);
    expect(it.timeline('reassigning', 'reassigned')).toEqual([
      '10:00 reassigning alice sms dan shift is over',
      '11:30 reassigned dan sms alice',
    ]);
    it.advanceTo('36:00');
    // Nothing is left of it; the wait for progress is the new owner's.
    expect(it.log('11:31')).toEqual([]);
    expect(viewOf(it.state(), 'w').handover).toBeUndefined();
  });

  test('that nobody answers goes above the owner, and the owner and whoever asked are told', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('10:00');
    reassign(it, 'erin', 'dan');
    it.advanceTo('16:30');
    expect(it.log('10:00')).toEqual([
      '10:00 alice (sms): reassigning',
      '10:00 dan sms+push: reassigned',
      '11:00 dan voice: reassigned',
      '13:00 dan voice: reassigned',
      '15:00 alice (sms): not-taken-over',
      '15:00 bob sms+push: not-taken-over',
      '15:00 erin (sms): not-taken-over',
      '16:00 bob voice: not-taken-over',
    ]);
    expect(it.state().owner).toMatchObject({ actor: { id: 'alice' } });
    expect(it.timeline('not-taken-over')).toEqual(['15:00 not-taken-over dan']);
    // An update of its owner is enough, as it is for no progress.
    it.update('alice', 'still here');
    expect(it.state().escalation).toBeNull();
  });

  test('goes on at once when nobody is found, or no way of theirs works', () => {
    const nobody = incident();
    nobody.acknowledge('alice');
    reassign(nobody, 'alice', 'zoe');
    expect(nobody.log('0:00')).toContain('0:00 bob sms+push: not-taken-over');
    expect(nobody.timeline('skipped')).toEqual(['0:00 skipped the next owner nobody knows zoe']);

    const broken = incident({
      outcome: ({ who }) => (who === 'dan' ? { fails: 'bad-address' } : 'sent'),
    });
    broken.acknowledge('alice');
    broken.advanceTo('1:00');
    reassign(broken, 'alice', 'dan');
    expect(broken.log('1:00')).toContain('1:00 bob sms+push: not-taken-over');
  });

  test('that the one who is asked passes on goes above the owner at once', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('10:00');
    reassign(it, 'alice', 'dan');
    it.advanceTo('11:10');
    expect(it.acts('dan', { action: 'escalate' }, 'voice')).toMatchObject({ outcome: 'escalated' });
    expect(it.log('11:10')).toContain('11:10 bob sms+push: not-taken-over');
    it.advanceTo('14:00');
    expect(it.log('11:11').some((line) => line.includes('dan'))).toBe(false);
  });

  test('writes instead of paging where the severity does', () => {
    const it = incident({ severity: 'SEV2' });
    it.acknowledge('alice');
    reassign(it, 'alice', 'dan');
    it.advanceTo('6:00');
    expect(it.log('5:00')).toEqual([
      '5:00 alice (email): not-taken-over',
      '5:00 bob (email): not-taken-over',
    ]);
    expect(it.deadlines()).toContainEqual(expect.stringMatching(/^no-progress/));
  });

  test('to another replaces the one before, who hears it', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('1:00');
    reassign(it, 'alice', 'dan');
    expect(reassign(it, 'alice', 'dan').outcome).toBe('unchanged');
    it.advanceTo('1:30');
    reassign(it, 'alice', 'carol');
    it.advanceTo('3:00');
    expect(it.log('1:01')).toEqual([
      '1:30 dan (sms): no-longer-asked',
      '1:30 carol sms+push: reassigned',
      '2:30 carol voice: reassigned',
    ]);
    expect(it.acknowledge('dan')).toMatchObject({ outcome: 'already-owned', owner: 'alice' });
  });

  test('ends when somebody else takes it, and a call that rings is taken back', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('1:00');
    reassign(it, 'alice', 'dan');
    it.advanceTo('2:10');
    it.take('bob');
    expect(it.commands.some(({ command }) => command.type === 'withdraw')).toBe(true);
    it.advanceTo('10:00');
    expect(it.log('2:10')).toEqual(['2:10 dan (sms): acknowledged-by', '2:10 alice (sms): taken-over']);
  });

  test('is refused for oneself, and says so when they have it or nothing is open to give away', () => {
    const it = incident();
    expect(reassign(it, 'dan', 'dan')).toMatchObject({ outcome: 'reassign-refused' });
    it.acknowledge('alice');
    expect(reassign(it, 'bob', 'alice')).toMatchObject({ outcome: 'unchanged', owner: 'alice' });
    it.resolves('disk');
    expect(reassign(it, 'alice', 'bob')).toMatchObject({ outcome: 'unchanged' });
    expect(it.state().lines).toBeUndefined();
  });

  test('while nobody has it goes beside the paging, and whoever answers first has it', () => {
    const it = incident();
    it.advanceTo('1:30');
    reassign(it, 'erin', 'dan');
    it.advanceTo('5:30');
    expect(it.log('1:30')).toEqual([
      '1:30 dan sms+push: reassigned',
      '2:30 dan voice: reassigned',
      '3:00 alice voice: alert',
      '4:30 dan voice: reassigned',
      '5:00 bob sms+push: not-acknowledged',
    ]);
    expect(it.acknowledge('dan')).toMatchObject({ outcome: 'acknowledged', owner: 'dan' });
    expect(it.state().lines).toMatchObject([{ status: 'answered', answeredBy: 'dan' }]);

    const other = incident();
    reassign(other, 'erin', 'dan');
    other.advanceTo('1:30');
    other.acknowledge('alice');
    other.advanceTo('20:00');
    expect(other.log('1:30')).toEqual(['1:30 dan (sms): acknowledged-by']);
  });

  test('counts as answered by OK, a resolve and a snooze as well', () => {
    for (const action of [
      { action: 'progress' },
      { action: 'resolve' },
      { action: 'snooze', forMs: 10 * MINUTE },
    ] as const) {
      const it = incident();
      it.acknowledge('alice');
      it.advanceTo('1:00');
      reassign(it, 'alice', 'dan');
      it.acts('dan', action);
      expect(it.state().owner, action.action).toMatchObject({ actor: { id: 'dan' } });
      expect(Object.keys(it.state().deadlines).some((name) => name.startsWith('line:'))).toBe(false);
    }
  });

  test('that ran out in an outage of ours goes above the owner once it is back', () => {
    const it = incident({ people: PEOPLE, onCall: ON_CALL, plan: planWith(SEV1) });
    it.acknowledge('alice');
    it.advanceTo('1:00');
    reassign(it, 'alice', 'dan');
    it.outage('2:30', '20:00');
    expect(it.log('20:00')).toEqual([
      '20:00 alice (sms): not-taken-over',
      '20:00 bob sms+push: not-taken-over',
    ]);
  });
});
