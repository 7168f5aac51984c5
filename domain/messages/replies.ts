import { isCode } from '../incident/code.js';

/** What a text reply asks for. */
export type Reply =
  | {
      readonly command: 'acknowledge' | 'resolve' | 'escalate' | 'take' | 'progress';
      /** The incident that is meant, in capitals; absent when the person named none. */
      readonly code?: string;
      /** The one word after an acknowledgement, in capitals, when it is as long as a code and is none: "mine", or a wrong code. */
      readonly word?: string;
    }
  /** Acknowledge every page that was delivered before this reply. */
  | { readonly command: 'all' }
  | { readonly command: 'update'; readonly code?: string; readonly text: string }
  /** A carrier's opt-out word: it stops messages, never an incident. */
  | { readonly command: 'opt-out' }
  | { readonly command: 'opt-in' }
  /** Answer with what can be said. */
  | { readonly command: 'unknown' };

/** Carriers and Twilio act on these themselves, so none can mean anything to us. Source: design, "Lessons from their code". */
export const OPT_OUT_WORDS: readonly string[] = [
  'STOP',
  'STOPALL',
  'END',
  'QUIT',
  'CANCEL',
  'UNSUBSCRIBE',
  'REVOKE',
  'OPTOUT',
];
export const OPT_IN_WORDS: readonly string[] = ['START', 'YES', 'UNSTOP'];

type Command = 'acknowledge' | 'resolve' | 'escalate' | 'take' | 'progress';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['ACK', 'acknowledge'],
  ['ACKNOWLEDGE', 'acknowledge'],
  ['ACKED', 'acknowledge'],
  ['4', 'acknowledge'],
  ['RESOLVE', 'resolve'],
  ['RESOLVED', 'resolve'],
  ['FIXED', 'resolve'],
  ['6', 'resolve'],
  ['ESCALATE', 'escalate'],
  ['8', 'escalate'],
  ['TAKE', 'take'],
  ['OK', 'progress'],
  ['OKAY', 'progress'],
]);

const UPDATE_WORDS: ReadonlySet<string> = new Set(['UPDATE', 'UPD']);
/** "ack not yet", "can't ack": better asked back than taken for an acknowledgement. */
const NEGATIONS: ReadonlySet<string> = new Set(['NOT', 'NO', 'DONT', 'CANT', 'CANNOT', 'WONT', 'NEVER']);
/** An update is a sentence or two. */
const LONGEST_UPDATE = 1_000;

/**
 * What a person means by a text message. Upper and lower case, Unicode spaces, full-width letters and punctuation around
 * the words do not matter; only the first line counts, but for the text of an update.
 */
export function parseReply(text: string): Reply {
  const readable = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim();
  const firstLine = readable.split(/[\n\r\u2028\u2029]/).find((line) => wordsOf(line).length > 0) ?? '';
  const words = wordsOf(firstLine);
  const [first, ...rest] = words;
  if (first === undefined) return { command: 'unknown' };
  if (OPT_OUT_WORDS.includes(first)) return { command: rest.length === 0 ? 'opt-out' : 'unknown' };
  if (OPT_IN_WORDS.includes(first)) return { command: rest.length === 0 ? 'opt-in' : 'unknown' };
  if (UPDATE_WORDS.has(first)) return update(readable);
  if (words.join(' ') === 'ALL' || words.join(' ') === 'ACK ALL') return { command: 'all' };
  if (/^(STILL )?ON IT\b/.test(words.join(' '))) {
    return about('progress', rest.slice(rest.indexOf('IT') + 1));
  }
  const command = COMMANDS.get(first);
  if (command !== undefined) return about(command, rest);
  if (isCode(first)) {
    // "7KQ2 resolve" as well as a bare code.
    const [second, ...others] = rest;
    if (second === undefined) return { command: 'acknowledge', code: first };
    const meant = COMMANDS.get(second);
    return meant === undefined || others.length > 0
      ? { command: 'unknown' }
      : { command: meant, code: first };
  }
  const glued = /^ACK(.{4})$/.exec(first)?.[1];
  if (glued !== undefined && isCode(glued) && rest.length === 0)
    return { command: 'acknowledge', code: glued };
  return { command: 'unknown' };
}

/**
 * A command and what follows it. A code names the incident. Friendly words after an acknowledgement are let pass ("ack,
 * looking"), but never something that may be a mistyped code or a no; what passes an incident on or closes it is exact.
 */
function about(command: Command, rest: readonly string[]): Reply {
  const [first, ...others] = rest;
  if (first === undefined) return { command };
  if (isCode(first)) {
    return others.some(refuses) ? { command: 'unknown' } : { command, code: first };
  }
  // 7KO2 for 7KQ2: no word of any language. It is looked for, and answered as the code of nothing.
  if (others.length === 0 && LIKE_A_CODE.test(first) && /\d/.test(first)) return { command, code: first };
  const friendly = command === 'acknowledge' || command === 'progress';
  if (!friendly || rest.some(refuses)) return { command: 'unknown' };
  return others.length === 0 && LIKE_A_CODE.test(first) ? { command, word: first } : { command };
}

const LIKE_A_CODE = /^[A-Z0-9]{4}$/;

function refuses(word: string): boolean {
  return /\d/.test(word) || NEGATIONS.has(word) || OPT_OUT_WORDS.includes(word) || COMMANDS.has(word);
}

function update(readable: string): Reply {
  const body = readable.replace(/^[^\p{L}\p{N}]*[\p{L}]+[^\p{L}\p{N}]*/u, '');
  const code = /^[\p{L}\p{N}]+/u.exec(body)?.[0]?.toUpperCase();
  if (code !== undefined && isCode(code)) {
    const text = body.slice(code.length).replace(/^[\s:,.;–—-]+/, '');
    return text === ''
      ? { command: 'unknown' }
      : { command: 'update', code, text: text.slice(0, LONGEST_UPDATE) };
  }
  return body === '' ? { command: 'unknown' } : { command: 'update', text: body.slice(0, LONGEST_UPDATE) };
}

/** The words of a line in capitals; whatever is neither letter nor digit parts them. */
function wordsOf(line: string): string[] {
  return line
    .toUpperCase()
    .replace(/['’]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
