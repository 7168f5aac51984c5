import { MINUTE, type Instant } from '../../domain/time/instant.js';
import { cut, oneLine } from '../../domain/messages/text.js';
import type { Override } from '../../domain/oncall/override.js';
import { contentLine, dateTimeValue, textValue } from '../../domain/calendar/content-lines.js';
import type { ShiftEvent } from './shift-events.js';

/** What a calendar is of. */
export interface CalendarSubject {
  readonly kind: 'person' | 'schedule';
  /** Of the user, or of the schedule. */
  readonly id: string;
}

/** What is written into a calendar. */
export interface CalendarContent {
  readonly subject: CalendarSubject;
  /** In any order. */
  readonly events: readonly ShiftEvent[];
  /** Why it is empty, for people; absent: it is what it is. */
  readonly remark?: string;
  /** The name of a user; the id when the configuration has none of that id. Never a number or an address. */
  readonly nameOf: (userId: string) => string;
}

/** How often programs should look. Many look as they please. */
export const REFRESH_MS = 60 * MINUTE;

const LONGEST_REASON = 1_000;

/** A calendar without events is no iCalendar (RFC 5545, 3.6), and some programs refuse it: this one component stands in. */
const NOTHING = [
  'BEGIN:VTIMEZONE',
  'TZID:UTC',
  'BEGIN:STANDARD',
  'DTSTART:19700101T000000',
  'TZOFFSETFROM:+0000',
  'TZOFFSETTO:+0000',
  'END:STANDARD',
  'END:VTIMEZONE',
]
  .map((line) => `${line}\r\n`)
  .join('');

/** Events between two looks at the clock. */
const SLICE = 50;

/**
 * A calendar as a function of the instant at which it became what it is: everything else in it is fixed. Made in slices, since
 * a schedule that hands over every hour has 18,000 events.
 */
export function* calendarText(
  content: CalendarContent,
): Generator<undefined, (changedAt: Instant) => string, undefined> {
  const { subject, remark, nameOf } = content;
  const name = textValue(
    subject.kind === 'person' ? `On call: ${clean(nameOf(subject.id))}` : `On call: ${clean(subject.id)}`,
  );
  const interval = `PT${REFRESH_MS / MINUTE}M`;
  const head = [
    contentLine('BEGIN', 'VCALENDAR'),
    contentLine('VERSION', '2.0'),
    contentLine('PRODID', '-//Tocsin//On call//EN'),
    contentLine('CALSCALE', 'GREGORIAN'),
    contentLine('NAME', name),
    contentLine('X-WR-CALNAME', name),
    ...(remark === undefined ? [] : [contentLine('X-WR-CALDESC', textValue(remark))]),
    contentLine('REFRESH-INTERVAL;VALUE=DURATION', interval),
    contentLine('X-PUBLISHED-TTL', interval),
  ].join('');
  const events: ReturnType<typeof eventText>[] = [];
  for (const event of [...content.events].sort(byTime)) {
    events.push(eventText(event, content));
    if (events.length % SLICE === 0) yield;
  }
  const end = contentLine('END', 'VCALENDAR');
  return (changedAt) => {
    const at = dateTimeValue(changedAt);
    const stamps = contentLine('DTSTAMP', at) + contentLine('LAST-MODIFIED', at);
    const body =
      events.length === 0 ? NOTHING : events.map(([before, after]) => `${before}${stamps}${after}`).join('');
    return head + body + end;
  };
}

function byTime(one: ShiftEvent, other: ShiftEvent): number {
  return one.from - other.from || (one.uid < other.uid ? -1 : 1);
}

/** What stands before the stamps, and after them. */
function eventText(event: ShiftEvent, { subject, nameOf }: CalendarContent): readonly [string, string] {
  const place = `${clean(event.schedule)} (${event.slot})`;
  const who = subject.kind === 'person' ? 'On call' : clean(nameOf(event.userId));
  const { override } = event;
  return [
    contentLine('BEGIN', 'VEVENT') + contentLine('UID', event.uid),
    [
      contentLine('DTSTART', dateTimeValue(event.from)),
      contentLine('DTEND', dateTimeValue(event.to)),
      contentLine('SUMMARY', textValue(`${who}: ${place}`)),
      ...(override === null ? [] : [contentLine('DESCRIPTION', textValue(whyWords(override, nameOf)))]),
      // Being on call keeps nobody from being invited.
      contentLine('TRANSP', 'TRANSPARENT'),
      contentLine('X-MICROSOFT-CDO-BUSYSTATUS', 'FREE'),
      contentLine('END', 'VEVENT'),
    ].join(''),
  ];
}

function whyWords({ swapId, by, reason, insteadOf }: Override, nameOf: CalendarContent['nameOf']): string {
  const what = `${swapId === null ? 'Override' : 'Swap'} by ${clean(nameOf(by))}`;
  const lines = reason.split(/\r\n?|\n/).map(oneLine);
  const why = cut(lines.join('\n').trim(), LONGEST_REASON);
  return [
    why === '' ? `${what}.` : `${what}: ${why}`,
    ...(insteadOf === null ? [] : [`Instead of ${clean(nameOf(insteadOf))}.`]),
  ].join('\n');
}

function clean(name: string): string {
  return oneLine(name);
}
