/**
 * Text of others (titles, notes, alerts) without control characters: what somebody wrote into an alert must not move the
 * reader's cursor or colour the terminal. Line feeds become spaces.
 */
export function safe(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');
}
