import { describe, expect, it } from 'vitest';
import { StoreAway } from '../../store/errors.js';
import type { Store } from '../../store/store.js';
import { createTestApp } from './support/test-app.js';

/** What a store says while it is `reason`. */
function refusing(reason: 'starting' | 'unreachable'): Store {
  const refuse = () => Promise.reject(new StoreAway(reason, 'The store is still being opened.'));
  return { overrides: { list: refuse }, state: () => ({ status: 'starting' }) } as unknown as Store;
}

describe('a call that the store refuses', () => {
  it.each([
    ['starting', 30],
    ['unreachable', 50],
  ] as const)('is logged by what is to mend: %s at level %d', async (reason, level) => {
    const app = createTestApp({ store: refusing(reason) });
    expect((await app.api('GET', '/v1/overrides')).statusCode).toBe(503);
    const lines = app.logged
      .map((line) => JSON.parse(line) as { level: number; code?: string; err?: object })
      .filter(({ code }) => code === 'store-away');
    expect(lines.map((line) => [line.level, line.err !== undefined])).toEqual([[level, level === 50]]);
  });
});
