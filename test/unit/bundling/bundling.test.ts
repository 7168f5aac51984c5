import { expect, it } from 'vitest';
import { activityScope } from '../../../activities/activity-scope.js';
import { handicapOfAll, keptPage } from '../../../activities/bundling/bundled-message.js';
import { createBundling, type SendOptions } from '../../../activities/bundling/bundling.js';
import type { DeliverInput } from '../../../activities/contracts.js';
import type { BundleMember, Bundles, Turn } from '../../../store/bundles.js';
import { page } from '../messages/fixtures.js';

const LONGEST_MS = 90_000;
const INPUT: DeliverInput = {
  deliveryId: 'd1',
  idempotencyKey: 'key-1',
  userId: 'alice',
  method: { id: 'sms-1', channel: 'sms' },
  attempt: 1,
  message: page(),
};

function member(n: number, handicapMs?: number): BundleMember {
  const { handicapMs: _own, ...kept } = keptPage(page({ openingId: `o${n}` }), 0);
  return {
    ...{ key: `key-${n}`, openingId: `o${n}`, deliveryId: `d${n}` },
    page: handicapMs === undefined ? kept : { ...kept, handicapMs },
  };
}

/** A page in a bundle about which the store says this. `lookMs`: what passes between two answers. */
async function optionsOf(turn: Turn, { lookMs = 0, ownMs = 30_000 } = {}): Promise<SendOptions> {
  let now = 0;
  let given: SendOptions | undefined;
  const bundles: Partial<Bundles> = {
    mark: () => Promise.resolve({ kind: 'bundle', id: 'b-1', closesInMs: 0 }),
    join: () => Promise.resolve(true),
    take: () => {
      now += lookMs;
      return Promise.resolve(turn);
    },
    extend: () => Promise.resolve([]),
    finish: () => Promise.resolve(),
    forget: () => Promise.resolve(),
  };
  const quiet = (): void => undefined;
  const bundling = createBundling({
    bundles: bundles as Bundles,
    isShared: true,
    config: () => ({ bundlingMs: 5_000, severities: [] }),
    incidentUrl: (openingId) => openingId,
    handicapOf: () => ownMs,
    send: (_scope, { deliveryId }, options) => {
      given = options;
      return Promise.resolve({ deliveryId, provider: 'sms', providerId: 'SM1', status: 'sent' });
    },
    clock: () => now,
    log: { info: quiet, warn: quiet, error: quiet },
    markWithinMs: 1_000,
    longestMs: LONGEST_MS,
    patienceMs: 98_000,
    numberWithinMs: 107_000,
  });
  await bundling.deliver(activityScope(), INPUT);
  if (given === undefined) throw new Error('Nothing was sent.');
  return given;
}

it('a list is as urgent as the most urgent of its pages, whoever sends it', async () => {
  const turn = { kind: 'sender', takes: 1 } as const;
  const withFirst = await optionsOf({
    ...turn,
    members: [member(1, 30_000), member(2, 0), member(3, 5_000)],
  });
  expect(withFirst.handicapMs).toBe(0);
  const repeats = await optionsOf({ ...turn, members: [member(1, 30_000), member(2, 35_000)] });
  expect(repeats.handicapMs).toBe(30_000);
});

it('of a page that an older version kept it takes the own urgency', () => {
  expect(handicapOfAll([member(1), member(2, 60_000)], 5_000)).toBe(5_000);
});

it('what a page has waited for its bundle is not there to wait for its number', async () => {
  const sender = await optionsOf(
    { kind: 'sender', takes: 1, members: [member(1), member(2)] },
    { lookMs: 1 },
  );
  expect(sender.longestMs()).toBe(LONGEST_MS);
  const late = await optionsOf(
    { kind: 'sender', takes: 2, members: [member(1), member(2)] },
    { lookMs: 50_000 },
  );
  expect(late.longestMs()).toBe(57_000);
  const alone = await optionsOf({ kind: 'waiting' }, { lookMs: 101_000 });
  expect(alone.longestMs()).toBe(6_000);
  const later = await optionsOf({ kind: 'waiting' }, { lookMs: 120_000 });
  expect(later.longestMs()).toBe(0);
});
