import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkMaintenance } from '../../../cli/doctor/check-maintenance.js';
import { HOUR } from '../../../domain/time/instant.js';
import type { StoredWindow } from '../../../store/maintenance.js';
import { createTestApp, NOW } from '../../api/support/test-app.js';
import { API_KEY } from '../../api/support/test-config.js';
import { recording } from '../../support/command-line.js';

const { context } = recording({
  env: { TOCSIN_DATA_DIR: join(tmpdir(), 'no-tocsin-here'), TOCSIN_API_KEY: API_KEY },
});

function stored(id: string, team: string): StoredWindow {
  return {
    ...{ id, services: [], match: { team }, from: NOW, to: NOW + HOUR, reason: 'upgrade' },
    ...{ stopPages: false, by: 'alice', createdAt: NOW },
  };
}

it('tocsin doctor names maintenance windows that cover nothing, with how to mend it', async () => {
  const value = [stored('mw-1', 'web'), stored('mw-2', '/(/')];
  const maintenance = {
    current: () => ({ value, asOf: NOW, isStale: false }),
    refresh: () => Promise.resolve(),
  };
  const { app } = createTestApp({ now: () => NOW, maintenance });
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const asking = { asked: [{ url, expected: 'process' }], flags: {}, context } as const;
  const [one, ...more] = await checkMaintenance(asking);
  expect(more).toEqual([]);
  expect(one).toMatchObject({ name: 'Maintenance', status: 'warn' });
  expect(one?.detail).toContain('mw-2 covers nothing, since its labels can’t be compared: Invalid regular');
  expect(one?.remedy).toContain('tocsin maintenance end mw-2');
  // Who answers nothing is told elsewhere.
  expect(await checkMaintenance({ ...asking, asked: [] })).toEqual([]);
});
