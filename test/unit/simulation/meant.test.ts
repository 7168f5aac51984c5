import { expect, test } from 'vitest';
import { play } from './support.js';

const TWO = [
  'until: 30:00',
  'alerts:',
  '  - { at: 0:00, fires: [disk] }',
  '  - { at: 2:00, fires: [queue], group: B }',
];

/** What the answers came to: who, of which incident, what they heard. */
async function answersTo(...lines: readonly string[]): Promise<readonly string[]> {
  const { simulation, problems } = await play(...lines);
  expect(problems).toEqual([]);
  return simulation.answers.map(
    ({ userId, incident, outcome, sentence }) => `${userId} [${incident}] ${outcome}: ${sentence}`,
  );
}

test('a key press means the incident of the call, whatever else is open', async () => {
  const answers = await answersTo(...TWO, 'answers:', '  - alice acks by call 5s after the 3rd call');
  // Her calls: A's at 1:00, then of 3:00 A's and B's.
  expect(answers).toEqual([expect.stringMatching(/^alice \[B\] acknowledged: You have it/)]);
  const first = await answersTo(...TWO, 'answers:', '  - alice acks by call 5s after the call');
  expect(first).toEqual([expect.stringMatching(/^alice \[A\] acknowledged/)]);
});

test('a button means the incident whose message was opened, also one that somebody else has', async () => {
  const answers = await answersTo(
    ...TWO,
    'answers:',
    '  - alice acks by sms at 0:30 in A',
    '  - alice acks by link at 2:30',
  );
  expect(answers[1]).toMatch(/^alice \[B\] acknowledged/);
});

test('a reply to what is over hears so, with what is open', async () => {
  const over = [
    'until: 80:00',
    'alerts:',
    '  - { at: 0:00, fires: [disk] }',
    '  - { at: 10:00, resolves: all }',
    '  - { at: 50:00, fires: [queue], group: B }',
    'answers:',
    '  - alice acks by sms at 2:00',
  ];
  const answers = await answersTo(
    ...over,
    '  - alice acks by sms at 45:00',
    '  - alice acks by sms at 51:00 in A',
    '  - alice acks by sms at 52:00',
  );
  expect(answers.slice(1)).toEqual([
    'alice [] nothing-open: Nothing of yours is open; nothing was done.',
    expect.stringMatching(/^alice \[A\] over: That incident is over; open now: \w{4} .*queue is failing\.$/),
    expect.stringMatching(/^alice \[B\] acknowledged: You have it/),
  ]);
});
