import { describe, expect, test } from 'vitest';
import { meantBy, meantByBundle, type ReplyAction } from '../../../domain/replies/meant-by.js';

/** An incident of each letter, A the oldest. */
function listed(letters: string) {
  return [...letters].map((letter) => ({ openingId: letter, startedAt: letter.charCodeAt(0) }));
}

/** `acknowledge A`; `which of A, B`, with `or all`; `others: A`; `none`. */
function meant(action: ReplyAction, paged: string, owned: string, involved: string): string {
  const found = meantBy(action, { paged: listed(paged), owned: listed(owned), involved: listed(involved) });
  switch (found.kind) {
    case 'one':
      return `${found.action} ${found.incident.openingId}`;
    case 'several':
      return `which of ${found.incidents.map(({ openingId }) => openingId).join('')}${found.all ? ' or all' : ''}`;
    case 'others':
      return `others: ${found.incidents.map(({ openingId }) => openingId).join('')}`;
    case 'none':
      return 'none';
  }
}

describe('a reply without a code means', () => {
  test.each<[ReplyAction, string, string, string, string]>([
    // action, waiting for them, theirs, having to do with them
    ['acknowledge', 'B', 'A', 'ABC', 'acknowledge B'],
    ['acknowledge', 'BA', '', 'AB', 'which of AB or all'],
    ['acknowledge', '', 'A', 'AB', 'acknowledge A'],
    ['acknowledge', '', 'AB', 'AB', 'which of AB'],
    // Scenario 3: told who has it.
    ['acknowledge', '', '', 'A', 'acknowledge A'],
    ['acknowledge', '', '', 'AB', 'which of AB'],
    ['acknowledge', '', '', '', 'none'],
    ['progress', 'B', 'A', 'AB', 'progress A'],
    ['progress', 'B', '', 'AB', 'acknowledge B'],
    ['progress', 'AB', '', 'AB', 'which of AB or all'],
    ['progress', '', '', 'A', 'acknowledge A'],
    ['progress', '', 'AB', 'AB', 'which of AB'],
    ['take', '', 'B', 'AB', 'take A'],
    ['take', '', '', 'A', 'take A'],
    ['take', 'A', 'B', 'AB', 'take A'],
    ['take', 'A', '', 'AB', 'which of AB'],
    ['take', '', 'A', 'A', 'take A'],
    ['take', '', '', '', 'none'],
    // The list of those involved is bounded: who fell off it still has the page.
    ['take', 'A', '', '', 'take A'],
    ...(['resolve', 'escalate', 'update'] as const).flatMap(
      (action): [ReplyAction, string, string, string, string][] => [
        [action, 'A', '', 'AB', `${action} A`],
        [action, '', 'B', 'AB', `${action} B`],
        [action, 'B', 'A', 'AB', 'which of AB'],
        [action, 'A', 'A', 'A', `${action} A`],
        [action, '', '', 'A', 'others: A'],
        [action, '', '', 'BA', 'others: AB'],
        [action, '', '', '', 'none'],
      ],
    ),
  ])('%s with waiting %j, own %j, involved %j: %s', (action, paged, owned, involved, expected) => {
    expect(meant(action, paged, owned, involved)).toBe(expected);
  });
});

describe('a bare acknowledgement that answers a message about several incidents takes', () => {
  test.each<[paged: string, bundle: string, sentAfter: string, expected: string]>([
    ['ABC', 'BC', 'C', 'BC but not A'],
    // Whoever else was answered is no longer asked about.
    ['AC', 'BC', 'C', 'C but not A'],
    ['CB', 'BC', 'C', 'BC'],
    // What opened after it left may be what the person has just read about.
    ['BCD', 'BC', 'C', 'what it says'],
    ['ABCD', 'BC', 'D', 'BC but not AD'],
    ['AD', 'BC', 'D', 'what it says'],
    // One is one.
    ['B', 'BC', 'C', 'what it says'],
    ['', 'BC', 'C', 'what it says'],
  ])('with %j waiting, %j in the message, sent after %s opened: %s', (paged, bundle, sentAfter, expected) => {
    const last = { openingIds: [...bundle], sentAt: sentAfter.charCodeAt(0) };
    const found = meantByBundle({ paged: listed(paged) }, last);
    const names = (incidents: readonly { readonly openingId: string }[] = []) =>
      incidents.map(({ openingId }) => openingId).join('');
    const others = names(found?.others);
    const words = `${names(found?.incidents)}${others === '' ? '' : ` but not ${others}`}`;
    expect(found === null ? 'what it says' : words).toBe(expected);
    expect(meantByBundle({ paged: listed(paged) }, null)).toBeNull();
  });
});
