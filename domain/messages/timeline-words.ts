import { assertNever } from '../assert-never.js';
import type { InBundle } from '../incident/event.js';
import type { TimelineEntry } from '../incident/timeline.js';
import { DAY, type Instant } from '../time/instant.js';
import { durationWords } from './duration-words.js';
import { channelWords, failureWords, viaWords } from './labels.js';
import { firingWords, reasonSentence } from './parts.js';
import type { PageReason } from './message.js';
import { cut, listed, oneLine } from './text.js';
import { utcTimes, type TimeWords } from './times.js';

/** An entry is a line, whatever somebody wrote into it. */
const LONGEST_TEXT = 500;

/** One entry of the timeline as one line, without its own time. Times inside of it are UTC unless told. */
export function timelineWords(entry: TimelineEntry, times: TimeWords = utcTimes): string {
  switch (entry.type) {
    case 'opened':
      return `opened ${by(entry.by)}: ${text(entry.title)} (${text(entry.severity)}, ${text(entry.service)}), from ${text(entry.source)}`;
    case 'remark':
      return text(entry.text);
    case 'previous-incident':
      return `the same alert opened an incident before: ${text(entry.openingId)}`;
    case 'alerts':
      return `${alertCounts(entry.fired, entry.resolved)}; ${firingWords(entry.firing).toLowerCase()}, ${entry.total} seen${withText(entry.summary)}`;
    case 'step':
      return `paging ${text(entry.tier)}${round(entry.round)}${because(entry.reason)}${withText(entry.detail)}`;
    case 'paged':
      return `paged ${text(entry.name)} (${text(entry.tier)}, ${text(entry.via)})${because(entry.reason)}`;
    case 'problem':
      return `problem: ${text(entry.text)}`;
    case 'overrides-stale':
      return entry.asOf === null
        ? 'no overrides are known; the store is away'
        : `overrides as of ${asOfWords(entry.asOf, entry.at, times)}; the store is away`;
    case 'skipped':
      return `skipped ${text(entry.tier)}: ${text(entry.why)}`;
    case 'unproven':
      return `${listed(entry.names.map(text))} confirmed no contact method: ${text(entry.with)} is paged at once as well`;
    case 'spared':
      return `${text(entry.instead)} is paged before ${text(entry.tier)}: ${listed(entry.people.map(sparedWords))}`;
    case 'quiet':
      return `quiet until ${times.moment(entry.until)}, for maintenance: ${text(entry.reason)}; nobody is paged before`;
    case 'quiet-over':
      return quietOverWords(entry.why);
    case 'waiting':
      return `waiting until ${times.moment(entry.until)}: ${text(entry.why)}`;
    case 'sent':
      return `sent to ${text(entry.name)} by ${channelWords(entry.channel)} (${text(entry.what)}), through ${text(entry.provider)}${id(entry.providerId)}${inBundle(entry.bundle)}${entry.possibleDuplicate === true ? '; it may have gone out twice' : ''}`;
    case 'delivered':
      return `delivered to ${text(entry.name)} by ${channelWords(entry.channel)}, says ${text(entry.provider)}`;
    case 'call-ended':
      return `call to ${text(entry.name)}: ${callWords(entry.how)}`;
    case 'delivery-failed':
      return `${channelWords(entry.channel)} to ${text(entry.name)} failed at ${text(entry.provider)}: ${failureWords(entry.reason)}${withText(entry.detail)}${entry.ambiguous === true ? '; it may have gone out all the same' : ''}; ${nextWords(entry.next)}`;
    case 'ack-timeout':
      return `nobody acknowledged in time: ${listed(entry.names)} (${text(entry.tier)})`;
    case 'catch-all':
      return entry.again
        ? 'still unanswered: the catch-all is paged again'
        : 'unanswered: the catch-all is paged';
    case 'acknowledged':
      return `acknowledged by ${text(entry.who)} ${viaWords(entry.via)}, after ${durationWords(entry.afterMs)}`;
    case 'also-acknowledged':
      return `${text(entry.who)} acknowledged as well, ${viaWords(entry.via)}; ${text(entry.owner)} has it`;
    case 'taken-over':
      return entry.handover === undefined
        ? `${text(entry.who)} took it over from ${text(entry.from)} ${viaWords(entry.via)}`
        : `${text(entry.who)} has it from ${text(entry.from)} by the hand-over of ${text(entry.handover)}, confirmed ${viaWords(entry.via)}`;
    case 'progress':
      return `${text(entry.who)} is still on it, ${viaWords(entry.via)}`;
    case 'escalated':
      return `escalated by ${text(entry.who)} ${viaWords(entry.via)}${withText(entry.reason)}`;
    case 'no-progress':
      return `no progress for ${durationWords(entry.afterMs)}`;
    case 'still-on-it-asked':
      return `asked ${text(entry.who)}: still on it?`;
    case 'severity':
      return `severity ${text(entry.from)} became ${text(entry.to)}, by ${text(entry.who)}${withText(entry.reason)}`;
    case 'plan-changed':
      return `the plan changed: ${planWords(entry.owed, entry.dropped)}`;
    case 'update':
      return `update by ${text(entry.who)} ${viaWords(entry.via)}: ${text(entry.text)}`;
    case 'update-due':
      return entry.overdue ? 'the status update is overdue' : 'a status update is due';
    case 'note':
      return `note by ${text(entry.who)} ${viaWords(entry.via)}: ${text(entry.text)}`;
    case 'snoozed':
      return `snoozed by ${text(entry.who)} ${viaWords(entry.via)} until ${times.moment(entry.until)}`;
    case 'snooze-over':
      return `the snooze of ${text(entry.who)} is over`;
    case 'unacknowledged':
      return `${text(entry.who)} took back the acknowledgement of ${text(entry.from)} ${viaWords(entry.via)}: nobody has it`;
    case 'reassigning':
      return `${text(entry.who)} asked ${text(entry.to)} to take it over, ${viaWords(entry.via)}${withText(entry.reason)}`;
    case 'reassigned':
      return `${text(entry.who)} took it over from ${text(entry.from)} as asked, ${viaWords(entry.via)}`;
    case 'not-taken-over':
      return `${text(entry.to)} did not take it over`;
    case 'responders-asked':
      return `${text(entry.who)} asked for help of ${cut(listed(entry.names), LONGEST_TEXT)}, ${viaWords(entry.via)}${withText(entry.reason)}`;
    case 'joined':
      return `${text(entry.who)} joined ${viaWords(entry.via)} (asked for: ${cut(listed(entry.names), LONGEST_TEXT)})`;
    case 'responders-unanswered':
      return `${text(entry.name)} was asked for help and nobody answered`;
    case 'mitigated':
      return `noted as fixed by ${text(entry.who)} ${viaWords(entry.via)} while alerts fire; looked at again at ${times.time(entry.recheckAt)}`;
    case 'monitoring':
      return `quiet${entry.who === undefined ? '' : `, says ${text(entry.who)}${entry.via === undefined ? '' : ` ${viaWords(entry.via)}`}`}: watched until ${times.time(entry.stableAt)}, then resolved`;
    case 'stability-reset':
      return `fired and went quiet again: watched until ${times.time(entry.stableAt)}`;
    case 'reopened':
      return entry.pageAt > entry.at
        ? `fires again: re-opened, the owner is paged at ${times.time(entry.pageAt)}`
        : 'fires again: re-opened';
    case 'told':
      return `told ${listed(entry.names)}: ${text(entry.what)}`;
    case 'missed-deadline':
      return `missed in an outage: ${text(entry.label)}, due ${times.time(entry.dueAt)}, ${durationWords(entry.lateMs)} late`;
    case 'resolved':
      return 'resolved';
    case 'review-started':
      return entry.postmortemDueAt === undefined
        ? 'review started; no postmortem is owed'
        : `review started; the postmortem is due ${times.moment(entry.postmortemDueAt)}`;
    case 'postmortem-reminder':
      return `reminded: the postmortem is due ${times.moment(entry.dueAt)}`;
    case 'postmortem-overdue':
      return `the postmortem is overdue${entry.times > 1 ? ` (reminder ${entry.times})` : ''}`;
    case 'postmortem-published':
      return `postmortem published by ${text(entry.who)}${entry.lateMs > 0 ? `, ${durationWords(entry.lateMs)} late` : ''}: ${text(entry.url)}`;
    case 'closed':
      return 'closed: nothing is owed any more';
    default:
      return assertNever(entry, 'timeline entry');
  }
}

