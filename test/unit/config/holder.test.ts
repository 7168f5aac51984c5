import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfigHolder, type ConfigHolder, type HolderOptions } from '../../../config/holder.js';
import type { LoadResult } from '../../../config/load.js';
import { utc, yamlWith } from './support.js';

let directory = '';
let holder: ConfigHolder | undefined;
const file = (): string => path.join(directory, 'tocsin.yaml');
const withFay = yamlWith({ teams: '\n  web: { members: [bob] }' });

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tocsin-holder-'));
  await writeFile(file(), yamlWith({}));
});
afterEach(async () => {
  holder?.stop();
  await rm(directory, { recursive: true });
});

async function start(options: Partial<HolderOptions> = {}): Promise<ConfigHolder> {
  let clock = utc('2026-06-01 00:00');
  const started = await createConfigHolder({
    path: directory,
    env: {},
    now: () => (clock += 1),
    lookEveryMs: 0,
    ...options,
  });
  if (!started.ok) throw new Error(JSON.stringify(started.problems));
  holder = started.holder;
  return started.holder;
}

describe('a running config', () => {
  it('is replaced by a changed one without a restart', async () => {
    const running = await start();
    const before = running.current();
    await writeFile(file(), withFay);
    await running.reload();
    expect(running.current().hash).not.toBe(before.hash);
    expect(running.status()).toMatchObject({
      hash: running.current().hash,
      refused: null,
      loads: 2,
      refusals: 0,
    });
  });

  it('stays when the files no longer validate, and that is visible until they do', async () => {
    const running = await start();
    const before = running.current();
    await writeFile(file(), yamlWith({ services: '\n  other: { policy: nothing, catchAll: true }' }));
    const result = await running.reload();
    expect(result.ok).toBe(false);
    expect(running.current()).toBe(before);
    expect(running.status()).toMatchObject({
      hash: before.hash,
      loads: 1,
      refusals: 1,
      refused: { problems: [{ path: 'services.other.policy' }] },
    });
    await writeFile(file(), withFay);
    await running.reload();
    expect(running.status().refused).toBeNull();
  });

  it('stays when the files are gone', async () => {
    const running = await start();
    const before = running.current();
    await rm(file());
    await running.reload();
    expect(running.current()).toBe(before);
    expect(running.status().refused?.problems[0]?.message).toBe('holds no YAML file');
  });

  it('stays when loading breaks in a way that nobody thought of: refused, not rejected', async () => {
    let isBroken = false;
    const env = new Proxy<Record<string, string>>(
      { TOCSIN_KEY: 'a key of the tests' },
      {
        getOwnPropertyDescriptor: (target, name) => {
          if (isBroken) throw new Error('the environment is gone');
          return Reflect.getOwnPropertyDescriptor(target, name);
        },
      },
    );
    await writeFile(file(), yamlWith({ apiKeys: '{ cli: { key: { env: TOCSIN_KEY } } }' }));
    const told: boolean[] = [];
    const running = await start({ env, onReload: ({ ok }) => told.push(ok) });
    const before = running.current();
    isBroken = true;
    const result = await running.reload();
    expect(result).toMatchObject({
      ok: false,
      problems: [{ level: 'error', message: 'could not be loaded: the environment is gone' }],
    });
    expect(running.current()).toBe(before);
    expect(running.status()).toMatchObject({
      refusals: 1,
      refused: { problems: [{ level: 'error' }] },
    });
    isBroken = false;
    expect((await running.reload()).ok).toBe(true);
    expect(running.status().refused).toBeNull();
    expect(told).toEqual([false, true]);
  });

  it('is in force even if telling of it breaks, which is a warning', async () => {
    const running = await start({
      onReload: () => {
        throw new Error('the log is full');
      },
    });
    await writeFile(file(), withFay);
    expect((await running.reload()).ok).toBe(true);
    expect(running.status()).toMatchObject({ loads: 2, refused: null });
    expect(running.status().warnings.at(-1)?.message).toContain('the log is full');
  });

  it('notices a change by itself', async () => {
    let noticed: (result: LoadResult) => void = () => undefined;
    const change = new Promise<LoadResult>((resolve) => {
      noticed = resolve;
    });
    const running = await start({ lookEveryMs: 10, onReload: (result) => noticed(result) });
    await writeFile(path.join(directory, 'more.yaml'), 'teams:\n  web: { members: [bob] }\n');
    const result = await change;
    expect(result.ok).toBe(true);
    expect(running.status().loads).toBe(2);
  });

  it('does not begin with files that do not validate', async () => {
    await writeFile(file(), 'users: {}\n');
    const started = await createConfigHolder({ path: directory, env: {}, now: () => 0, lookEveryMs: 0 });
    expect(started.ok).toBe(false);
  });
});
