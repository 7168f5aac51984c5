import type { Letter } from '../../../domain/messages/letter.js';
import {
  letterAction,
  letterParagraphs,
  letterShort,
  letterSubject,
} from '../../../domain/messages/letter-words.js';
import type { Message, MessagePart } from '../../../domain/messages/message.js';
import { bodySentences, titleOf } from '../../../domain/messages/parts.js';
import { joined } from '../../../domain/messages/text.js';
import type { TimeWords } from '../../../domain/messages/times.js';

/** What stands in `schema`. A field is added without a new version; one that changes or goes makes a new one. */
export const WEBHOOK_SCHEMA = 'tocsin.message/1';

/** The body of a webhook, as docs/channels.md documents it. */
export interface WebhookBody {
  readonly schema: typeof WEBHOOK_SCHEMA;
  /** `page`: somebody is asked to take it. `notice`: nobody is, but for `still-on-it` and `update-due`. */
  readonly kind: 'page' | 'notice';
  readonly delivery: { readonly id: string };
  /** The user whose contact method this is. */
  readonly user: string;
  readonly incident: {
    readonly id: string;
    readonly code: string;
    readonly title: string;
    readonly service: string;
    readonly severity: string;
    /** RFC 3339, UTC. */
    readonly openedAt: string;
    readonly firing: number;
    readonly runbook?: string;
    readonly source?: string;
  };
  /** Why it is sent: names of Tocsin's message parts, e.g. `page`, `still-on-it`, `resolved`. */
  readonly about: readonly string[];
  /** The same in sentences for people. */
  readonly text: string;
  readonly answer: {
    /** The incident's page for this person. `GET` shows it. */
    readonly url: string;
    /** `POST` to the same address with this form answers; the nonce is any text of 8 to 64 letters, digits and dashes, new for each answer. */
    readonly form: { readonly action: readonly string[]; readonly nonce: 'required' };
  };
}

export interface WebhookOptions {
  readonly userId: string;
  readonly deliveryId: string;
  readonly link: string;
  readonly times: TimeWords;
  /** Whether colleagues may be named. */
  readonly names: boolean;
}

export function webhookBody(message: Message, options: WebhookOptions): WebhookBody {
  const shown = options.names ? message : { ...message, parts: nameless(message.parts) };
  return {
    schema: WEBHOOK_SCHEMA,
    kind: message.kind,
    delivery: { id: options.deliveryId },
    user: options.userId,
    incident: {
      id: message.openingId,
      code: message.code,
      title: titleOf(message),
      service: message.service,
      severity: message.severity,
      openedAt: new Date(message.openedAt).toISOString(),
      firing: message.firing,
      ...(message.runbook === undefined ? {} : { runbook: message.runbook }),
      ...(message.link === undefined ? {} : { source: message.link }),
    },
    about: [...new Set(message.parts.map(({ type }) => type))],
    text: joined(...bodySentences(shown, options.times)),
    answer: {
      url: options.link,
      form: { action: ['acknowledge', 'take', 'progress', 'resolve', 'escalate'], nonce: 'required' },
    },
  };
}

/** What stands in `schema` of a letter: a message that is about no incident. */
export const LETTER_SCHEMA = 'tocsin.letter/1';

/** The body of a letter's webhook, as docs/channels.md documents it. */
export interface LetterBody {
  readonly schema: typeof LETTER_SCHEMA;
  readonly kind: 'letter';
  /** What it is about: `test`, `verification`, `handoff`, `announcement`, `morning`. */
  readonly topic: Letter['topic'];
  /** Letters with the same id belong together. */
  readonly id: string;
  /** The user whose contact method this is. */
  readonly user: string;
  readonly subject: string;
  /** All of it in a sentence or two. */
  readonly text: string;
  /** Its paragraphs; one that begins with `- ` is an item of a list. */
  readonly body: readonly string[];
  readonly action?: { readonly label: string; readonly url: string };
}

export function letterBody(letter: Letter, userId: string): LetterBody {
  const action = letterAction(letter);
  return {
    schema: LETTER_SCHEMA,
    kind: 'letter',
    topic: letter.topic,
    id: letter.id,
    user: userId,
    subject: letterSubject(letter),
    text: letterShort(letter),
    body: letterParagraphs(letter),
    ...(action === null ? {} : { action }),
  };
}

const SOMEBODY = 'a colleague';

function nameless(parts: Message['parts']): Message['parts'] {
  const [first, ...rest] = parts;
  return [withoutNames(first), ...rest.map(withoutNames)];
}

/** The part without anybody's name: a webhook's receiver is a machine, and often somebody else's. */
function withoutNames(part: MessagePart): MessagePart {
  switch (part.type) {
    case 'page': {
      // The detail is a free sentence, such as "raised by Bob".
      const { type, reason, tier, round } = part;
      return { type, reason, tier, round };
    }
    case 'acknowledged-by':
      return { ...part, who: SOMEBODY };
    case 'taken-over':
      return { ...part, who: SOMEBODY, from: SOMEBODY };
    case 'no-progress':
      return { ...part, paged: SOMEBODY };
    case 'update-overdue':
    case 'postmortem-overdue':
      return { ...part, owner: SOMEBODY };
    case 'severity-changed':
      return { ...part, by: SOMEBODY };
    case 'escalated':
    case 'open-again':
      return { ...part, by: SOMEBODY };
    case 'reassigning':
      return { ...part, by: SOMEBODY, to: SOMEBODY };
    case 'not-taken-over':
      return { ...part, to: SOMEBODY, ...(part.paged === undefined ? {} : { paged: SOMEBODY }) };
    case 'responders-asked':
      return { ...part, by: SOMEBODY, names: part.names.map(() => SOMEBODY) };
    case 'responders-unanswered':
      return { ...part, name: SOMEBODY };
    case 'joined':
      return { ...part, who: SOMEBODY };
    case 'confirmation':
      return { ...part, sentence: 'Your answer was recorded; the link shows what became of it' };
    case 'still-on-it':
    case 'update-due':
    case 'alert-joined':
    case 'told':
    case 'catch-all-reached':
    case 'monitoring':
    case 'gone-before-answer':
    case 'resolved':
    case 'no-longer-asked':
    case 'postmortem-reminder':
      return part;
    default:
      return part satisfies never;
  }
}
