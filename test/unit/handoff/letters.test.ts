import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { zoneTimes } from '../../../config/zone-times.js';
import { digestParagraphs, type DigestFacts, type DigestIncident } from '../../../domain/handoff/digest.js';
import { callBegins, invitationText } from '../../../domain/handoff/invitation.js';
import {
  announcementLetter,
  confirmedLetter,
  digestLetter,
  firstShiftTest,
  reminderLetter,
  unconfirmedLetter,
  type HandoffLetterInput,
} from '../../../domain/handoff/letters.js';
import { DAY, HOUR, MINUTE } from '../../../domain/time/instant.js';

const AT = Date.parse('2026-11-23T08:00Z');
const NOW = AT - 30 * MINUTE;
const berlin = zoneTimes('Europe/Berlin');

function incident(changes: Partial<DigestIncident> = {}): DigestIncident {
  return {
    code: '7KQ2',
    title: 'checkout is down',
    service: 'Payments',
    severity: 'SEV1',
    phase: 'acknowledged',
    owner: 'Alice',
    openedAt: NOW - 90 * MINUTE,
    ...changes,
  };
}

const NOTHING: DigestFacts = { open: [], recent: [], duties: [], notes: [], unknown: [] };

const input: HandoffLetterInput = {
  id: '0'.repeat(20),
  code: 'X4Y9',
  change: { schedule: 'Payments', slot: 'primary', at: AT, leaving: 'Alice', coming: 'Bob' },
  takesOver: true,
  times: berlin,
  now: NOW,
};
const action = { label: 'Confirm the hand-over', url: 'https://tocsin.example.com/h/token' };

describe('a digest', () => {
  it('lists what is open with owner, age, phase and code, what to watch, what is due, and the notes', () => {
    const facts: DigestFacts = {
      open: [
        incident(),
        incident({ code: 'A2B3', title: 'slow', owner: null, phase: 'triggered' }),
        incident({ code: 'C4D5', title: 'disk', phase: 'mitigated' }),
        incident({ code: 'E6F7', title: 'queue', snoozedUntil: AT + HOUR }),
      ],
      recent: [incident({ code: 'G8H9', title: 'old', phase: 'resolved' })],
      duties: [{ code: 'J2K3', title: 'last week', dueAt: AT - DAY }],
      notes: [{ by: 'Alice', at: NOW - HOUR, text: 'Restart\nthe export' }],
      unknown: [],
    };
    expect(digestParagraphs(facts, berlin, NOW)).toEqual([
      'Open:',
      '- SEV1 7KQ2 Payments: checkout is down: acknowledged, Alice has it, open for 1 h 30 min',
      '- SEV1 A2B3 Payments: slow: triggered, nobody has it, open for 1 h 30 min',
      '- SEV1 C4D5 Payments: disk: mitigated, Alice has it, open for 1 h 30 min',
      'Snoozed:',
      '- SEV1 E6F7 Payments: queue: until Mon 23 Nov, 10:00 CET by Alice',
      'To watch:',
      '- SEV1 A2B3 Payments: slow: nobody has it',
      '- SEV1 C4D5 Payments: disk: mitigated, it may come back',
      '- Payments: 5 incidents in this shift',
      'Over since the shift began:',
      '- SEV1 G8H9 Payments: old',
      'Postmortems that are due:',
      '- J2K3 last week, overdue since Sun 22 Nov, 09:00 CET',
      'Notes:',
      '- Alice, Mon 23 Nov, 07:30 CET: Restart the export',
    ]);
  });

  it('says that nothing is open, but not when that could not be looked up', () => {
    expect(digestParagraphs(NOTHING, berlin, NOW)).toEqual(['Nothing is open.']);
    expect(digestParagraphs({ ...NOTHING, unknown: ['The open incidents'] }, berlin, NOW)).toEqual([
      'The open incidents could not be looked up: ask, or look with `tocsin incidents`.',
    ]);
  });

  it('is cut where there is too much, and says so', () => {
    const open = Array.from({ length: 40 }, (_, index) =>
      incident({ code: `A${index + 10}`, service: `s${index}` }),
    );
    const paragraphs = digestParagraphs({ ...NOTHING, open }, berlin, NOW);
    expect(paragraphs).toHaveLength(17);
    expect(paragraphs.at(-1)).toBe('- and 25 more');
  });

  it('asks who comes to confirm, in their zone, by link or word', () => {
    const letter = digestLetter(input, 'coming', { ...NOTHING, open: [incident()] }, { action });
    expect(letter).toMatchObject({
      topic: 'handoff',
      action,
      subject: 'Hand-over of primary of Payments at Mon 23 Nov, 09:00 CET',
    });
    expect(letter.short).toBe(
      'You come on duty as primary of Payments at Mon 23 Nov, 09:00 CET, after Alice. Open: SEV1 7KQ2 Payments: checkout is down. Reply HANDOFF X4Y9 to confirm.',
    );
    expect(letter.body[1]).toBe(
      'Please confirm that you take over as primary, and have what Alice leaves open: press the button, or reply HANDOFF X4Y9 to a text message.',
    );
  });

  it('promises nothing of somebody who keeps it: they only change to the other place', () => {
    const keeps = { ...input, takesOver: false };
    const letter = digestLetter(keeps, 'coming', NOTHING, { action });
    expect(letter.body[1]).toBe(
      'Please confirm that you take over as primary: press the button, or reply HANDOFF X4Y9 to a text message.',
    );
    expect(unconfirmedLetter(keeps).body[0]).not.toContain('keeps');
  });

  it('asks who leaves for nothing', () => {
    const letter = digestLetter(input, 'leaving', NOTHING, {});
    expect(letter.short).toBe(
      'You go off duty as primary of Payments at Mon 23 Nov, 09:00 CET; Bob takes over. Nothing is open.',
    );
    expect(letter.action).toBeUndefined();
    const gap = { ...input, change: { ...input.change, coming: null } };
    expect(digestLetter(gap, 'leaving', NOTHING, {}).short).toContain('nobody comes after you');
  });

  it('and all other letters stay short enough for a text message, on one line', () => {
    const long = 'x'.repeat(400);
    const change = { ...input.change, schedule: long, leaving: `Alice\n${long}` };
    const all = [
      digestLetter({ ...input, change }, 'coming', NOTHING, { action }),
      reminderLetter({ ...input, change }, action),
      unconfirmedLetter({ ...input, change }),
      confirmedLetter({ ...input, change }),
    ];
    for (const { short, id } of all) {
      expect(short.length).toBeLessThanOrEqual(300);
      expect(short).not.toContain('\n');
      expect(id.length).toBeLessThanOrEqual(100);
    }
  });
});

