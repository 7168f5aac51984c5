import type { Channel } from '../domain/incident/event.js';
import type { Milliseconds } from '../domain/time/instant.js';
import { readAsk, type Ask } from './ask-sentence.js';
import {
  CHANNEL_WORDS,
  ordinalOf,
  readSentence,
  SentenceError,
  type Read,
  type WordReader,
} from './sentence.js';
import { waysOf, type Way } from './ways.js';

/** When somebody acts. */
export type When =
  | { readonly kind: 'at'; readonly offsetMs: Milliseconds }
  /** So long after the nth message that reached them by this channel; null: by any. */
  | {
      readonly kind: 'after';
      readonly delayMs: Milliseconds;
      readonly channel: Channel | null;
      readonly nth: number;
    };

/** One thing that one person does. */
export interface ScriptedAnswer {
  readonly who: string;
  readonly ask: Ask;
  readonly via: Way;
  readonly when: When;
  /** Which group of alerts is meant; `all`: every open page of theirs; null: whatever a reply without a code means. */
  readonly meant: string | null;
}

const VIAS: Readonly<Record<string, Way>> = {
  sms: 'sms',
  text: 'sms',
  call: 'voice',
  voice: 'voice',
  phone: 'voice',
  key: 'voice',
  link: 'link',
  email: 'link',
  mail: 'link',
  push: 'link',
  api: 'api',
  cli: 'cli',
};

const EXAMPLE = 'Write it like "alice acks by sms at 0:40" or "bob acks by call 10s after the call".';

/** Reads `bob acks by call 10s after the 2nd call`, `alice acks by sms at 0:40`, `erin severity SEV0 by cli at 20:00 in B`. */
export function readAnswer(text: string): Read<ScriptedAnswer> {
  return readSentence(text, (words) => {
    const who = words.next();
    if (who === null) throw new SentenceError('is empty', EXAMPLE);
    const ask = readAsk(words);
    let via: Way | null = null;
    /** The word after `by`: what "after 10s" counts from. */
    let by: string | null = null;
    let when: When | null = null;
    let meant: string | null = ask.action === 'acknowledge' && words.take('all') !== null ? 'all' : null;
    const once = (known: unknown, word: string): void => {
      if (known !== null) throw new SentenceError(`says "${word}" twice`, EXAMPLE);
    };
    for (let word = words.peek(); word !== null; word = words.peek()) {
      if (words.take('by') !== null) {
        once(via, 'by');
        by = words.next()?.toLowerCase() ?? '';
        via = viaOf(by);
      } else if (words.take('at') !== null) {
        once(when, 'when');
        when = { kind: 'at', offsetMs: words.offset('at') };
      } else if (words.take('after') !== null) {
        once(when, 'when');
        when = {
          kind: 'after',
          delayMs: words.offset('after'),
          channel: CHANNEL_WORDS[by ?? ''] ?? null,
          nth: 1,
        };
      } else if (words.take('in', 'of') !== null) {
        once(meant, 'in');
        meant = words.next() ?? '';
      } else if (/^-?\d/.test(word)) {
        once(when, 'when');
        when = readDelay(words, words.offset(word));
      } else {
        throw new SentenceError(`"${word}" does not fit there`, EXAMPLE);
      }
    }
    if (when === null) throw new SentenceError('does not say when', EXAMPLE);
    return { who, ask, via: via ?? usualWay(ask), when, meant };
  });
}

/** How this is asked where a sentence does not say: by SMS, and what no SMS can ask, by the CLI. */
function usualWay(ask: Ask): Way {
  return waysOf(ask).includes('sms') ? 'sms' : 'cli';
}

function viaOf(word: string): Way {
  const via = VIAS[word];
  if (via === undefined)
    throw new SentenceError(`"${word}" is no way to answer`, `Write by ${Object.keys(VIAS).join(', ')}.`);
  return via;
}

/** `10s after the 2nd call`, the duration read already. */
function readDelay(words: WordReader, delayMs: Milliseconds): When {
  if (words.take('after') === null) throw new SentenceError('does not say after what', EXAMPLE);
  words.take('the', 'his', 'her', 'their');
  const nth = ordinalOf(words.peek() ?? '');
  if (nth !== null) words.next();
  const what = words.next()?.toLowerCase() ?? '';
  const channel = CHANNEL_WORDS[what];
  if (channel === undefined && what !== 'page' && what !== 'message')
    throw new SentenceError(
      what === '' ? 'does not say after what' : `"${what}" is nothing that reaches a person`,
      'Write after the sms, call, email, push, chat or page; of several: after the 2nd call.',
    );
  return { kind: 'after', delayMs, channel: channel ?? null, nth: nth ?? 1 };
}
