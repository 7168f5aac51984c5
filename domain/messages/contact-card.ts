import { contentLine, textValue } from '../calendar/content-lines.js';

/** What stands with the numbers in a phone's address book. */
const NOTE = 'Pages, calls and texts when you are on call. Let this contact through "do not disturb".';

/** A vCard with the numbers (E.164) that people are written to and called from. Source: RFC 2426 (version 3.0, which phones read). */
export function contactCard(name: string, numbers: readonly string[]): string {
  const shown = textValue(name);
  return [
    contentLine('BEGIN', 'VCARD'),
    contentLine('VERSION', '3.0'),
    contentLine('FN', shown),
    contentLine('N', `${shown};;;;`),
    ...numbers.map((number) => contentLine('TEL;TYPE=CELL,VOICE', number)),
    contentLine('NOTE', textValue(NOTE)),
    contentLine('END', 'VCARD'),
  ].join('');
}
