import ICAL from 'ical.js';
import { toSchedule } from '../../../config/on-call.js';
import type { PreparedSchedule } from '../../../domain/oncall/on-call.js';
import type { Override } from '../../../domain/oncall/override.js';
import { calendarText, type CalendarContent } from '../../../api/calendars/calendar-text.js';

export const utc = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

/** Weekly, Mondays 09:00 in Berlin, three people: 8 June 2026 is Alice's Monday. */
export function weekly(id = 'payments', participants: readonly string[] = ['carol', 'alice', 'bob']) {
  return schedule(id, { type: 'weekly', handover: '09:00', start: '2026-01-05', participants });
}

export function schedule(id: string, rotation: object, zone = 'Europe/Berlin'): PreparedSchedule {
  return toSchedule(id, { zone, rotation } as Parameters<typeof toSchedule>[1], 'UTC');
}

export function override(own: Partial<Override>): Override {
  return {
    id: 'o-1',
    schedule: 'payments',
    slot: 'primary',
    userId: 'carol',
    insteadOf: null,
    from: utc('2026-06-10 10:00'),
    to: utc('2026-06-10 14:00'),
    reason: 'dentist',
    by: 'erin',
    createdAt: utc('2026-06-01 00:00'),
    swapId: null,
    ...own,
  };
}

/** What a generator returns, however often it pauses. */
export function whole<T>(slices: Generator<undefined, T, undefined>): T {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/** A calendar as text. */
export function textOf(content: Partial<CalendarContent>, changedAt = utc('2026-06-09 12:00')): string {
  const subject = { kind: 'person', id: 'alice' } as const;
  return whole(calendarText({ subject, events: [], nameOf: (id) => id, ...content }))(changedAt);
}

/** What an independent parser reads. */
export interface ReadEvent {
  readonly uid: string;
  readonly from: number;
  readonly to: number;
  readonly summary: string;
  readonly description: string | null;
  readonly zone: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface ReadCalendar {
  readonly properties: Readonly<Record<string, string>>;
  readonly events: readonly ReadEvent[];
}

function propertiesOf(component: ICAL.Component): Record<string, string> {
  return Object.fromEntries(
    component.getAllProperties().map((property) => [property.name, String(property.getFirstValue())]),
  );
}

// Text, as RFC 5545 (3.8.8.2) says of what it does not know; ical.js leaves that as it came.
const known = ICAL.design.icalendar.property as Record<string, unknown>;
for (const name of ['name', 'x-wr-calname', 'x-wr-caldesc']) known[name] = { defaultType: 'text' };

/** Reads a calendar with ical.js, strictly. */
export function readCalendar(text: string): ReadCalendar {
  const root = new ICAL.Component(ICAL.parse(text) as ConstructorParameters<typeof ICAL.Component>[0]);
  const events = root.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      from: event.startDate.toJSDate().getTime(),
      to: event.endDate.toJSDate().getTime(),
      zone: event.startDate.zone?.tzid ?? 'none',
      summary: event.summary,
      // What is absent is null there.
      description: event.description,
      properties: propertiesOf(component),
    };
  });
  return { properties: propertiesOf(root), events };
}