/** With its date when it is older than half a day: 10:02 of which day, would be asked. */
function asOfWords(asOf: Instant, at: Instant, times: TimeWords): string {
  return Math.abs(at - asOf) < DAY / 2 ? times.time(asOf) : times.moment(asOf);
}

function sparedWords({
  name,
  count,
  limit,
}: Extract<TimelineEntry, { type: 'spared' }>['people'][number]): string {
  return `${text(name)} was paged for ${count} incident${count === 1 ? '' : 's'} tonight (limit ${limit})`;
}

function text(value: string): string {
  return cut(oneLine(value), LONGEST_TEXT);
}

function by(who: string | undefined): string {
  return who === undefined ? 'by an alert' : `by ${text(who)}`;
}

function withText(value: string | undefined): string {
  return value === undefined || oneLine(value) === '' ? '' : `: ${text(value)}`;
}

function id(value: string | undefined): string {
  return value === undefined ? '' : ` (${text(value)})`;
}

function inBundle(bundle: InBundle | undefined): string {
  return bundle === undefined ? '' : `, as part of a message about ${bundle.incidents} incidents`;
}

function round(value: number): string {
  return value > 1 ? `, round ${value}` : '';
}

/** The reason as it stands after the fact; a first page needs none. */
function because(reason: PageReason): string {
  const words: Readonly<Partial<Record<PageReason, string>>> = {
    'not-acknowledged': 'not acknowledged so far',
    gap: 'nobody before could be paged',
    unproven: 'nobody before confirmed a contact method',
    'no-progress': 'no progress',
    'for-information': 'for information',
    management: 'still open',
    'catch-all': 'nobody answered',
    'escalated-by-hand': 'escalated by hand',
    'snooze-over': 'the snooze is over',
    'maintenance-over': 'maintenance is over',
    unacknowledged: 'open again',
    reassigned: 'to take it over',
    'not-taken-over': 'not taken over',
    'asked-to-help': 'asked to help',
  };
  if (reason === 'alert') return '';
  return `: ${words[reason] ?? lower(reasonSentence(reason))}`;
}

