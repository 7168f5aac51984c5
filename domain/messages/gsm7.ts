/**
 * The GSM 7-bit alphabet of text messages: 160 of its characters fit one segment, 153 each of several. One character
 * outside of it turns the whole message into UCS-2: 70, then 67. Source: 3GPP TS 23.038.
 */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Each of these takes two places. */
const EXTENDED = new Set('^{}\\[~]|€');

const REPLACED: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '‐': '-',
  '‑': '-',
  '−': '-',
  '…': '...',
  '→': '->',
  '←': '<-',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '×': 'x',
  '·': '-',
  '•': '-',
  '`': "'",
  '´': "'",
  '°': ' deg',
  µ: 'u',
  μ: 'u',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  œ: 'oe',
  Œ: 'OE',
};

/** One segment in GSM 7-bit; the next size up is two segments. */
export const ONE_SEGMENT = 160;
export const TWO_SEGMENTS = 306;

/** Whether every character is in the GSM 7-bit alphabet. */
export function isGsm7(text: string): boolean {
  return [...text].every((character) => BASIC.has(character) || EXTENDED.has(character));
}

/** Places that the text takes; counts UTF-16 units when it does not fit the alphabet. */
export function smsLength(text: string): number {
  if (!isGsm7(text)) return text.length;
  return [...text].reduce((length, character) => length + (EXTENDED.has(character) ? 2 : 1), 0);
}

/**
 * The text in the GSM 7-bit alphabet: typographic signs become plain ones, accents that the alphabet lacks are dropped,
 * emoji vanish. What has no equivalent (another script) becomes `?`.
 */
export function toGsm7(text: string): string {
  return [...text]
    .map((character) => {
      if (BASIC.has(character) || EXTENDED.has(character)) return character;
      const replaced = REPLACED[character];
      if (replaced !== undefined) return replaced;
      if (/[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\u200c\u200d]/u.test(character)) return '';
      const plain = [...character.normalize('NFKD')].filter((part) => BASIC.has(part)).join('');
      return plain === '' ? '?' : plain;
    })
    .join('')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** In the GSM 7-bit alphabet, unless that would leave question marks where a person could have read something. */
export function readable(text: string): string {
  const plainText = toGsm7(text);
  const lost = [...plainText].filter((character) => character === '?').length;
  const asked = [...text].filter((character) => character === '?').length;
  return (lost - asked) * 4 > [...text].length ? text : plainText;
}
