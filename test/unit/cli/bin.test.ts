import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installationRoot } from '../../../cli/context.js';

const root = installationRoot();

/** A checkout of a program of one line, built by the real scripts. */
async function checkout(): Promise<{ folder: string; tocsin: () => Promise<{ out: string; err: string }> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bin-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const name of ['bin', 'scripts', ...settings])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'cli'));
  const tocsin = async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      join(folder, 'bin', 'tocsin.mjs'),
    ]);
    return { out: stdout, err: stderr };
  };
  return { folder, tocsin };
}

describe('the tocsin command of a checkout', () => {
  it('is found by its name once bin/ is in PATH, and by a link to it', async () => {
    const { folder } = await checkout();
    writeFileSync(join(folder, 'cli', 'main.ts'), "console.log(process.argv.slice(2).join('+'));\n");
    const links = join(folder, 'links');
    mkdirSync(links);
    symlinkSync(join(folder, 'bin', 'tocsin'), join(links, 'tocsin'));
    for (const place of [join(folder, 'bin'), links]) {
      const env = { ...process.env, PATH: `${place}:${process.env['PATH'] ?? ''}` };
      const { stdout } = await promisify(execFile)('tocsin', ['show', 'two words'], { env });
      expect(stdout).toBe('show+two words\n');
    }
  });

  it('is built at its first use, again when the sources are others, and not in between', async () => {
    const { folder, tocsin } = await checkout();
    const source = join(folder, 'cli', 'main.ts');
    writeFileSync(source, "console.log('old');\n");
    expect(await tocsin()).toMatchObject({
      out: 'old\n',
      err: expect.stringContaining('compiling') as string,
    });
    expect(await tocsin()).toEqual({ out: 'old\n', err: '' });
    writeFileSync(source, "console.log('new');\n");
    expect(await tocsin()).toMatchObject({
      out: 'new\n',
      err: expect.stringContaining('compiling') as string,
    });
  });

  it('says what is wrong with sources that do not compile, and does not run the old program', async () => {
    const { folder, tocsin } = await checkout();
    writeFileSync(join(folder, 'cli', 'main.ts'), 'const broken: number = "";\n');
    await expect(tocsin()).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/Compiling failed with \d+ errors?; mend/) as string,
    });
    expect(existsSync(join(folder, 'dist', '.build-stamp'))).toBe(false);
  });
});