function lower(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}

function alertCounts(fired: number, resolved: number): string {
  const parts = [
    ...(fired > 0 ? [`${fired} alert${fired === 1 ? '' : 's'} fired`] : []),
    ...(resolved > 0 ? [`${resolved} alert${resolved === 1 ? '' : 's'} resolved`] : []),
  ];
  return parts.length === 0 ? 'no change of alerts' : parts.join(', ');
}

function callWords(how: 'answered' | 'voicemail' | 'unanswered'): string {
  switch (how) {
    case 'answered':
      return 'answered';
    case 'voicemail':
      return 'taken by voicemail, which acknowledges nothing';
    case 'unanswered':
      return 'nobody picked up';
    default:
      return assertNever(how, 'end of a call');
  }
}

function nextWords(next: 'retry' | 'next-method' | 'nothing-left'): string {
  switch (next) {
    case 'retry':
      return 'it is tried again';
    case 'next-method':
      return 'the next contact method is used at once';
    case 'nothing-left':
      return 'no other contact method is left';
    default:
      return assertNever(next, 'next step');
  }
}

function quietOverWords(why: 'over' | 'ended' | 'not-covered' | 'by-hand'): string {
  switch (why) {
    case 'over':
      return 'maintenance is over, and it is still open';
    case 'ended':
      return 'maintenance was ended early, and it is still open';
    case 'not-covered':
      return 'an alert fires that is not in maintenance: no longer quiet';
    case 'by-hand':
      return 'no longer quiet: somebody escalated it';
    default:
      return assertNever(why, 'end of a quiet time');
  }
}

function planWords(owed: readonly string[], dropped: readonly string[]): string {
  const parts = [
    ...(owed.length > 0 ? [`now owed: ${listed(owed)}`] : []),
    ...(dropped.length > 0 ? [`no longer owed: ${listed(dropped)}`] : []),
  ];
  return parts.length === 0 ? 'nothing else is owed' : parts.join('; ');
}
