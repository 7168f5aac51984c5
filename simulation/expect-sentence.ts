import { closest } from '../config/closest.js';
import type { Channel } from '../domain/incident/event.js';
import type { Milliseconds } from '../domain/time/instant.js';
import { readSentence, SentenceError, type Read, type WordReader } from './sentence.js';

/** From and to, both included; or these moments, to the second. */
export type Moments =
  | { readonly kind: 'range'; readonly fromMs: Milliseconds; readonly toMs: Milliseconds }
  | { readonly kind: 'at'; readonly offsetsMs: readonly Milliseconds[] };

/** Ways of being contacted, by what a sentence calls them. */
export interface Reach {
  readonly kind: 'page' | 'notice' | 'any';
  readonly channel: Channel | null;
}

/** What becomes of an incident, by what a sentence calls it; the types of timeline entry that say so. */
const TURNS = {
  acknowledged: ['acknowledged'],
  mitigated: ['mitigated'],
  monitored: ['monitoring'],
  reopened: ['reopened'],
  resolved: ['resolved'],
  escalated: ['escalated'],
  closed: ['closed'],
  published: ['postmortem-published'],
  snoozed: ['snoozed'],
  unacknowledged: ['unacknowledged'],
  reassigned: ['reassigned'],
  joined: ['joined'],
} as const;

export type TurnWord = keyof typeof TURNS;

/** The types of timeline entry that say that it became this. */
export function entriesOf(turn: TurnWord): readonly string[] {
  return TURNS[turn];
}

/** Something that must be so in a simulation. `when` counts from the beginning. */
export type Expectation = {
  readonly when: Moments;
  /** It must not be so. */
  readonly not: boolean;
} & (
  | {
      readonly kind: 'contact';
      /** Null: anybody. */
      readonly who: readonly string[] | null;
      /** Of `who` null: not counting these. */
      readonly but: readonly string[];
      readonly reach: Reach;
      /** So often within `when`; null: at least once. */
      readonly times: number | null;
      /** The reason of the page, or what the notice says, e.g. `no-progress`. */
      readonly why: string | null;
    }
  | { readonly kind: 'turn'; readonly turn: TurnWord }
  /** Some entry of the timeline has this in its words. */
  | { readonly kind: 'timeline'; readonly text: string }
  /** The person is told this in answer to what they did. */
  | { readonly kind: 'hears'; readonly who: string; readonly text: string }
  /** At some moment of `when`; null: nobody has it, at no moment of it. */
  | { readonly kind: 'owner'; readonly who: string | null }
);

const REACHES: Readonly<Record<string, Reach>> = {
  contacted: { kind: 'any', channel: null },
  paged: { kind: 'page', channel: null },
  told: { kind: 'notice', channel: null },
  called: { kind: 'any', channel: 'voice' },
  texted: { kind: 'any', channel: 'sms' },
  mailed: { kind: 'any', channel: 'email' },
  emailed: { kind: 'any', channel: 'email' },
  pushed: { kind: 'any', channel: 'push' },
};

const REACH_WORDS =
  'paged (by any method), called (by phone), texted, mailed, pushed, told (a message that is no page) or contacted (anything)';

const ALWAYS: Moments = { kind: 'range', fromMs: 0, toMs: Number.POSITIVE_INFINITY };

const EXAMPLE =
  'Write it like "erin paged by 20:00", "nobody after 2:00", "alice not called" or "resolved at 70:00".';

/** Reads `erin called by 21:00`, `nobody but alice paged`, `alice told at 25:40 because still-on-it`, `timeline says "…"`. */
export function readExpectation(text: string): Read<Expectation> {
  return readSentence(text, (words) => {
    const first = words.peek();
    if (first === null) throw new SentenceError('is empty', EXAMPLE);
    if (words.take('timeline') !== null) return readTimeline(words);
    const not = words.take('never', 'not') !== null;
    const turn = words.take(...Object.keys(TURNS));
    if (turn !== null) return { kind: 'turn', turn: turn as TurnWord, not, when: readEnd(words, {}) };
    if (not) throw new SentenceError(`says "${words.peek() ?? ''}" after "not"`, EXAMPLE);
    if (words.take('nobody', 'noone') !== null) {
      if (words.take('has') === null) return readContact(words, null, true);
      words.take('it');
      return { kind: 'owner', who: null, not: false, when: readEnd(words, {}) };
    }
    if (words.take('somebody', 'anybody') !== null) return readContact(words, null, false);
    const who = readNames(words);
    const [only, another] = who;
    if (only !== undefined && another === undefined) {
      if (words.take('hears') !== null) {
        const said = quotedText(words, 'alice hears "You have it"');
        return { kind: 'hears', who: only, text: said, not: false, when: readEnd(words, {}) };
      }
      if (words.take('has') !== null) {
        words.take('it');
        return { kind: 'owner', who: only, not: false, when: readEnd(words, {}) };
      }
    }
    return readContact(words, who, false);
  });
}

