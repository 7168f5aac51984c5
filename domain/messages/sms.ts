import { bundleSms } from './bundle-words.js';
import { isGsm7, ONE_SEGMENT, readable, smsLength, toGsm7, TWO_SEGMENTS } from './gsm7.js';
import type { Message } from './message.js';
import { bodySentences, reasonBrief, titleOf } from './parts.js';
import { cut, oneLine } from './text.js';
import { utcTimes, type TimeWords } from './times.js';

export interface SmsOptions {
  /** Where the reader can see and answer the incident. */
  readonly link?: string;
  /** How this reader's times are written. Default UTC. */
  readonly times?: TimeWords;
}

/** Below this a title says nothing; then two segments are worth their price. */
const SHORTEST_TITLE = 36;
/** A title whose script the alphabet lacks is worth sending as it is (UCS-2: 67 characters a segment). */
const UCS2_TWO_SEGMENTS = 134;

/**
 * The text message for a person. A page fits one segment (160 characters of the GSM 7-bit alphabet) with code, severity,
 * title and how to answer; it takes two when a long link would leave no room for the title. Titles in another script are
 * sent as they are (UCS-2). A notice says all of its parts; more than two segments only when there are that many parts. Several
 * pages in one take two segments at most.
 */
export function smsText(message: Message, options: SmsOptions = {}): string {
  if (message.bundle !== undefined) return bundleSms(message.bundle.pages);
  return message.kind === 'page' ? pageText(message, options) : noticeText(message, options);
}

function pageText(message: Message, options: SmsOptions): string {
  const head = `${plain(message.severity)} ${message.code}: `;
  const helps = message.parts.some((part) => part.type === 'page' && part.reason === 'asked-to-help');
  const tail =
    options.link === undefined
      ? `. Reply 4 ${message.code} or ACK ${message.code} to ${helps ? 'join' : 'take it'}, 8 ${message.code} to pass it on`
      : `. Reply ACK ${message.code} or ${options.link}`;
  const title = bare(readable(titleOf(message)));
  const gsm = isGsm7(title);
  const fixed = smsLength(head) + smsLength(tail);
  const one = (gsm ? ONE_SEGMENT : UCS2_TWO_SEGMENTS) - fixed;
  const room = one >= SHORTEST_TITLE ? one : (gsm ? TWO_SEGMENTS : 2 * UCS2_TWO_SEGMENTS) - fixed;
  return `${head}${middle(message, title, Math.max(SHORTEST_TITLE, room))}${tail}`;
}

/** The title, and as much of reason, service and number of alerts as still fits; the title is cut last. */
function middle(message: Message, title: string, room: number): string {
  const reasons = message.parts.flatMap((part) =>
    part.type === 'page' && part.reason !== 'alert' ? [reasonBrief(part.reason)] : [],
  );
  const service = plain(message.service);
  const extras = [
    ...reasons.map((reason) => ` - ${reason}`),
    ...(service === '' || title.toLowerCase().includes(service.toLowerCase()) ? [] : [` (${service})`]),
    ...(message.firing > 1 ? [`, ${message.firing} alerts`] : []),
  ];
  let text = title;
  let rest = room - Math.min(smsLength(title), Math.max(SHORTEST_TITLE, room));
  let added = '';
  for (const extra of extras) {
    if (smsLength(extra) > rest) continue;
    rest -= smsLength(extra);
    added += extra;
  }
  while (smsLength(text) + smsLength(added) > room && text.length > 1) {
    text = cut(text, Math.max(1, [...text].length - 1), isGsm7(text) ? '..' : '…');
    if (text === '..' || text === '…') break;
  }
  return text + added;
}

function noticeText(message: Message, options: SmsOptions): string {
  const sentences = bodySentences(message, options.times ?? utcTimes).map(readable);
  // A confirmation names what it confirms.
  if (message.parts.every((part) => part.type === 'confirmation'))
    return `${message.code}: ${sentences.join(' ')}`;
  const asks = message.parts.some((part) => part.type === 'still-on-it' || part.type === 'update-due');
  const end = asks && options.link !== undefined ? ` ${options.link}` : '';
  const body = sentences.join(' ');
  const head = `${plain(message.severity)} ${message.code} `;
  const used = smsLength(head) + smsLength(body) + smsLength(end) + 2;
  const size = used + SHORTEST_TITLE <= ONE_SEGMENT ? ONE_SEGMENT : TWO_SEGMENTS;
  const title = cut(bare(readable(titleOf(message))), Math.max(24, Math.min(70, size - used)), '..');
  return `${head}${title}: ${body}${end}`;
}

function plain(text: string): string {
  return toGsm7(cut(oneLine(text), 30, '..'));
}

/** Without the full stop that the sentence around it brings. */
function bare(title: string): string {
  return title.replace(/[.\s]+$/, '');
}
