import { describe, expect, it } from 'vitest';
import { knownBeside } from '../../api/known-beside.js';
import { inForce } from '../../config/in-force.js';
import { HOUR } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import { createTokens } from '../../tokens/signed-token.js';
import { configOf, utc } from '../unit/config/support.js';
import { createTestApp, NOW } from './support/test-app.js';
import { GENERIC_KEY } from './support/test-config.js';

const STORED: StoredWindow = {
  ...{ id: 'mw-1', services: [], match: null, from: NOW - HOUR, to: NOW + HOUR, reason: 'upgrade' },
  ...{ stopPages: false, by: 'ops', createdAt: NOW - HOUR },
};
const maintenance = {
  current: () => ({ value: [STORED], asOf: NOW, isStale: false }),
  refresh: () => Promise.resolve(),
};

describe('what an API knows beside the files', () => {
  it('counts for what it takes in', async () => {
    const quiet = async (test: ReturnType<typeof createTestApp>) => {
      const { statusCode } = await test.app.inject({
        ...{ method: 'POST', url: '/v1/alerts/generic', payload: { summary: 'Disk full' } },
        headers: { authorization: `Bearer ${GENERIC_KEY}` },
      });
      expect(statusCode).toBe(202);
      return test.incidents.taken[0]?.input.quiet?.map(({ id }) => id);
    };
    expect(await quiet(createTestApp())).toBeUndefined();
    expect(await quiet(createTestApp({ maintenance }))).toEqual(['mw-1']);
  });

  it('is the same as what a worker pages by: contact methods and overrides too', () => {
    const config = configOf();
    const at = utc('2026-01-06 12:00');
    const tokens = createTokens('a-secret-of-sixteen-characters');
    const override = { id: 'o1', schedule: 'payments', slot: 'primary', userId: 'erin' } as const;
    const times = { insteadOf: null, from: at - HOUR, to: at + HOUR, createdAt: at - HOUR };
    const known = {
      overrides: [{ ...override, ...times, reason: 'x', by: 'alice', swapId: null }],
      ...{ asOf: at, isStale: true },
    };
    const found = inForce(
      () => config,
      knownBeside({
        tokens,
        known: { current: () => known },
        verified: { current: () => ({ proofs: [], asOf: at, isStale: false }) },
      }),
    )().findPeople([{ kind: 'schedule', id: 'payments', slot: 'primary' }], 'high', at);
    expect(found).toMatchObject({ people: [{ userId: 'erin', unproven: true }], overridesAsOf: at });
  });
});
