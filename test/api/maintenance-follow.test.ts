import { expect, it, onTestFinished } from 'vitest';
import { followMaintenance } from '../../api/maintenance/follow.js';
import { HOUR } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import { createFakeIncidents } from './support/fake-incidents.js';
import { NOW, OPENING } from './support/test-app.js';

function stored(id: string, changes: Partial<StoredWindow> = {}): StoredWindow {
  return {
    ...{ id, services: ['payments'], match: null, from: NOW, to: NOW + HOUR, reason: 'upgrade' },
    ...{ stopPages: true, by: 'alice', createdAt: NOW, ...changes },
  };
}

function following(windows: readonly StoredWindow[], incidents = createFakeIncidents()) {
  const clock = { at: NOW };
  const warned: { readonly window?: unknown; readonly message: string }[] = [];
  const follow = followMaintenance({
    ...{ incidents, windows: () => windows, now: () => clock.at, everyMs: 3_600_000 },
    log: {
      info: () => undefined,
      warn: (fields: object, message?: string) => void warned.push({ ...fields, message: message ?? '' }),
    },
  });
  onTestFinished(() => follow.stop());
  return { incidents, clock, warned, look: () => follow.look() };
}

it('tells of every window though incidents can’t be told of the first', async () => {
  const incidents = createFakeIncidents();
  incidents.incidents = [
    {
      ...{ openingId: OPENING, code: '7KQ2', title: 'it burns', service: 'orders', severity: 'SEV1' },
      ...{ phase: 'triggered' as const, open: true, startedAt: NOW },
    },
  ];
  const list = incidents.list.bind(incidents);
  incidents.list = (filter) =>
    filter.service === 'payments' ? Promise.reject(new RangeError('broken')) : list(filter);
  const { look, warned, clock } = following(
    [stored('mw-1'), stored('mw-2', { services: ['orders'] })],
    incidents,
  );
  for (const afterMs of [0, 3_000]) {
    clock.at = NOW + afterMs;
    await look();
  }
  expect(incidents.maintained).toMatchObject([
    { openingId: OPENING, change: { type: 'began', window: { id: 'mw-2' } } },
  ]);
  expect(warned.map(({ window }) => window)).toEqual(['mw-1', 'mw-1']);
});

it('says once of a window whose labels can’t be compared that it covers nothing', async () => {
  const { look, warned } = following([
    stored('mw-1', { match: { team: '/(/' }, stopPages: false }),
    stored('mw-2', { match: { team: '/web-.*/' }, stopPages: false }),
  ]);
  await look();
  await look();
  expect(warned).toMatchObject([{ window: 'mw-1' }]);
  expect(warned[0]?.message).toContain('covers nothing');
});
