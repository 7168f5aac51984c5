import { describe, expect, test } from 'vitest';
import type { Step } from '../../../domain/escalation/policy.js';
import type { ResponderLine } from '../../../domain/incident/event.js';
import { viewOf } from '../../../domain/incident/machine.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { incident, PEOPLE, person } from './fixtures.js';

type It = ReturnType<typeof incident>;

function step(user: string, minutes = 5): Step {
  return { name: user, targets: [{ kind: 'user', id: user }], timeoutMs: minutes * MINUTE };
}

function line(name: string, ...users: string[]): ResponderLine {
  return { name, steps: (users.length === 0 ? [name] : users).map((user) => step(user)) };
}

function ask(it: It, who: string, ...responders: ResponderLine[]) {
  return it.acts(who, { action: 'add-responders', responders, reason: 'needs a DBA' });
}

describe('people who are asked to help', () => {
  test('are paged beside the policy, and who answers joins without taking it', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('10:00');
    expect(ask(it, 'alice', line('dan'), line('storage', 'fay', 'gil'))).toMatchObject({
      outcome: 'responders-paged',
      sentence: expect.stringContaining('Being paged now: dan and storage.') as string,
      owner: 'alice',
    });
    it.advanceTo('10:30');
    expect(it.log('10:00')).toEqual([
      '10:00 dan sms+push: asked-to-help',
      '10:00 fay sms+push: asked-to-help',
    ]);
    expect(it.contacts.at(-1)?.command.message.parts).toMatchObject([
      { tier: 'storage, fay', detail: 'alice asked: needs a DBA' },
    ]);
    expect(it.acknowledge('dan')).toMatchObject({ outcome: 'joined', owner: 'alice' });
    expect(it.state().owner).toMatchObject({ actor: { id: 'alice' } });
    expect(it.log('10:30')).toEqual(['10:30 alice (sms): joined']);
    // Only dan's line has stopped.
    it.advanceTo('15:10');
    expect(it.log('10:31')).toEqual([
      '11:00 fay voice: asked-to-help',
      '13:00 fay voice: asked-to-help',
      '15:00 gil sms+push: asked-to-help',
    ]);
    expect(viewOf(it.state(), 'w').responders).toMatchObject([
      { name: 'dan', by: 'alice', status: 'joined', joined: 'dan', paged: ['dan'], reason: 'needs a DBA' },
      { name: 'storage', status: 'paging', paged: ['fay', 'gil'] },
    ]);
    expect(it.timeline('joined')).toEqual(['10:30 joined dan sms dan']);
  });

  test('who do not answer are told of to whoever asked and to the owner, and may still join', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('1:00');
    ask(it, 'erin', line('dan'));
    it.advanceTo('6:30');
    expect(it.log('5:00')).toEqual([
      '6:00 alice (sms): responders-unanswered',
      '6:00 erin (sms): responders-unanswered',
    ]);
    expect(it.state()).toMatchObject({ escalation: null, lines: [{ status: 'unanswered' }] });
    // A bare ACK finds it: their page is open still.
    expect(viewOf(it.state(), 'w').paged).toContainEqual(
      expect.objectContaining({ userId: 'dan', open: true }),
    );
    expect(it.acknowledge('dan').outcome).toBe('joined');
    expect(it.log('6:30')).toEqual(['6:30 erin (sms): joined', '6:30 alice (sms): joined']);
    expect(viewOf(it.state(), 'w').paged.some(({ open }) => open)).toBe(false);
  });

  test('whose asker was never met hears of two lines that end in one moment by one message', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('1:00');
    ask(it, 'erin', line('dan'), line('fay'));
    it.advanceTo('6:01');
    expect(it.log('6:00').filter((told) => told.includes('erin'))).toEqual([
      '6:00 erin (sms): responders-unanswered + responders-unanswered',
    ]);
  });

  test('have it when nobody has', () => {
    const it = incident();
    it.advanceTo('1:30');
    ask(it, 'erin', line('dan'), line('fay'));
    expect(it.acknowledge('dan')).toMatchObject({ outcome: 'acknowledged', owner: 'dan' });
    it.advanceTo('4:00');
    expect(it.log('1:30')).toEqual([
      '1:30 dan sms+push: asked-to-help',
      '1:30 fay sms+push: asked-to-help',
      '1:30 alice (sms): acknowledged-by',
      '1:30 erin (sms): joined',
      '2:30 fay voice: asked-to-help',
    ]);
  });

  test('do not take it from an owner who is asked or passed over just now, unless the policy pages them', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('30:30');
    ask(it, 'alice', line('dan'), line('bob'));
    expect(it.acknowledge('dan')).toMatchObject({ outcome: 'joined', owner: 'alice' });
    expect(it.state().escalation?.reason).toBe('no-progress');
    expect(it.acknowledge('bob')).toMatchObject({ outcome: 'acknowledged', owner: 'bob' });
    expect(it.state().escalation).toBeNull();
  });

  test('go on being paged when somebody acknowledges, and are not told that it is over for them', () => {
    const it = incident();
    it.advanceTo('0:30');
    ask(it, 'erin', line('dan'));
    it.advanceTo('0:40');
    it.acknowledge('alice');
    it.advanceTo('2:00');
    expect(it.log('0:40')).toEqual(['1:30 dan voice: asked-to-help']);
  });

  test('pass on to the next of theirs, not the incident', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('1:00');
    ask(it, 'alice', line('storage', 'fay', 'gil'));
    expect(it.acts('fay', { action: 'escalate' }, 'voice').outcome).toBe('escalated');
    expect(it.state().escalation).toBeNull();
    expect(it.log('1:00')).toEqual(['1:00 fay sms+push: asked-to-help', '1:00 gil sms+push: asked-to-help']);
  });

  test('are all let go when it is quiet, and calls that ring are taken back', () => {
    const it = incident();
    it.acknowledge('alice');
    ask(it, 'alice', line('dan'), line('storage', 'fay', 'gil'));
    it.advanceTo('1:10');
    it.resolves('disk');
    expect(it.commands.filter(({ command }) => command.type === 'withdraw')).toHaveLength(2);
    expect(it.state().lines?.map(({ status }) => status)).toEqual(['stopped', 'stopped']);
    it.advanceTo('29:00');
    expect(it.log('1:10').every((text) => text.endsWith('monitoring'))).toBe(true);
    expect(it.acknowledge('dan').outcome).not.toBe('joined');
  });

  test('without anybody to be found are passed over at once', () => {
    const it = incident({ people: { ...PEOPLE, ivy: { ...person, high: [] } } });
    it.acknowledge('alice');
    it.advanceTo('1:00');
    ask(it, 'alice', line('team', 'ivy', 'alice', 'dan'));
    expect(it.timeline('skipped')).toEqual([
      '1:00 skipped team, ivy nobody to page',
      '1:00 skipped team, alice only the owner is there',
    ]);
    expect(it.log('1:00')).toEqual(['1:00 dan sms+push: asked-to-help']);
  });

  test('whose every method fails are passed over at once', () => {
    const it = incident({ outcome: ({ who }) => (who === 'dan' ? { fails: 'bad-address' } : 'sent') });
    it.acknowledge('alice');
    it.advanceTo('1:00');
    ask(it, 'alice', line('team', 'dan', 'fay'));
    expect(it.log('1:00')).toContain('1:00 fay sms+push: asked-to-help');
  });

  test('are asked once: who is being paged, has it, or stands there twice is left out', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('1:00');
    ask(it, 'alice', line('dan'), line('dan'));
    expect(it.state().lines).toHaveLength(1);
    expect(ask(it, 'bob', line('dan'), line('alice'))).toMatchObject({ outcome: 'unchanged' });
    expect(it.state().lines).toHaveLength(1);
  });

  test('are at most twenty at once; finished ones make room, and the list stays bounded', () => {
    const it = incident();
    it.acknowledge('alice');
    const many = Array.from({ length: 21 }, (_, index) => line(`team ${index}`, 'dan'));
    expect(ask(it, 'alice', ...many)).toMatchObject({ outcome: 'too-many-responders' });
    expect(it.state().lines).toBeUndefined();
    for (let round = 0; round < 4; round += 1) {
      expect(ask(it, 'alice', ...many.slice(1)).outcome).toBe('responders-paged');
      it.acknowledge('dan');
    }
    expect(it.state().lines?.length).toBeLessThanOrEqual(40);
  });

  test('of steps that an outage swallowed: the one that is current now is paged', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('1:00');
    ask(it, 'alice', line('team', 'dan', 'fay', 'gil', 'bob'));
    it.outage('2:30', '14:00');
    expect(it.log('14:00').filter((text) => text.includes('asked-to-help'))).toEqual([
      '14:00 gil sms+push: asked-to-help',
    ]);
  });
});
