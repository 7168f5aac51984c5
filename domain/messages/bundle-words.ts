import { isGsm7, readable, smsLength, toGsm7, TWO_SEGMENTS } from './gsm7.js';
import type { BundledPage } from './message.js';
import { titleOf } from './parts.js';
import { cut, oneLine } from './text.js';

/** Two segments of a text message that is not in the GSM 7-bit alphabet: 67 characters each. Source: 3GPP TS 23.038. */
const UCS2_TWO_SEGMENTS = 134;
/** A severity of one's own naming must not take the room of the titles. */
const SEVERITY = 8;
const LONGEST_TITLE = 60;
/** Less of a title than this says nothing. */
const SHORTEST_TITLE = 6;

/** "3 incidents". */
export function countWords(pages: readonly BundledPage[]): string {
  return `${pages.length} incidents`;
}

/** "SEV1 7KQ2": what stands in front of a title. */
export function headOf({ severity, code }: Pick<BundledPage, 'severity' | 'code'>): string {
  return `${cut(oneLine(severity), 30)} ${code}`;
}

/**
 * The text message about several incidents: each with severity and code, and as much of the titles as two segments hold, all cut
 * to the same length; how to answer all of them, and one. With room left, the address of the first.
 */
export function bundleSms(pages: readonly BundledPage[]): string {
  const titles = pages.map((page) => readable(titleOf(page)).replace(/[.\s]+$/, ''));
  const whole = titles.every(isGsm7) ? null : fitted(pages, titles, UCS2_TWO_SEGMENTS);
  // Titles in another script leave less than half the room: where that is not enough for words, the codes are what counts.
  const text = whole ?? fitted(pages, titles.map(orNothing), TWO_SEGMENTS) ?? smsOf(pages, titles, 0);
  const [first] = pages;
  const address = first === undefined ? '' : `. ${first.code}: ${first.url}`;
  return smsLength(text) + smsLength(address) <= (isGsm7(text) ? TWO_SEGMENTS : UCS2_TWO_SEGMENTS)
    ? text + address
    : text;
}

function orNothing(title: string): string {
  return isGsm7(title) ? title : '';
}

/** With the longest titles that fit; null when not even short ones do. */
function fitted(pages: readonly BundledPage[], titles: readonly string[], room: number): string | null {
  for (let length = LONGEST_TITLE; length >= SHORTEST_TITLE; length -= 1) {
    const text = smsOf(pages, titles, length);
    if (smsLength(text) <= room) return text;
  }
  return null;
}

/** Titles of at most this length; 0: none. */
function smsOf(pages: readonly BundledPage[], titles: readonly string[], length: number): string {
  const list = pages.map(({ severity, code }, index) => {
    const title = length === 0 ? '' : cut(titles[index] ?? '', length, '..');
    return `${cut(toGsm7(oneLine(severity)), SEVERITY, '.')} ${code}${title === '' ? '' : ` ${title}`}`;
  });
  const one = pages[0]?.code ?? '';
  return `${countWords(pages)}: ${list.join('; ')}. Reply ACK to take all ${pages.length}, ACK ${one} for one`;
}
