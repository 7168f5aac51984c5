import { createHash } from 'node:crypto';
import type { Letter } from '../../../domain/messages/letter.js';
import { letterAction, letterShort, letterSubject } from '../../../domain/messages/letter-words.js';
import { countWords, headOf } from '../../../domain/messages/bundle-words.js';
import type { Bundle, Message } from '../../../domain/messages/message.js';
import { bodySentences, firingWords, titleOf } from '../../../domain/messages/parts.js';
import { cut, oneLine } from '../../../domain/messages/text.js';
import type { TimeWords } from '../../../domain/messages/times.js';

/** What the server allows. Source: ntfy, server/server.go, topicRegex. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;

export function isTopic(text: string): boolean {
  return TOPIC.test(text);
}

export interface NtfyOptions {
  readonly topic: string;
  /** The incident's page for this reader; its form is what the buttons post to. */
  readonly link: string;
  readonly deliveryId: string;
  readonly idempotencyKey: string;
  readonly times: TimeWords;
}

/** A message as `POST /` takes it. Source: https://docs.ntfy.sh/publish/#publish-as-json */
export interface NtfyMessage {
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  /** 1 to 5; 5 rings through on most phones. */
  readonly priority: 3 | 4 | 5;
  readonly tags: readonly string[];
  readonly click?: string;
  /** At most three. */
  readonly actions: readonly NtfyAction[];
  /** The same for all tries of one delivery: servers from 2.16 on replace what went out twice; older ones ignore it. */
  readonly sequence_id: string;
}

type NtfyAction =
  | { readonly action: 'view'; readonly label: string; readonly url: string }
  | {
      readonly action: 'http';
      readonly label: string;
      readonly url: string;
      readonly method: 'POST';
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      /** Takes the notification away once the press has counted; not while it has more to answer. */
      readonly clear: boolean;
    };

/** Longer than 4,096 bytes becomes a file. Source: ntfy, message-size-limit. In characters, four bytes each at most. */
const LONGEST_TEXT = 900;
const LONGEST_TITLE = 120;

/** The message with its buttons. A page offers the three answers, a question its one, everything else a look. */
export function ntfyMessage(message: Message, options: NtfyOptions): NtfyMessage {
  if (message.bundle !== undefined) return bundleOf(message.bundle, options);
  const { topic, link, times } = options;
  const severity = cut(oneLine(message.severity), 30);
  const facts = [cut(oneLine(message.service), 60), firingWords(message.firing)].filter(
    (text) => text !== '',
  );
  return {
    topic,
    title: cut(`${severity} ${message.code}: ${titleOf(message)}`, LONGEST_TITLE),
    message: cut([bodySentences(message, times).join(' '), `${facts.join('. ')}.`].join('\n'), LONGEST_TEXT),
    priority: priorityOf(message),
    tags: [tagOf(message), severity],
    click: link,
    actions: actionsOf(message, options),
    sequence_id: `${options.deliveryId.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 30)}-${digest(withoutAttempt(options.idempotencyKey)).slice(0, 24)}`,
  };
}

/** Buttons that an ntfy message may have. */
const BUTTONS = 3;

/** Several pages: a line for each, and a button for each of the first. The rest are answered by their codes. */
function bundleOf({ id, pages }: Bundle, options: NtfyOptions): NtfyMessage {
  const [first] = pages;
  // Cut each, so that the last is not cut off.
  const room = Math.floor(LONGEST_TEXT / pages.length) - 2;
  return {
    topic: options.topic,
    title: cut(`${countWords(pages)}: ${pages.map(headOf).join(', ')}`, LONGEST_TITLE),
    message: pages.map((page) => cut(`${headOf(page)}: ${titleOf(page)}`, room)).join('\n'),
    priority: 5,
    tags: ['rotating_light'],
    click: first.url,
    actions: pages
      .slice(0, BUTTONS)
      .map((page) =>
        pressOf(`Acknowledge ${page.code}`, 'acknowledge', page.url, options.idempotencyKey, false),
      ),
    sequence_id: digest(id).slice(0, 32),
  };
}

/** A letter: no buttons but its own. A test rings through like a page, since that is what it tests. */
export function ntfyLetter(letter: Letter, topic: string, idempotencyKey: string): NtfyMessage {
  const action = letterAction(letter);
  return {
    topic,
    title: cut(letterSubject(letter), LONGEST_TITLE),
    message: cut(letterShort(letter), LONGEST_TEXT),
    priority: letter.topic === 'test' ? 5 : 3,
    tags: [letter.topic === 'test' ? 'test_tube' : 'envelope'],
    ...(action === null ? {} : { click: action.url }),
    actions: action === null ? [] : [{ action: 'view', ...action }],
    sequence_id: digest(idempotencyKey).slice(0, 32),
  };
}

/** The key without its last part, the attempt: what is tried again is the same message. */
function withoutAttempt(idempotencyKey: string): string {
  return idempotencyKey.replace(/\/\d+$/, '');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A page rings through; what is for information, or only tells something, comes like any message. */
function priorityOf(message: Message): NtfyMessage['priority'] {
  if (message.kind === 'page') return isForInformation(message) ? 3 : 5;
  return asksForProgress(message) ? 4 : 3;
}

function isForInformation({ parts }: Message): boolean {
  return parts.every((part) => part.type === 'page' && part.reason === 'for-information');
}

function asksForProgress({ parts }: Message): boolean {
  return parts.some((part) => part.type === 'still-on-it' || part.type === 'update-due');
}

/** Short codes of emoji. Source: https://docs.ntfy.sh/emojis/ */
function tagOf(message: Message): string {
  if (message.kind === 'page') return 'rotating_light';
  const isOver = message.parts.some((part) => part.type === 'resolved' || part.type === 'gone-before-answer');
  return isOver ? 'white_check_mark' : 'speech_balloon';
}

function actionsOf(message: Message, options: NtfyOptions): readonly NtfyAction[] {
  const press = (label: string, action: string): NtfyAction =>
    pressOf(label, action, options.link, options.idempotencyKey, true);
  if (message.kind === 'page') {
    return [press('Acknowledge', 'acknowledge'), press('Resolve', 'resolve'), press('Escalate', 'escalate')];
  }
  const look: NtfyAction = { action: 'view', label: 'Open', url: options.link };
  return asksForProgress(message) ? [press('Still on it', 'progress'), look] : [look];
}

function pressOf(label: string, action: string, url: string, key: string, clear: boolean): NtfyAction {
  return {
    action: 'http',
    label,
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    // Pressed twice counts once: the page behind the link knows a press by its nonce.
    body: new URLSearchParams({ action, nonce: digest(`${key} ${action}`).slice(0, 32) }).toString(),
    clear,
  };
}
