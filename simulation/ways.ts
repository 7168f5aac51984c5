import { HOUR, MINUTE, type Milliseconds } from '../domain/time/instant.js';
import type { Via } from '../domain/incident/event.js';
import { parseReply } from '../domain/messages/replies.js';
import { KEY_ACTIONS } from '../domain/messages/voice.js';
import type { Ask } from './ask-sentence.js';

/** The ways in which people act on incidents. Nothing acts by `web` or `chat` yet, though incidents know the words. */
export type Way = Extract<Via, 'sms' | 'voice' | 'link' | 'api' | 'cli'>;

export const WAYS: readonly Way[] = ['sms', 'voice', 'link', 'api', 'cli'];

/** What the page behind a link has a button for. A test holds it against web/action-form.ts, which is not for simulations. */
export const LINK_ACTIONS: readonly Ask['action'][] = [
  'acknowledge',
  'take',
  'progress',
  'resolve',
  'escalate',
  'snooze',
  'unacknowledge',
];

/** So long its buttons snooze. */
export const LINK_SNOOZES: readonly Milliseconds[] = [30 * MINUTE, HOUR, 4 * HOUR];

const KEYED: readonly Ask['action'][] = Object.values(KEY_ACTIONS);

/** Stands for the code of an incident where only the shape of it matters. */
const SOME_CODE = '7KQ2';

/** The text message that asks this; with a code, of that incident. It may be one that nobody would understand: see {@link waysOf}. */
export function replyText(ask: Ask, code: string | null): string {
  const about = code === null ? '' : ` ${code}`;
  switch (ask.action) {
    case 'acknowledge':
      return `ack${about}`;
    case 'take':
    case 'resolve':
    case 'unacknowledge':
      return `${ask.action}${about}`;
    case 'progress':
      return `ok${about}`;
    case 'escalate':
      return `escalate${about}${ask.reason === undefined ? '' : ` ${ask.reason}`}`;
    case 'update':
    case 'note':
      return `${ask.action}${about} ${ask.text}`;
    case 'severity':
      return `severity${about} ${ask.severity}`;
    case 'snooze':
      return `snooze${about} ${ask.forMs / MINUTE}m`;
    case 'reassign':
      return `reassign${about} ${ask.to}`;
    case 'add-responders':
      return `page${about} ${ask.whom.map(({ id }) => id).join(' ')}`;
    case 'publish-postmortem':
      return `publish${about} ${ask.url}`;
    default:
      return ask satisfies never;
  }
}

/** In which ways this can be asked: what production understands and has keys, buttons and routes for. */
export function waysOf(ask: Ask): readonly Way[] {
  return WAYS.filter((way) => {
    switch (way) {
      case 'sms':
        return isRead(ask, null) && isRead(ask, SOME_CODE);
      case 'voice':
        return KEYED.includes(ask.action) && !hasReason(ask);
      case 'link':
        return (
          LINK_ACTIONS.includes(ask.action) &&
          !hasReason(ask) &&
          (ask.action !== 'snooze' || LINK_SNOOZES.includes(ask.forMs))
        );
      case 'api':
      case 'cli':
        return true;
      default:
        return way satisfies never;
    }
  });
}

/** Whether a text message that asks this is read as just this: the first word of an update may look like a code. */
function isRead(ask: Ask, code: string | null): boolean {
  const reply = parseReply(replyText(ask, code));
  return reply.command === ask.action && (reply.code ?? null) === code;
}

/** An ask as it arrives: the text of an SMS is read letter by letter, and cut where it is long. */
export function asRead<T extends Ask>(ask: T, way: Way): T {
  if (way !== 'sms' || ask.action !== 'update') return ask;
  const reply = parseReply(replyText(ask, null));
  return reply.command === 'update' ? { ...ask, text: reply.text } : ask;
}

/** Why somebody asks for it can be typed, and not pressed. */
function hasReason(ask: Ask): boolean {
  return 'reason' in ask && ask.reason !== undefined;
}
