import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownDirectory, readRunState } from '../../../cli/up/run-state.js';
import { identify } from '../../../system/process-identity.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-run-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'run.json');

describe('the data folder of a running Tocsin', () => {
  it('belongs to one process, and the second is told where the first is', async () => {
    const directory = await ownDirectory(folder);
    await expect(ownDirectory(folder)).rejects.toMatchObject({
      code: 'already-running',
      message: `Tocsin already runs here (pid ${process.pid}): it is still starting`,
    });
    await directory.announce({ url: 'http://localhost:3000' });
    await expect(ownDirectory(folder)).rejects.toMatchObject({
      message: `Tocsin already runs here (pid ${process.pid}): http://localhost:3000`,
      exitCode: 1,
    });
    expect(await readRunState(folder)).toMatchObject({ pid: process.pid, url: 'http://localhost:3000' });
  });

  it('is free again once it was released', async () => {
    await (await ownDirectory(folder)).release();
    expect(await readRunState(folder)).toBeNull();
    await (await ownDirectory(folder)).release();
  });

  it('is taken over from a process that is gone', async () => {
    await writeFile(file(), JSON.stringify({ pid: 999_999_999, startedAt: '1', url: 'http://localhost:1' }));
    expect(await readRunState(folder)).toBeNull();
    await (await ownDirectory(folder)).release();
  });

  it('is taken over when another process got the same number since', async () => {
    const { startedAt } = identify(process.pid) ?? {};
    expect(startedAt).toBeDefined();
    await writeFile(file(), JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
    expect(await readRunState(folder)).toBeNull();
    const directory = await ownDirectory(folder);
    expect(await readRunState(folder)).toMatchObject({ pid: process.pid, startedAt });
    await directory.release();
  });

  it('is taken over when its file was cut off in the middle', async () => {
    await writeFile(file(), '{"pid": 12');
    const directory = await ownDirectory(folder);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: process.pid });
    await directory.release();
  });

  it('goes to exactly one of those that want it at the same time', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => ownDirectory(folder)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is made for its owner only, and one that can’t be made is told in one sentence', async () => {
    const inner = join(folder, 'data');
    await (await ownDirectory(inner)).release();
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
    await writeFile(join(folder, 'file'), '');
    await expect(ownDirectory(join(folder, 'file'))).rejects.toMatchObject({
      code: 'data-directory',
      remedy: expect.stringContaining('--data-dir') as string,
    });
  });
});
