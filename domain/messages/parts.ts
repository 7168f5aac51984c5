import { assertNever } from '../assert-never.js';
import { durationWords } from './duration-words.js';
import type { Message, MessagePart, PageReason } from './message.js';
import { asSentence, cut, joined, listed, oneLine } from './text.js';
import { utcTimes, type TimeWords } from './times.js';

/** Titles and summaries come from senders; a reader needs their beginning. */
const SENDERS_TEXT = 120;
const NAME = 50;

/** Why somebody is paged, as a full sentence; empty where the page speaks for itself. */
export function reasonSentence(reason: PageReason): string {
  switch (reason) {
    case 'alert':
      return '';
    case 'not-acknowledged':
      return 'Nobody has acknowledged it so far; you are next.';
    case 'gap':
      return 'Nobody before you could be paged; you are next.';
    case 'unproven':
      return 'Nobody before you has confirmed how to reach them; you are paged at once as well.';
    case 'no-progress':
      return 'There was no progress for a while; it is passed on to you.';
    case 'escalated-by-hand':
      return 'A responder escalated it to you.';
    case 'severity-raised':
      return 'Its severity was raised.';
    case 'fires-again':
      return 'It was quiet and fires again.';
    case 'still-firing':
      return 'It was noted as fixed but is still firing.';
    case 'management':
      return 'It is still open; management is called in.';
    case 'catch-all':
      return 'Everybody before you was paged and nobody has acknowledged it.';
    case 'after-outage':
      return 'Paging was interrupted and goes on now.';
    case 'business-hours':
      return 'It waited for business hours.';
    case 'nobody-picked-up':
      return 'Nobody picked it up by email; it is due now.';
    case 'snooze-over':
      return 'Its snooze is over and it is still open.';
    case 'maintenance-over':
      return 'Maintenance is over and it still fires.';
    case 'unacknowledged':
      return 'Its acknowledgement was taken back; it is open again.';
    case 'reassigned':
      return 'You are asked to take it over. ACK makes it yours.';
    case 'not-taken-over':
      return 'Somebody was asked to take it over and did not; it is passed on to you.';
    case 'asked-to-help':
      return 'You are asked to help. ACK says that you join; its owner keeps it.';
    case 'for-information':
      return 'This is for your information; nobody is called for it now.';
    default:
      return assertNever(reason, 'page reason');
  }
}

/** The same in a few words, where every character counts; empty where the page speaks for itself. */
export function reasonBrief(reason: PageReason): string {
  switch (reason) {
    case 'alert':
      return '';
    case 'not-acknowledged':
      return 'no answer so far';
    case 'gap':
      return 'nobody before you';
    case 'unproven':
      return 'beside those before you';
    case 'no-progress':
      return 'no progress';
    case 'escalated-by-hand':
      return 'escalated to you';
    case 'severity-raised':
      return 'severity raised';
    case 'fires-again':
      return 'fires again';
    case 'still-firing':
      return 'still firing';
    case 'management':
      return 'still open';
    case 'catch-all':
      return 'nobody answered';
    case 'after-outage':
      return 'paging resumed';
    case 'business-hours':
    case 'nobody-picked-up':
      return 'due now';
    case 'snooze-over':
      return 'snooze over';
    case 'maintenance-over':
      return 'maintenance over';
    case 'unacknowledged':
      return 'open again';
    case 'reassigned':
      return 'to take over';
    case 'not-taken-over':
      return 'not taken over';
    case 'asked-to-help':
      return 'help wanted';
    case 'for-information':
      return 'for information';
    default:
      return assertNever(reason, 'page reason');
  }
}