describe('letters around it', () => {
  it('say what has not happened, and what then is', () => {
    expect(reminderLetter(input, action).short).toBe(
      'You have not confirmed yet that you take over as primary of Payments at Mon 23 Nov, 09:00 CET. Reply HANDOFF X4Y9, or others are told.',
    );
    expect(unconfirmedLetter(input).body[0]).toBe(
      'Bob has not confirmed the hand-over as primary of Payments at Mon 23 Nov, 09:00 CET. Until then Alice keeps what they have open.',
    );
    expect(confirmedLetter(input).short).toBe(
      'Bob confirmed the hand-over as primary of Payments. What you leave open is theirs from Mon 23 Nov, 09:00 CET on.',
    );
    expect(confirmedLetter({ ...input, takesOver: false }).short).toBe(
      'Bob confirmed the hand-over as primary of Payments.',
    );
  });

  const plan = {
    id: '1'.repeat(20),
    schedule: 'payments',
    slot: 'primary',
    at: AT,
    sendAt: AT - DAY,
    coming: 'bob',
    why: 'override',
    to: [],
  } as const;

  it('announce a shift, and that one is not', () => {
    const names = { schedule: 'Payments', coming: 'Bob', until: AT + DAY };
    expect(announcementLetter(plan, 'coming', names, berlin).short).toBe(
      'You are on call as primary of Payments from Mon 23 Nov, 09:00 CET until Tue 24 Nov, 09:00 CET. It was arranged by an override.',
    );
    expect(announcementLetter(plan, 'relieved', names, berlin).short).toBe(
      'You are not on call as primary of Payments from Mon 23 Nov, 09:00 CET on: Bob is. It was arranged by an override.',
    );
  });

  it('mark a test as one', () => {
    const test = firstShiftTest(plan, { schedule: 'Payments' }, berlin);
    expect([test.topic, test.subject.startsWith('[TEST]'), test.short.startsWith('[TEST]')]).toEqual([
      'test',
      true,
      true,
    ]);
    expect(test.short).toContain('begins Mon 23 Nov, 09:00 CET.');
    expect(test.body.join()).toContain('`tocsin contact test`');
    expect(test.body.join()).not.toMatch(/doctor|docs\//);
  });
});

describe('the call', () => {
  const text = invitationText({
    id: 'abc',
    from: AT,
    lengthMs: 30 * MINUTE,
    title: 'primary of Payments; Berlin: Alice to Bob\r\nBEGIN:VALARM',
    description: 'x'.repeat(200),
    madeAt: NOW,
  });

  it('is read by an independent parser as what it is', () => {
    const calendar = ICAL.Component.fromString(text);
    const events = calendar.getAllSubcomponents('vevent');
    expect(events).toHaveLength(1);
    const event = new ICAL.Event(events[0]);
    expect(event.startDate.toJSDate().getTime()).toBe(AT);
    expect(event.endDate.toJSDate().getTime()).toBe(AT + 30 * MINUTE);
    expect(event.summary).toBe('Hand-over primary of Payments; Berlin: Alice to Bob BEGIN:VALARM');
    expect(event.uid).toBe('handoff-abc@tocsin');
    expect(events[0]?.getAllSubcomponents()).toEqual([]);
    // Nobody is asked for an answer, and no address is handed on.
    expect(calendar.getFirstPropertyValue('method')).toBe('PUBLISH');
    expect(text).not.toMatch(/ATTENDEE|ORGANIZER|mailto/i);
    expect(Math.max(...text.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
  });

  it('begins with the change, and in the evening when the change is in somebody’s night', () => {
    const usual = { at: AT, digestAt: { leaving: NOW, coming: NOW } };
    expect(callBegins(usual)).toBe(AT);
    const evening = AT - 11 * HOUR;
    expect(callBegins({ at: AT, digestAt: { leaving: evening, coming: evening } })).toBe(
      evening + 30 * MINUTE,
    );
    expect(callBegins({ at: AT, digestAt: { leaving: evening, coming: NOW } })).toBe(AT);
  });
});
