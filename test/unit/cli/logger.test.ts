import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openLogFile } from '../../../cli/up/log-file.js';
import { createTerminalStream, openLog } from '../../../cli/up/logger.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'tocsin.log');

describe('the log file', () => {
  it('grows to its limit while Tocsin runs, and the one before it is kept', async () => {
    const failures: unknown[] = [];
    const log = openLogFile(file(), 100, (error) => failures.push(error));
    onTestFinished(() => log.close());
    for (let line = 0; line < 25; line += 1) log.write(`line ${String(line).padStart(4, '0')}\n`);
    expect((await readdir(folder)).sort()).toEqual(['tocsin.log', 'tocsin.log.1']);
    expect(await readFile(`${file()}.1`, 'utf8')).toMatch(/^line 0010\n[\s\S]*line 0019\n$/);
    expect(await readFile(file(), 'utf8')).toMatch(/^line 0020\n[\s\S]*line 0024\n$/);
    expect(failures).toEqual([]);
  });

  it('is gone on with after a restart, counting what is in it already', async () => {
    await writeFile(file(), 'x'.repeat(95));
    const log = openLogFile(file(), 100, () => undefined);
    log.write('after\n');
    log.close();
    expect(await readFile(file(), 'utf8')).toBe('after\n');
    expect((await stat(`${file()}.1`)).size).toBe(95);
    expect(() => log.write('too late\n')).not.toThrow();
  });

  it.runIf(existsSync('/dev/full'))(
    'on a full disk costs one warning and not the process; other warnings are still shown',
    async () => {
      const warnings: string[] = [];
      const { log, close } = await openLog('/dev/full', 'info', (text) => warnings.push(text));
      onTestFinished(close);
      log.info('one');
      log.info('two');
      log.warn('The configuration was refused.');
      expect(warnings).toEqual([
        expect.stringMatching(/^The log \/dev\/full can't be written \(ENOSPC.*\), so lines of it are lost/),
        'The configuration was refused.',
      ]);
    },
  );
});

describe('the terminal', () => {
  it('reads as one sentence what failed and why', () => {
    const shown: string[] = [];
    const write = createTerminalStream(
      (text) => shown.push(text),
      () => 0,
    );
    write(JSON.stringify({ level: 50, msg: 'Nothing was done.', err: { message: 'The store is full.' } }));
    expect(shown).toEqual(['Nothing was done: The store is full.']);
  });
});
