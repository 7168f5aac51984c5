import { describe, expect, test } from 'vitest';
import { answerTo, updateIdOf } from '../../../domain/incident/asked.js';
import type { PersonAction } from '../../../domain/incident/event.js';
import { BOUNDS } from '../../../domain/incident/state.js';
import { incident } from './fixtures.js';

const ASKED = {
  requestId: 'api:1',
  requestHash: 'one',
  openingId: 'o1',
  by: { kind: 'user', id: 'alice', name: 'alice' },
  via: 'api',
} as const;

describe('a request id that comes again', () => {
  test('with the same request is answered the same, whatever a reload of the configuration made of it', () => {
    const it = incident();
    const first = it.acts('alice', { ...ASKED, action: 'reassign', to: 'bob', toName: 'Bob' });
    const again = it.acts('alice', { ...ASKED, action: 'reassign', to: 'bob', toName: 'Robert' });
    expect(again).toEqual(first);
    expect(it.timeline('reassigning')).toHaveLength(1);
  });

  test.each<[string, Partial<PersonAction> & Pick<PersonAction, 'action'>]>([
    ['another action', { action: 'resolve' }],
    ['the same action with other words', { action: 'note', text: 'two' }],
    [
      'the same in the name of somebody else',
      { action: 'note', text: 'one', by: { kind: 'user', id: 'bob', name: 'bob' } },
    ],
  ])('for %s does nothing and says so', (_what, other) => {
    const it = incident();
    it.acts('alice', { ...ASKED, action: 'note', text: 'one' });
    const before = it.state();
    const action = { ...ASKED, ...other, requestHash: 'another' } as PersonAction;
    it.feed({ type: 'action', action });
    expect(it.state()).toEqual(before);
    expect(answerTo(it.state(), action)).toMatchObject({ outcome: 'key-reused' });
    // The first one still has its answer.
    const first = { ...ASKED, action: 'note', text: 'one' } as const;
    expect(answerTo(it.state(), first)).toEqual({ outcome: 'noted', sentence: 'Noted.' });
  });

  test('by signal for something else is told once to the person who was promised a confirmation', () => {
    const it = incident();
    it.acts('alice', { ...ASKED, action: 'note', text: 'one' });
    it.advanceTo('0:30');
    for (let times = 0; times < 3; times += 1)
      it.feed({
        type: 'action',
        action: { ...ASKED, requestHash: 'another', action: 'acknowledge', confirm: true },
      });
    expect(it.state().owner).toBeNull();
    expect(it.log('0:30')).toEqual(['0:30 alice (sms): confirmation']);
    expect(it.contacts.at(-1)?.command.message.parts).toMatchObject([
      { sentence: 'This request id was used before, for something else; nothing was done.' },
    ]);
  });

  test('is a repetition when it is the id of an SMS, which may be read in another light', () => {
    const it = incident();
    const { requestHash: _, ...asked } = ASKED;
    const sms = { ...asked, requestId: 'sms:SM1', via: 'sms' } as const;
    const first = it.acts('alice', { ...sms, action: 'acknowledge' });
    const again: PersonAction = { ...sms, action: 'progress' };
    it.feed({ type: 'action', action: again });
    expect(answerTo(it.state(), again)).toEqual(first);
  });
});

test('Temporal knows a repeated update again by what it asks for, where its sender chose the id', () => {
  const ack: PersonAction = { ...ASKED, action: 'acknowledge' };
  expect(updateIdOf(ack)).toBe('api:1:one');
  expect(updateIdOf({ ...ack, confirm: true, via: 'cli' })).toBe('api:1:one');
  expect(updateIdOf({ ...ack, requestHash: 'another' })).toBe('api:1:another');
  const { requestHash: _, ...ours } = ack;
  expect(updateIdOf({ ...ours, requestId: 'sms:SM1', via: 'sms' })).toBe('sms:SM1');
});

describe('a thousand notes', () => {
  test('keep the state small and leave what happened in the timeline; whoever writes more is told', () => {
    const it = incident();
    it.advanceTo('6:00');
    it.acknowledge('alice');
    const happened = it.state().timeline.length;
    const answers = Array.from({ length: 1_000 }, (_, index) =>
      it.acts('alice', { action: 'note', text: `${index} ${'x'.repeat(2_000)}` }),
    );
    const { timeline, timelineDropped } = it.state();
    expect(timeline.filter(({ type }) => type === 'note')).toHaveLength(BOUNDS.notes);
    expect(timeline.filter(({ type }) => type !== 'note')).toHaveLength(happened);
    expect(timeline.at(-1)).toMatchObject({ text: expect.stringMatching(/^999 x/) as string });
    expect(timelineDropped).toBe(1_000 - BOUNDS.notes);
    expect(answers[BOUNDS.notes - 1]?.sentence).toBe('Noted.');
    expect(answers[BOUNDS.notes]?.sentence).toBe(
      'Noted. The timeline has room for 200 notes: its oldest one was dropped for it.',
    );
    expect(JSON.stringify(it.state()).length).toBeLessThan(600_000);
  });
});

test('of two people who acknowledge in the same millisecond one has it, and the other hears who', () => {
  const it = incident();
  it.advanceTo('5:30');
  const answers = [it.acknowledge('alice'), it.acknowledge('bob')];
  expect(answers.map(({ outcome }) => outcome)).toEqual(['acknowledged', 'already-owned']);
  expect(answers[1]?.sentence).toBe(
    `alice has had it since 10:05 UTC; reply TAKE ${it.state().code} to take over.`,
  );
  expect(it.timeline('acknowledged', 'also-acknowledged')).toEqual([
    '5:30 acknowledged alice sms 330000',
    '5:30 also-acknowledged bob sms alice',
  ]);
});
