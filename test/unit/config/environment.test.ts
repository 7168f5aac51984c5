import { expect, test } from 'vitest';
import { loadEnvironment } from '../../../config/environment.js';

test('how many incidents a worker keeps in memory is a whole number from 10 to 100,000, else the SDK decides', () => {
  const read = (value: string | undefined) => loadEnvironment({ TOCSIN_CACHED_INCIDENTS: value });
  expect(read('200')).toMatchObject({ ok: true, environment: { cachedIncidents: 200 } });
  for (const absent of [undefined, '']) {
    const loaded = read(absent);
    expect(loaded.ok && 'cachedIncidents' in loaded.environment).toBe(false);
    expect(loaded.ok).toBe(true);
  }
  for (const wrong of ['9', '100001', '12.5', 'many'])
    expect(read(wrong)).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('TOCSIN_CACHED_INCIDENTS') as string],
    });
});

test('the store is a PostgreSQL by its URL, and what is wrong is told without the value', () => {
  for (const url of ['postgres://tocsin:geheim@db:5432/tocsin?sslmode=verify-full', 'postgresql:///tocsin'])
    expect(loadEnvironment({ DATABASE_URL: ` ${url} ` })).toMatchObject({
      ok: true,
      environment: { databaseUrl: url },
    });
  const absent = loadEnvironment({ DATABASE_URL: '' });
  expect(absent.ok && 'databaseUrl' in absent.environment).toBe(false);
  for (const wrong of ['mysql://tocsin:geheim@db/tocsin', 'host=db password=geheim', 'geheim']) {
    const loaded = loadEnvironment({ DATABASE_URL: wrong });
    expect(loaded).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('DATABASE_URL') as string],
    });
    expect(JSON.stringify(loaded)).not.toContain('geheim');
  }
});
