import type { Words } from '../config/schema/words.js';
import type { Channel } from '../domain/incident/event.js';
import type { Milliseconds } from '../domain/time/instant.js';
import { OFFSET_WORDS, parseOffset } from './offsets.js';

/** A sentence that can't be understood: what is wrong with it, and how to mend it. */
export class SentenceError extends Error {
  readonly words: Words;

  constructor(message: string, remedy: string) {
    super(message);
    this.words = { message, remedy };
  }
}

/** What was read of a sentence, or why it can't be. */
export type Read<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Words);

/** Reads a sentence; what its reader throws as {@link SentenceError} becomes words. */
export function readSentence<T>(text: string, read: (words: WordReader) => T): Read<T> {
  try {
    return { ok: true, value: read(createWordReader(text)) };
  } catch (error) {
    if (error instanceof SentenceError) return { ok: false, ...error.words };
    throw error;
  }
}

/** The words of a sentence one after the other. Texts in double quotes are one word. */
export interface WordReader {
  peek(): string | null;
  next(): string | null;
  /** Takes the next word when it is one of these (in any case); says which. */
  take(...choices: readonly string[]): string | null;
  /** Takes the next word when it stands in quotes: without them. */
  quoted(): string | null;
  /** The next word as a time from the beginning. */
  offset(after: string): Milliseconds;
}

function createWordReader(text: string): WordReader {
  const words = text.match(/"[^"]*"|[^\s"]+/g) ?? [];
  let index = 0;
  const peek = (): string | null => words[index] ?? null;
  const next = (): string | null => {
    const word = peek();
    if (word !== null) index += 1;
    return word;
  };
  return {
    peek,
    next,
    take(...choices) {
      const word = peek()?.toLowerCase();
      if (word === undefined || !choices.includes(word)) return null;
      index += 1;
      return word;
    },
    quoted() {
      const word = peek();
      if (word === null || !word.startsWith('"')) return null;
      index += 1;
      return word.slice(1, -1);
    },
    offset(after) {
      const word = next();
      if (word === null) throw new SentenceError(`ends after "${after}"`, `Write ${OFFSET_WORDS} after it.`);
      if (/^-/.test(word))
        throw new SentenceError(
          `says "${word}", a time before the beginning`,
          'Count from the first alert: 0:00 is the earliest.',
        );
      const offset = parseOffset(word.replace(/,$/, ''));
      if (offset === null) throw new SentenceError(`"${word}" is not a time`, `Write ${OFFSET_WORDS}.`);
      return offset;
    },
  };
}

/** What people call the ways in which they are reached. */
export const CHANNEL_WORDS: Readonly<Record<string, Channel>> = {
  sms: 'sms',
  text: 'sms',
  call: 'voice',
  voice: 'voice',
  phone: 'voice',
  key: 'voice',
  email: 'email',
  mail: 'email',
  push: 'push',
  chat: 'chat',
  webhook: 'webhook',
};

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** `2nd`, `second`; null when the word is no ordinal. */
export function ordinalOf(word: string): number | null {
  const named = ORDINALS.indexOf(word.toLowerCase());
  if (named >= 0) return named + 1;
  const [, digits] = /^(\d{1,3})(?:st|nd|rd|th)$/i.exec(word) ?? [];
  return digits === undefined || Number(digits) === 0 ? null : Number(digits);
}
