import { describe, expect, it } from 'vitest';
import type { ShiftEvent } from '../../../api/calendars/shift-events.js';
import { HOUR } from '../../../domain/time/instant.js';
import { override, readCalendar, textOf, utc } from './support.js';

const FROM = utc('2026-10-25 00:30');

function event(own: Partial<ShiftEvent> = {}): ShiftEvent {
  return {
    uid: 'a@tocsin',
    schedule: 'payments',
    slot: 'primary',
    userId: 'alice',
    from: FROM,
    to: FROM + HOUR,
    override: null,
    ...own,
  };
}

/** Lines as they are sent, with their ends. */
function linesOf(text: string): readonly string[] {
  expect(text.endsWith('\r\n')).toBe(true);
  // Line feeds and carriage returns come in pairs only.
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  return text.slice(0, -2).split('\r\n');
}

describe('a calendar', () => {
  it('is what other programs expect, to the letter', () => {
    expect(linesOf(textOf({ events: [event()] }))).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Tocsin//On call//EN',
      'CALSCALE:GREGORIAN',
      'NAME:On call: alice',
      'X-WR-CALNAME:On call: alice',
      'REFRESH-INTERVAL;VALUE=DURATION:PT60M',
      'X-PUBLISHED-TTL:PT60M',
      'BEGIN:VEVENT',
      'UID:a@tocsin',
      'DTSTAMP:20260609T120000Z',
      'LAST-MODIFIED:20260609T120000Z',
      'DTSTART:20261025T003000Z',
      'DTEND:20261025T013000Z',
      'SUMMARY:On call: payments (primary)',
      'TRANSP:TRANSPARENT',
      'X-MICROSOFT-CDO-BUSYSTATUS:FREE',
      'END:VEVENT',
      'END:VCALENDAR',
    ]);
  });

  it('is read by another program as it was meant', () => {
    const { events, properties } = readCalendar(textOf({ events: [event()] }));
    expect(properties).toMatchObject({ version: '2.0', 'x-wr-calname': 'On call: alice' });
    expect(properties['refresh-interval']).toBe('PT60M');
    expect(events).toMatchObject([
      { uid: 'a@tocsin', from: FROM, to: FROM + HOUR, zone: 'UTC', description: null },
    ]);
    expect(events[0]?.properties).toMatchObject({ transp: 'TRANSPARENT', dtstamp: '2026-06-09T12:00:00Z' });
  });

  it('keeps names and reasons to the letter, whatever they are made of', () => {
    const odd = 'Zahnärztin; Dr. "Bohrer", Praxis\\Nord 👩‍⚕️🦷, bis ca. 15 Uhr: 早退します、よろしく';
    const reason = `${odd}\r\nBEGIN:VEVENT\nSUMMARY:forged\n\nEND:VEVENT`;
    const names: Readonly<Record<string, string>> = { alice: odd, erin: 'Erin, the boss' };
    const nameOf = (id: string): string => names[id] ?? id;
    const of = override({ reason, insteadOf: 'bob' });
    const events = [event({ override: of, schedule: 'a,b;c\\d' })];
    const mine = readCalendar(textOf({ events, nameOf }));
    expect(mine.properties['x-wr-calname']).toBe(`On call: ${odd}`);
    expect(mine.events.map(({ summary, description }) => [summary, description])).toEqual([
      [
        'On call: a,b;c\\d (primary)',
        `Override by Erin, the boss: ${odd}\nBEGIN:VEVENT\nSUMMARY:forged\n\nEND:VEVENT\nInstead of bob.`,
      ],
    ]);
    const ofSchedule = readCalendar(textOf({ subject: { kind: 'schedule', id: 'a' }, events, nameOf }));
    expect(ofSchedule.events[0]?.summary).toBe(`${odd}: a,b;c\\d (primary)`);
  });

  it('has no line of more than 75 octets, and tears no character apart', () => {
    // Every length, so that each place of a character of 1 to 4 octets falls on the fold.
    for (let length = 0; length < 80; length += 1) {
      const reason = `${'x'.repeat(length)}${'ä€🦷'.repeat(40)}`;
      const text = textOf({ events: [event({ override: override({ reason }) })] });
      const lines = linesOf(text);
      expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
      for (const line of lines) expect(Buffer.from(line).toString('utf8')).toBe(line);
      expect(readCalendar(text).events[0]?.description).toBe(`Override by erin: ${reason}`);
    }
  });

  it('drops what no calendar may hold, and cuts what is too long', () => {
    const reason = `a\u0000b\u0007c\u001b[31m ${'long '.repeat(500)}`;
    const [read] = readCalendar(textOf({ events: [event({ override: override({ reason }) })] })).events;
    expect(read?.description).toMatch(/^Override by erin: abc\[31m long long .*…$/);
    expect(read?.description?.length).toBeLessThan(1_050);
  });

  it('says of a swap that it is one', () => {
    const [read] = readCalendar(
      textOf({ events: [event({ override: override({ swapId: 's', reason: ' ' }) })] }),
    ).events;
    expect(read?.description).toBe('Swap by erin.');
  });

  it('that is empty can be read all the same, and says why when there is a reason', () => {
    const text = textOf({ events: [], remark: 'There is no person x any more.' });
    expect(text).toContain('BEGIN:VTIMEZONE');
    const { events, properties } = readCalendar(text);
    expect(events).toEqual([]);
    expect(properties['x-wr-caldesc']).toBe('There is no person x any more.');
  });

  it('has its events in order of time', () => {
    const events = [event({ uid: 'b', from: FROM + HOUR }), event({ uid: 'c' }), event({ uid: 'a' })];
    expect(readCalendar(textOf({ events })).events.map(({ uid }) => uid)).toEqual(['a', 'c', 'b']);
  });
});