/** What one part of a message says, in one or two sentences. Ends with what happens next where something does. */
export function partSentence(
  part: MessagePart,
  message: Pick<Message, 'code'>,
  times: TimeWords = utcTimes,
): string {
  const reply = (word: string): string => `${word} ${message.code}`;
  switch (part.type) {
    case 'page':
      return joined(
        reasonSentence(part.reason),
        part.detail === undefined ? undefined : asSentence(cut(capital(oneLine(part.detail)), SENDERS_TEXT)),
        `You are paged as ${name(part.tier)}${part.round > 1 ? `, round ${part.round}` : ''}.`,
      );
    case 'acknowledged-by':
      return `${name(part.who)} has it since ${times.time(part.at)}.`;
    case 'taken-over':
      return `${name(part.who)} took it over from ${name(part.from)}.`;
    case 'still-on-it':
      return `Still on it? Reply ${reply('OK')}, else it escalates at ${times.time(part.escalatesAt)}.`;
    case 'no-progress':
      return `No progress was noted, so it is passed on, beginning with ${name(part.paged)}.`;
    case 'update-due':
      return `A status update is due (every ${durationWords(part.every)}). Reply ${reply('UPDATE')} and your text by ${times.time(part.overdueAt)}, else the next person is asked.`;
    case 'update-overdue':
      return `The status update is overdue since ${times.time(part.since)}; ${name(part.owner)} was asked for it. Post one: reply ${reply('UPDATE')} and your text.`;
    case 'alert-joined':
      return `New alert: ${asSentence(cut(oneLine(part.summary), SENDERS_TEXT))} ${firingWords(part.firing)}.`;
    case 'severity-changed':
      return `Severity ${name(part.from)} became ${name(part.to)}, by ${name(part.by)}.`;
    case 'told':
      return part.what === 'executives'
        ? 'You are told because this severity is reported to executives. Nothing is asked of you.'
        : 'It is still open; management is told. Somebody works on it, nothing is asked of you.';
    case 'catch-all-reached':
      return part.again
        ? 'Still nobody has acknowledged it; the catch-all is paged again.'
        : `Nobody has acknowledged it; the catch-all is paged now. You can still reply ${reply('ACK')}.`;
    case 'monitoring':
      return `It is quiet now. If it stays so, it is resolved at ${times.time(part.stableAt)}.`;
    case 'gone-before-answer':
      return 'It resolved by itself before anybody answered. Nothing to do now; you are paged if it fires again.';
    case 'resolved':
      return 'It is resolved.';
    case 'escalated':
      return `${name(part.by)} escalated it: it is passed on, beginning with ${name(part.to)}.`;
    case 'open-again':
      return `${name(part.by)} took the acknowledgement back: it is open again and people are paged.`;
    case 'reassigning':
      return `${name(part.by)} asks ${name(part.to)} to take it over. You have it until ${name(part.to)} answers.`;
    case 'not-taken-over':
      return joined(
        `${name(part.to)} was asked to take it over and did not.`,
        part.paged === undefined ? undefined : `It is passed on, beginning with ${name(part.paged)}.`,
      );
    case 'no-longer-asked':
      return 'You are no longer asked to take it over.';
    case 'responders-asked':
      return `${name(part.by)} asks for help: ${cut(listed(part.names), SENDERS_TEXT)}. It stays yours.`;
    case 'responders-unanswered':
      return `${name(part.name)} was paged to help and nobody answered.`;
    case 'joined':
      return `${name(part.who)} joined.`;
    case 'confirmation':
      return asSentence(part.sentence);
    case 'postmortem-reminder':
      return `Its postmortem is due ${times.moment(part.dueAt)}.`;
    case 'postmortem-overdue':
      return `Its postmortem was due ${times.moment(part.dueAt)} and is not published; ${name(part.owner)} owes it.${part.times > 1 ? ` This is reminder ${part.times}.` : ''}`;
    default:
      return assertNever(part, 'message part');
  }
}

/** Everything a message says beside its headline, each thing once, in order. */
export function bodySentences(message: Message, times: TimeWords = utcTimes): readonly string[] {
  return [...new Set(message.parts.map((part) => partSentence(part, message, times)))];
}

/** "3 alerts are firing"; for a hand-declared incident "No alert is firing". */
export function firingWords(firing: number): string {
  if (firing === 0) return 'No alert is firing';
  return firing === 1 ? '1 alert is firing' : `${firing} alerts are firing`;
}

/** The title as people read it: one line, never empty. */
export function titleOf(message: Pick<Message, 'title'>, max = 200): string {
  const title = oneLine(message.title);
  return title === '' ? 'untitled incident' : cut(title, max);
}

function name(text: string): string {
  return cut(oneLine(text), NAME);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
