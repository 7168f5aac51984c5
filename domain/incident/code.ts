/** Digits and capitals that nobody confuses by eye or ear: no 0 and O, no 1, I and L, no U. */
export const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
export const CODE_LENGTH = 4;

/**
 * The short code by which people mean an incident. Stable for an opening id. Always has a digit and a letter and never
 * begins with ACK, so that it is no command (`TAKE`, `ACK4`), no word and no number: about 570,000 codes are left, and
 * two open incidents with the same one are told apart by asking.
 */
export function codeOf(openingId: string): string {
  for (let round = 0; ; round += 1) {
    const code = spell(hash(`${round}:${openingId}`));
    if (isCode(code)) return code;
  }
}

/** Whether a text (capitals) is a code that {@link codeOf} may give. */
export function isCode(text: string): boolean {
  return (
    text.length === CODE_LENGTH &&
    [...text].every((character) => CODE_ALPHABET.includes(character)) &&
    /[2-9]/.test(text) &&
    /[A-Z]/.test(text) &&
    !text.startsWith('ACK')
  );
}

/** The characters of a code for reading aloud: "7, K, Q, 2". */
export function spelled(code: string): string {
  return [...code].join(', ');
}

function spell(value: number): string {
  let rest = value;
  let code = '';
  for (let place = 0; place < CODE_LENGTH; place += 1) {
    code += CODE_ALPHABET[rest % CODE_ALPHABET.length] ?? '';
    rest = Math.floor(rest / CODE_ALPHABET.length);
  }
  return code;
}

/** FNV-1a over UTF-16 units with a final mix (murmur3's), so that neighbouring ids get codes that look different. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b) >>> 0;
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35) >>> 0;
  return (value ^ (value >>> 16)) >>> 0;
}
