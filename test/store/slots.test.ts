import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPacer } from '../../activities/pacing/pacer.js';
import { createSharedSlots } from '../../activities/pacing/shared-slots.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];
/** What passes meanwhile is passed by the database's clock as well; each answer is rounded up. */
const stopwatch = (): (() => number) => {
  const began = performance.now();
  return () => performance.now() - began + 2;
};

describe.each(PLACES)('slots on %s', (_name, place) => {
  it('one of many who claim at once has it, and the others hear when it is free', async () => {
    const { slots } = await opened(await place());
    const passed = stopwatch();
    const answers = await Promise.all(Array.from({ length: 8 }, () => slots.claim('sms:1', 60_000)));
    const refused = answers.filter((freeInMs) => freeInMs > 0);
    expect(refused).toHaveLength(7);
    for (const freeInMs of refused) {
      expect(freeInMs).toBeGreaterThan(60_000 - passed());
      expect(freeInMs).toBeLessThanOrEqual(60_000);
    }
    expect(await slots.claim('sms:2', 300)).toBe(0);
    await delay(310);
    expect(await slots.claim('sms:2', 300)).toBe(0);
  });

  it('what was sent without asking adds up, and can be given back', async () => {
    const { slots } = await opened(await place());
    const passed = stopwatch();
    expect(await slots.book('sms:1', 20_000)).toBe(20_000);
    const debt = await slots.book('sms:1', 30_000);
    expect(debt).toBeGreaterThan(50_000 - passed());
    expect(debt).toBeLessThanOrEqual(50_000);
    expect(await slots.claim('sms:1', 1_000)).toBeGreaterThan(50_000 - passed());
    expect(await slots.book('sms:1', -50_000)).toBe(0);
    expect(await slots.claim('sms:1', 1_000)).toBe(0);
  });

  it('a clock that ran ahead keeps no number for hours', async () => {
    const { slots } = await opened(await place());
    await slots.book('sms:1', 3_600_000);
    expect(await slots.claim('sms:1', 1_000)).toBe(0);
    await slots.book('sms:1', 3_600_000);
    expect(await slots.book('sms:1', 1_000)).toBe(1_000);
    // A slow rate may keep it for minutes: 20 messages of a minute each are no mistake.
    expect(await slots.book('sms:3', 60_000)).toBe(60_000);
    for (let index = 0; index < 9; index += 1) await slots.book('sms:3', 60_000);
    expect(await slots.claim('sms:3', 60_000)).toBeGreaterThan(500_000);
  });
});

describe('two processes on one PostgreSQL', () => {
  it('send together no more than the rate and one message each ahead, and lose nothing', async () => {
    const where = await freshDatabase(postgres());
    const takesMs = 50;
    const sent: number[] = [];
    const stores = [await opened(where), await opened(where)];
    await Promise.all(
      stores.map(async (store) => {
        const pacer = createPacer({ shared: createSharedSlots(store.slots, { answerWithinMs: 5_000 }) });
        await Promise.all(
          Array.from({ length: 20 }, async () => {
            const turn = await pacer.turn({
              pace: { key: 'sms:1', takesMs },
              provider: 'twilio-sms',
              handicapMs: 0,
              longestMs: 30_000,
              hasOtherWay: false,
              signal: new AbortController().signal,
            });
            expect(turn.kind).toBe('go');
            sent.push(performance.now());
          }),
        );
      }),
    );
    expect(sent).toHaveLength(40);
    const times = sent.sort((one, other) => one - other);
    const most = (seconds: number): number =>
      Math.max(
        ...times.map((at) => times.filter((time) => time >= at && time < at + seconds * takesMs).length),
      );
    // One each ahead, and one for a timer of the test that was late by less than a message.
    for (const seconds of [1, 2, 5, 10, 20]) expect(most(seconds)).toBeLessThanOrEqual(seconds + 3);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(38 * takesMs);
  });
});
