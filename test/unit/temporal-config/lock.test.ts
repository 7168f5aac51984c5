import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../system/lock.js';
import { identify } from '../../../system/process-identity.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tocsin-lock-'));
  path = join(directory, 'lock');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the lock between processes', () => {
  it('lets one at a time in, and leaves no file behind', async () => {
    let inside = 0;
    let most = 0;
    const waited: number[] = [];
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(path, (pid) => waited.push(pid), work)));
    expect(most).toBe(1);
    expect(new Set(waited)).toEqual(new Set([process.pid]));
    expect(await readdir(directory)).toEqual([]);
  });

  it('is free again after work that failed', async () => {
    await expect(
      withLock(
        path,
        () => undefined,
        () => Promise.reject(new Error('broken')),
      ),
    ).rejects.toThrow('broken');
    expect(
      await withLock(
        path,
        () => undefined,
        () => Promise.resolve('in'),
      ),
    ).toBe('in');
  });

  it('takes over the lock of a process that was killed, without waiting', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const holder = { host: hostname(), token: 'theirs', ...identify(child.pid ?? 0) };
    child.kill('SIGKILL');
    await once(child, 'exit');
    await writeFile(path, JSON.stringify(holder));
    const waited: number[] = [];
    expect(
      await withLock(
        path,
        (pid) => waited.push(pid),
        () => Promise.resolve('in'),
      ),
    ).toBe('in');
    expect(waited).toEqual([]);
  });

  it('knows a holder whose number was given to a later process', async () => {
    await writeFile(
      path,
      JSON.stringify({ host: hostname(), pid: process.pid, startedAt: 'long ago', token: 'old' }),
    );
    expect(
      await withLock(
        path,
        () => undefined,
        () => Promise.resolve('in'),
      ),
    ).toBe('in');
  });

  it('waits for a living holder and says for which process', async () => {
    let release = (): void => undefined;
    const first = withLock(
      path,
      () => undefined,
      () => new Promise<void>((resolve) => (release = resolve)),
    );
    const holder = await new Promise<number>((resolve) => {
      void withLock(path, resolve, () => Promise.resolve());
    });
    expect(holder).toBe(process.pid);
    release();
    await first;
  });
});
