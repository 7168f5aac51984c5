import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepSecrets, readSecrets } from '../../../cli/up/secrets.js';

let folder: string;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-secrets-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'secrets.json');
const keep = (...names: string[]) => keepSecrets(folder, names, (sentence) => warnings.push(sentence));

describe('made-up keys', () => {
  it('are the same at the next start, and new names get keys of their own', async () => {
    const first = await keep('TOCSIN_SECRET', 'TOCSIN_API_KEY');
    expect(first['TOCSIN_SECRET']).toMatch(/^[0-9a-f]{32}$/);
    expect(first['TOCSIN_SECRET']).not.toBe(first['TOCSIN_API_KEY']);
    const second = await keep('TOCSIN_SECRET', 'TOCSIN_KEY_GENERIC');
    expect(second).toMatchObject(first);
    expect(Object.keys(second)).toHaveLength(3);
    expect(await readSecrets(folder)).toEqual(second);
    expect(warnings).toEqual([]);
  });

  it('can be read by their owner only, also when somebody opened the file up', async () => {
    await keep('TOCSIN_SECRET');
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    await chmod(file(), 0o644);
    await keep('TOCSIN_SECRET');
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it.each(['{"TOCSIN_SECRET": "abc', '', '[]', '{"TOCSIN_SECRET": "short"}'])(
    'are made anew when the file is damaged (%j); the old file is kept and a person is told',
    async (damaged) => {
      await writeFile(file(), damaged);
      expect(await readSecrets(folder)).toEqual({});
      const made = await keep('TOCSIN_SECRET');
      expect(made['TOCSIN_SECRET']).toMatch(/^[0-9a-f]{32}$/);
      expect(await readSecrets(folder)).toEqual(made);
      expect(await readFile(`${file()}.damaged`, 'utf8')).toBe(damaged);
      expect(warnings).toEqual([expect.stringContaining('secrets.json was damaged')]);
    },
  );

  it('that can’t be kept are told in one sentence with a remedy', async () => {
    await expect(
      keepSecrets(join(folder, 'nowhere'), ['TOCSIN_SECRET'], () => undefined),
    ).rejects.toMatchObject({
      code: 'secrets',
      message: expect.stringContaining('secrets.json can') as string,
      remedy: expect.any(String) as string,
    });
  });
});