function readTimeline(words: WordReader): Expectation {
  const not = words.take('never', 'not') !== null;
  if (words.take('says') === null)
    throw new SentenceError('does not go on with "says"', 'Write: timeline says "skipped primary" at 0:00.');
  const text = quotedText(words, 'timeline says "skipped primary" at 0:00');
  return { kind: 'timeline', text, not, when: readEnd(words, {}) };
}

function quotedText(words: WordReader, example: string): string {
  const text = words.quoted();
  if (text === null || text === '')
    throw new SentenceError('does not say which words', `Put them into double quotes: ${example}.`);
  return text;
}

/** `alice`, `alice and bob`, `alice, bob`. */
function readNames(words: WordReader): readonly string[] {
  const names: string[] = [];
  for (;;) {
    const word = words.next();
    if (word === null) throw new SentenceError('ends before it says who', EXAMPLE);
    names.push(word.replace(/,$/, ''));
    if (!word.endsWith(',') && words.take('and') === null) return names;
  }
}

function readContact(words: WordReader, who: readonly string[] | null, nobody: boolean): Expectation {
  const but = nobody && words.take('but', 'except') !== null ? readNames(words) : [];
  if (!nobody) words.take('is', 'are');
  const not = nobody || words.take('not', 'never') !== null;
  const word = words.peek()?.toLowerCase() ?? null;
  let reach = REACHES['contacted'];
  if (word !== null && word in REACHES) {
    reach = REACHES[word];
    words.next();
  } else if (word !== null && !BEGINS_END.includes(word)) {
    const meant = closest(word, [...Object.keys(REACHES), ...Object.keys(TURNS), 'hears', 'has']);
    throw new SentenceError(
      `"${word}" is nothing that can be expected`,
      meant === undefined ? `Write ${REACH_WORDS}. ${EXAMPLE}` : `Did you mean ${meant}? ${EXAMPLE}`,
    );
  } else if (!not) {
    throw new SentenceError('does not say what is expected', `Write ${REACH_WORDS}. ${EXAMPLE}`);
  }
  const found: { times?: number; why?: string } = {};
  const when = readEnd(words, found);
  if (reach === undefined) throw new SentenceError('does not say what is expected', EXAMPLE);
  if (not && found.times !== undefined)
    throw new SentenceError('counts what must not be', 'Leave out either "not" or the number of times.');
  return { kind: 'contact', who, but, reach, not, when, times: found.times ?? null, why: found.why ?? null };
}

const BEGINS_END = ['at', 'by', 'before', 'after', 'from', 'between', 'once', 'twice', 'because', 'within'];

/** `at 1:00 and 3:00`, `by 20:00`, `after 2:00`, `from 1:00 to 5:00`, `twice`, `3 times`, `because no-progress`. */
function readEnd(words: WordReader, found: { times?: number; why?: string }): Moments {
  let when: Moments | null = null;
  const set = (moments: Moments): void => {
    if (when !== null) throw new SentenceError('says twice when', EXAMPLE);
    when = moments;
  };
  const range = (fromMs: Milliseconds, toMs: Milliseconds): Moments => {
    if (toMs < fromMs) throw new SentenceError('ends before it begins', 'Write the earlier time first.');
    return { kind: 'range', fromMs, toMs };
  };
  for (let word = words.peek(); word !== null; word = words.peek()) {
    if (words.take('at') !== null) {
      const offsetsMs = [words.offset('at')];
      while (words.take('and') !== null || /^\d+(?::\d\d)+,?$/.test(words.peek() ?? ''))
        offsetsMs.push(words.offset('and'));
      set({ kind: 'at', offsetsMs });
    } else if (words.take('by', 'within') !== null) set(range(0, words.offset('by')));
    else if (words.take('before') !== null) set(range(0, words.offset('before') - 1));
    // To the second, as everything here: what is done in that very second is not after it.
    else if (words.take('after') !== null)
      set(range(words.offset('after') + 1_000, Number.POSITIVE_INFINITY));
    else if (words.take('from', 'between') !== null) {
      const fromMs = words.offset('from');
      if (words.take('to', 'and', 'until') === null)
        throw new SentenceError('does not say until when', 'Write: from 1:00 to 5:00.');
      set(range(fromMs, words.offset('to')));
    } else if (words.take('once') !== null) found.times = 1;
    else if (words.take('twice') !== null) found.times = 2;
    else if (words.take('because') !== null)
      found.why = (words.quoted() ?? words.next() ?? '').replace(/,$/, '');
    else if (/^\d{1,4}$/.test(word)) {
      words.next();
      if (words.take('times', 'time') === null)
        throw new SentenceError(`has the number ${word} without "times"`, EXAMPLE);
      found.times = Number(word);
    } else throw new SentenceError(`"${word}" does not fit there`, EXAMPLE);
  }
  return when ?? ALWAYS;
}
