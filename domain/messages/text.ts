/** Control, format (zero-width, direction marks), private and lone-surrogate characters: nothing a person reads. */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
/** Format characters without which emoji and Indic scripts fall apart: the zero-width joiner and non-joiner. */
const JOINERS = /[\u200c\u200d]/;

/**
 * One line of plain text from whatever a sender wrote: line breaks and Unicode spaces become single spaces, characters
 * that cannot be seen (and would forge lines, headers or reading direction) are dropped.
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Z}\u0085]+/gu, ' ')
    .replace(UNREADABLE, (character) => (JOINERS.test(character) ? character : ''))
    .trim();
}

/** The text in at most `max` characters (code points, 1 or more); what was cut off ends in `…`. */
export function cut(text: string, max: number, mark = '…'): string {
  const characters = [...text];
  if (characters.length <= max) return text;
  const kept = characters.slice(0, Math.max(0, max - mark.length)).join('');
  return `${kept.trimEnd()}${mark}`;
}

/** A sentence of parts that may be empty, joined by single spaces. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

/** A full stop at the end unless the text ends its sentence itself. */
export function asSentence(text: string): string {
  const line = oneLine(text);
  return line === '' || /[.!?…:]$/.test(line) ? line : `${line}.`;
}

/** "alice", "alice and bob", "alice, bob and carol"; "nobody" for an empty list. */
export function listed(names: readonly string[]): string {
  const clean = names.map(oneLine);
  const last = clean.at(-1);
  if (last === undefined) return 'nobody';
  return clean.length === 1 ? last : `${clean.slice(0, -1).join(', ')} and ${last}`;
}
