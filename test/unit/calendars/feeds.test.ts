import { describe, expect, it } from 'vitest';
import { createFeeds, type Feed, type OverrideSet } from '../../../api/calendars/feeds.js';
import type { Config, User } from '../../../config/types.js';
import type { PreparedSchedule } from '../../../domain/oncall/on-call.js';
import { DAY, HOUR, SECOND } from '../../../domain/time/instant.js';
import { testConfig } from '../../api/support/test-config.js';
import { override, readCalendar, utc, weekly } from './support.js';

const NOW = utc('2026-06-09 12:00');
const NONE: OverrideSet = { version: 0, overrides: [] };

function user(id: string, name: string): readonly [string, User] {
  const methods = [{ id: 'sms-1', channel: 'sms', address: '+12025550101' }] as const;
  return [id, { id, name, zone: 'UTC', methods }];
}

function configWith(schedules: readonly PreparedSchedule[], hash = 'first'): Config {
  const users = new Map([user('alice', 'Alice'), user('bob', 'Bob; the other'), user('carol', 'Carol')]);
  return { ...testConfig(), hash, users, schedules: new Map(schedules.map((each) => [each.id, each])) };
}

/** Calendars of a Tocsin whose clock and config the test turns. */
function tocsin() {
  const world = { config: configWith([weekly(), weekly('database', ['alice', 'carol'])]), now: NOW };
  const feeds = createFeeds({ config: () => world.config, now: () => world.now });
  const of = (kind: 'person' | 'schedule', id: string, set = NONE): Promise<Feed> =>
    feeds.feedOf({ kind, id }, set);
  return { world, feeds, of };
}

describe('calendars', () => {
  it('of a person have their shifts in all schedules, and nobody else’s', async () => {
    const { of } = tocsin();
    const { properties, events } = readCalendar((await of('person', 'bob')).text);
    expect(properties['x-wr-calname']).toBe('On call: Bob; the other');
    const places = new Set(events.map(({ summary }) => summary));
    expect(places).toEqual(new Set(['On call: payments (primary)', 'On call: payments (secondary)']));
    const alice = readCalendar((await of('person', 'alice')).text);
    expect(new Set(alice.events.map(({ summary }) => summary)).size).toBe(4);
    const all = readCalendar((await of('schedule', 'payments')).text).events;
    // Together the calendars of the three are that of the schedule, event by event.
    const people = await Promise.all(['alice', 'bob', 'carol'].map((id) => of('person', id)));
    const theirs = people
      .flatMap(({ text }) => readCalendar(text).events)
      .filter(({ summary }) => summary.includes('payments'));
    const shape = ({ uid, from, to }: (typeof all)[number]): string => `${uid} ${from} ${to}`;
    expect(theirs.map(shape).sort()).toEqual(all.map(shape).sort());
    expect(all.length).toBeGreaterThan(100);
  });

  it('have a person who is only there by an override', async () => {
    const { of } = tocsin();
    const set = { version: 1, overrides: [override({ schedule: 'database', userId: 'bob' })] };
    const { events } = readCalendar((await of('person', 'bob', set)).text);
    const [extra] = events.filter(({ summary }) => summary.includes('database'));
    expect(extra).toMatchObject({ from: utc('2026-06-10 10:00'), description: 'Override by erin: dentist' });
  });

  it('never have a phone number', async () => {
    const { of } = tocsin();
    const set = { version: 1, overrides: [override({ by: 'alice', insteadOf: 'alice' })] };
    for (const feed of [await of('person', 'carol', set), await of('schedule', 'payments', set)]) {
      expect(feed.text).toContain('Override by Alice');
      expect(feed.text).not.toContain('+1202');
    }
  });

  it('are made once for all who ask, and again only when something of theirs has changed', async () => {
    const { world, of } = tocsin();
    let looks = 0;
    const { schedules } = world.config;
    const values = (): ReturnType<typeof schedules.values> => {
      looks += 1;
      return new Map(schedules).values();
    };
    world.config = { ...world.config, schedules: Object.assign(new Map(schedules), { values }) };
    const [first, same] = await Promise.all([of('person', 'alice'), of('person', 'alice')]);
    expect(same).toBe(first);
    expect(looks).toBe(1);
    world.now += HOUR;
    expect(await of('person', 'alice')).toBe(first);
    // A reload that changes nothing of it, and an override of another schedule.
    world.config = configWith(
      [weekly(), weekly('database', ['alice', 'carol']), weekly('other', ['bob'])],
      'second',
    );
    expect(await of('person', 'alice')).toBe(first);
    const elsewhere = { version: 1, overrides: [override({ schedule: 'other' })] };
    expect(await of('person', 'alice', elsewhere)).toBe(first);
    const here = { version: 2, overrides: [override({})] };
    const changed = await of('person', 'alice', here);
    expect(changed.tag).not.toBe(first.tag);
    expect(changed.changedAt).toBe(NOW + HOUR);
    expect(changed.text).toContain('LAST-MODIFIED:20260609T130000Z');
    // A day later the same shifts are within two weeks back and twelve months ahead; a week later others are.
    world.now += DAY;
    expect(await of('person', 'alice', here)).toBe(changed);
    world.now += 6 * DAY;
    expect((await of('person', 'alice', here)).tag).not.toBe(changed.tag);
  });

  it('are later than what was there before though everything happened within a second', async () => {
    const { of } = tocsin();
    const times: number[] = [];
    for (const version of [1, 2, 3]) {
      const to = utc('2026-06-10 11:00') + version * HOUR;
      times.push(
        (await of('schedule', 'payments', { version, overrides: [override({ id: `o-${version}`, to })] }))
          .changedAt,
      );
    }
    expect(times).toEqual([NOW, NOW + SECOND, NOW + 2 * SECOND]);
  });

  it('have the same tag in another process', async () => {
    const [one, other] = [tocsin(), tocsin()];
    other.world.now += 3 * HOUR;
    const [here, there] = [await one.of('person', 'alice'), await other.of('person', 'alice')];
    expect(there.tag).toBe(here.tag);
    expect(there.text).not.toBe(here.text);
  });

  it('of whoever is gone are empty, and say so', async () => {
    const { world, of } = tocsin();
    world.config = configWith([weekly()], 'second');
    const gone = readCalendar((await of('schedule', 'database')).text);
    expect(gone.events).toEqual([]);
    expect(gone.properties['x-wr-caldesc']).toBe('There is no schedule database any more.');
    expect((await of('person', 'dan')).text).toContain('There is no person dan any more.');
  });

  it('give way when there are too many, and are made again with the same tag', async () => {
    const { world } = tocsin();
    const feeds = createFeeds({ config: () => world.config, now: () => world.now, keep: 1 });
    const alice = { kind: 'person', id: 'alice' } as const;
    const first = await feeds.feedOf(alice, NONE);
    expect(await feeds.feedOf(alice, NONE)).toBe(first);
    await feeds.feedOf({ kind: 'person', id: 'bob' }, NONE);
    const again = await feeds.feedOf(alice, NONE);
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
});
