import { onTestFinished } from 'vitest';
import type { Config } from '../../../config/types.js';
import { createKnownOverrides, type KnownOverrides } from '../../../store/known-overrides.js';
import type { Store } from '../../../store/store.js';
import { API_KEY } from '../../api/support/test-config.js';
import { createTestApp, NOW, type TestApp } from '../../api/support/test-app.js';
import { configOf } from '../../unit/config/support.js';
import { silent } from './overrides.js';
import { freshFolder } from './stores.js';

/** An app with a real configuration and a real store. Payments: alice and bob by turns, in Berlin; alice has this week. */
export interface SchedulesApp extends TestApp {
  readonly known: KnownOverrides;
  /** As it is now; `NOW` at first. */
  clock: { at: number };
}

export async function schedulesApp(store: Store, changes: Partial<Config> = {}): Promise<SchedulesApp> {
  const clock = { at: NOW };
  const config = configOf(
    {
      apiKeys: '\n  ops: { key: { env: API_KEY } }',
      users: `
  alice: { name: Alice, phone: "+12025550101" }
  bob: { name: Bob, phone: "+12025550102" }
  erin: { name: Erin, phone: "+12025550105" }
  fay: { name: Fay, phone: "+12025550106" }`,
    },
    { API_KEY },
  );
  const known = createKnownOverrides({
    store,
    file: `${await freshFolder()}/overrides.json`,
    now: () => clock.at,
    log: silent,
    everyMs: 20,
  });
  onTestFinished(() => known.stop());
  await known.loaded;
  const app = createTestApp({ config: () => ({ ...config, ...changes }), store, known, now: () => clock.at });
  return { ...app, known, clock };
}
