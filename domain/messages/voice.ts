import { spelled } from '../incident/code.js';
import type { BundledPage, Message } from './message.js';
import { bodySentences, firingWords, titleOf } from './parts.js';
import { asSentence, cut, oneLine } from './text.js';

/** What the keys of a call do: those of the field. Nothing else does anything. */
export const KEY_ACTIONS = { '4': 'acknowledge', '6': 'resolve', '8': 'escalate' } as const;

export type Key = keyof typeof KEY_ACTIONS;

export function isKey(digits: string): digits is Key {
  return Object.hasOwn(KEY_ACTIONS, digits);
}

/** What a half-asleep person is asked to do; the keys are those of the field: 4 ack, 6 resolve, 8 escalate. */
export const KEYS_SENTENCE = 'Press 4 to acknowledge, 6 if it is fixed, 8 to escalate.';

/** The same in a call about several incidents, which has one answer for all of them. */
export const BUNDLE_KEYS_SENTENCE = 'Press 4 to acknowledge all of them.';

/** What a call asks for. */
export function keysSentence(message: Message): string {
  return message.bundle === undefined ? KEYS_SENTENCE : BUNDLE_KEYS_SENTENCE;
}

/** The end of a call without an answer. What happens next is not for it to say: somebody else may have it by now. */
export const GOODBYE_SENTENCE = 'No key was pressed. Goodbye.';

/** The spoken sentences of a page, without the request for a key. Short: about 15 seconds. */
export function spokenPage(message: Message): readonly string[] {
  if (message.bundle !== undefined) return spokenBundle(message.bundle.pages);
  const page = message.parts.some((part) => part.type === 'page' && part.reason !== 'alert');
  return [
    `This is Tocsin with a ${spokenWord(message.severity)} incident on ${spokenWord(message.service)}.`,
    asSentence(spokenWord(titleOf(message, 120))),
    ...(page || message.kind === 'notice' ? bodySentences(message) : []),
    ...(message.firing > 1 ? [`${firingWords(message.firing)}.`] : []),
    `Its code is ${spelled(message.code)}.`,
  ];
}

/** Incidents that a call tells one by one: more would be forgotten before it ends. */
const SPOKEN = 4;

function spokenBundle(pages: readonly BundledPage[]): readonly string[] {
  const more = pages.length - SPOKEN;
  return [
    `This is Tocsin with ${pages.length} incidents.`,
    ...pages
      .slice(0, SPOKEN)
      .map(
        (page, index) =>
          `${index + 1}: ${spokenWord(cut(page.severity, 20))} on ${spokenWord(cut(page.service, 40))}: ${asSentence(spokenWord(titleOf(page, 60)))} Code ${spelled(page.code)}.`,
      ),
    ...(more > 0 ? [`And ${more} more.`] : []),
  ];
}

/** Underscores and slashes of machine names are pauses to the ear, and "SEV1" is read as a word without its space. */
function spokenWord(text: string): string {
  return cut(oneLine(text), 120)
    .replace(/https?:\/\/\S+/g, 'a link')
    .replace(/\bSEV-?(\d)\b/gi, 'sev $1')
    .replace(/(?<=\w)[_/|]+(?=\w)/g, ' ');
}
