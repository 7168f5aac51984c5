import { createHash } from 'node:crypto';

/**
 * The number from which this person is written to and called: always the same, so that their phone knows it, lets it through
 * at night, and keeps one thread of messages. Each number is drawn a lot with each person, and the highest wins (rendezvous
 * hashing): a number more or less moves only those people whose number it becomes or was. The order does not matter.
 */
export function numberFor(numbers: readonly [string, ...string[]], userId: string): string {
  const [first, ...others] = numbers;
  return others.reduce((best, number) => (lot(number, userId) > lot(best, userId) ? number : best), first);
}

function lot(number: string, userId: string): string {
  return createHash('sha256').update(`${number}\n${userId}`).digest('hex');
}

/** A name for what has a rate of its own that does not show the number. */
export function paceKey(kind: string, of: string): string {
  return `${kind}:${createHash('sha256').update(of).digest('hex').slice(0, 16)}`;
}
