import { describe, expect, it } from 'vitest';
import { plannedAnnouncements, plannedHandoffs } from '../../../config/handoffs.js';
import { DAY, HOUR, MINUTE } from '../../../domain/time/instant.js';
import { overrideOf } from '../handoff/support.js';
import { configOf, load, said, utc, yamlWith } from './support.js';

const schedules = (handoff: string, defaults: string | null = null) => ({
  schedules: `
  payments:
    name: Payments
    zone: Europe/Berlin
    rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }${handoff}`,
  ...(defaults === null ? {} : { defaults }),
});

describe('handoff of a schedule', () => {
  it('is on, with a call of 30 minutes, for the services whose policy asks it', () => {
    expect(configOf(schedules('')).handoffs.get('payments')).toEqual({
      name: 'Payments',
      callMs: 30 * MINUTE,
      owner: null,
      services: ['other'],
    });
  });

  it('can be off, by itself or by default', () => {
    const has = (handoff: string, defaults: string | null = null): boolean =>
      configOf(schedules(handoff, defaults)).handoffs.has('payments');
    expect([
      has('\n    handoff: off'),
      has('', ' { handoff: off }'),
      has('\n    handoff: on', ' { handoff: off }'),
    ]).toEqual([false, false, true]);
  });

  it('takes from the defaults what it does not say', () => {
    const config = configOf(
      schedules('\n    handoff: { call: off }', ' { handoff: { call: 15m, owner: "user:erin" } }'),
    );
    expect(config.handoffs.get('payments')).toMatchObject({
      callMs: null,
      owner: { kind: 'user', id: 'erin' },
    });
  });

  it.each([
    ['\n    handoff: 5', 'is neither on, off nor settings of hand-overs'],
    ['\n    handoff: sometimes', 'is neither on, off nor settings of hand-overs'],
    ['\n    handoff: { owner: "user:nobody" }', 'there is no user "nobody"'],
  ])('is checked:%s', (handoff, message) => {
    const problems = said(load(yamlWith(schedules(handoff)))).map((problem) => problem.message);
    expect(problems).toContainEqual(expect.stringContaining(message));
  });
});

describe('what is planned', () => {
  const config = configOf(schedules(''));
  const change = utc('2026-06-15 07:00');

  it('are the changes of schedules that are handed over, with the overrides', () => {
    const told = (overrides: Parameters<typeof plannedHandoffs>[1]): string[] =>
      plannedHandoffs(config, overrides, change - HOUR, change + DAY).map(
        ({ slot, leaving, coming, at }) =>
          `${(at - change) / HOUR} ${slot} ${leaving ?? '-'} ${coming ?? '-'}`,
      );
    expect(told([])).toEqual(['0 primary alice bob', '0 secondary bob alice']);
    const cover = overrideOf({ schedule: 'payments', userId: 'erin', from: change, to: change + 2 * HOUR });
    expect(told([cover])[0]).toBe('0 primary alice erin');
    // Somebody who has left the configuration has no shift.
    expect(told([{ ...cover, userId: 'gone' }])).toEqual(told([]));
    expect(
      plannedHandoffs(configOf(schedules('\n    handoff: off')), [], change - HOUR, change + DAY),
    ).toEqual([]);
  });

  it('are announcements a day ahead, and no earlier than they are due', () => {
    const due = (now: number): string[] =>
      plannedAnnouncements(config, [], now, now + 30 * MINUTE).map(({ slot, coming }) => `${slot} ${coming}`);
    expect(due(change - DAY - 31 * MINUTE)).toEqual([]);
    expect(due(change - DAY - 29 * MINUTE)).toEqual(['primary bob', 'secondary alice']);
    expect(due(change - HOUR)).toEqual(['primary bob', 'secondary alice']);
    expect(due(change)).toEqual([]);
  });

  it('announce in the evening before what would be announced by night', () => {
    // 02:00 in New York, where these two live, is 08:00 in Berlin.
    const far = configOf({
      ...schedules(''),
      users: `
  alice: { name: Alice, phone: "+12025550101", zone: America/New_York }
  bob: { name: Bob, phone: "+12025550102", zone: America/New_York }
  erin: { name: Erin, phone: "+12025550105" }`,
    });
    const sent = plannedAnnouncements(far, [], change - 40 * HOUR, change).map(({ sendAt }) => sendAt);
    expect(sent.map((at) => new Date(at).toISOString())).toEqual(
      Array.from({ length: 2 }, () => '2026-06-14T00:00:00.000Z'),
    );
  });
});
