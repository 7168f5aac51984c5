import { createHash } from 'node:crypto';
import type { Message } from '../../../domain/messages/message.js';
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
  readonly click: string;
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
      /** Takes the notification away once the press has counted. */
      readonly clear: true;
    };

/** Longer than 4,096 bytes becomes a file. Source: ntfy, message-size-limit. In characters, four bytes each at most. */
const LONGEST_TEXT = 900;
const LONGEST_TITLE = 120;

/** The message with its buttons. A page offers the three answers, a question its one, everything else a look. */
export function ntfyMessage(message: Message, options: NtfyOptions): NtfyMessage {
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
  const press = (label: string, action: string): NtfyAction => ({
    action: 'http',
    label,
    url: options.link,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    // Pressed twice counts once: the page behind the link knows a press by its nonce.
    body: new URLSearchParams({
      action,
      nonce: digest(`${options.idempotencyKey} ${action}`).slice(0, 32),
    }).toString(),
    clear: true,
  });
  if (message.kind === 'page') {
    return [press('Acknowledge', 'acknowledge'), press('Resolve', 'resolve'), press('Escalate', 'escalate')];
  }
  const look: NtfyAction = { action: 'view', label: 'Open', url: options.link };
  return asksForProgress(message) ? [press('Still on it', 'progress'), look] : [look];
}
