import { expect, it } from 'vitest';
import { handicapOf, type Circumstances } from '../../../activities/pacing/precedence.js';
import type { Letter } from '../../../domain/messages/letter.js';
import { notice, page } from '../messages/fixtures.js';

const first: Circumstances = { attempt: 1, again: false, severityRank: 1 };
const letter = (topic: Letter['topic']): Letter => ({
  kind: 'letter',
  topic,
  id: 'x',
  subject: 'x',
  short: 'x',
  body: ['x'],
  validForMs: 60_000,
});

it('first pages go before repeats, repeats before what is only to be known, and the worse severity before the lesser', () => {
  const inOrder = [
    handicapOf(page(), first),
    handicapOf(page(), { ...first, severityRank: 2 }),
    handicapOf(page(), { ...first, severityRank: 4 }),
    handicapOf(page(), { ...first, again: true }),
    handicapOf(page(), { ...first, again: true, severityRank: 3 }),
    handicapOf(notice({ type: 'resolved' }), first),
    handicapOf(notice({ type: 'resolved' }), { ...first, severityRank: 3 }),
  ];
  expect(inOrder).toEqual([...inOrder].sort((one, other) => one - other));
  expect(new Set(inOrder).size).toBe(inOrder.length);
  expect(inOrder[0]).toBe(0);
});

it('a repeat is a later try, a later round, or a page that the person was sent before', () => {
  const repeat = handicapOf(page(), { ...first, again: true });
  expect(handicapOf(page(), { ...first, attempt: 2 })).toBe(repeat);
  const round2 = page({ parts: [{ type: 'page', reason: 'not-acknowledged', tier: 'primary', round: 2 }] });
  expect(handicapOf(round2, first)).toBe(repeat);
  const nextTier = page({
    parts: [{ type: 'page', reason: 'not-acknowledged', tier: 'secondary', round: 1 }],
  });
  expect(handicapOf(nextTier, first)).toBe(0);
});

it('a page for information is a notice; of letters, those that somebody waits for go first', () => {
  const informing = page({ parts: [{ type: 'page', reason: 'for-information', tier: 'x', round: 1 }] });
  expect(handicapOf(informing, first)).toBe(handicapOf(notice({ type: 'resolved' }), first));
  expect(handicapOf(letter('verification'), first)).toBeLessThan(handicapOf(letter('morning'), first));
  expect(handicapOf(letter('verification'), first)).toBeGreaterThan(
    handicapOf(page(), { ...first, severityRank: 9 }),
  );
});
