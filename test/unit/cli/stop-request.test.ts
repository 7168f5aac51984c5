import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listenForStop } from '../../../cli/up/stop-request.js';

function listening(isTerminalGone: () => boolean) {
  const [asked, forced, reload] = [vi.fn(), vi.fn(), vi.fn()];
  const stop = listenForStop(asked, forced, { reload, isTerminalGone });
  onTestFinished(() => stop.dispose());
  return { stop, asked, reload };
}

describe('SIGHUP', () => {
  it('reads again, as often as it comes, and ends nothing', () => {
    const { stop, asked, reload } = listening(() => false);
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    expect(reload).toHaveBeenCalledTimes(2);
    expect(asked).not.toHaveBeenCalled();
    expect(stop.signal.aborted).toBe(false);
    process.emit('SIGTERM');
    process.emit('SIGHUP');
    expect(stop.signal.aborted).toBe(true);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('of a closed terminal ends the program', () => {
    const { stop, asked, reload } = listening(() => true);
    process.emit('SIGHUP');
    expect(asked).toHaveBeenCalledTimes(1);
    expect(stop.signal.aborted).toBe(true);
    expect(reload).not.toHaveBeenCalled();
  });

  it('ends a program that has nothing to read again', () => {
    const asked = vi.fn();
    const stop = listenForStop(asked, vi.fn());
    onTestFinished(() => stop.dispose());
    process.emit('SIGHUP');
    expect(stop.signal.aborted).toBe(true);
  });

  // util-linux: it gives a program a terminal, which is gone when it is killed.
  it.skipIf(process.platform !== 'linux' || !existsSync('/usr/bin/script'))(
    'is told apart on a real terminal that is closed',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tocsin-terminal-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const [program, told] = [join(folder, 'program.mts'), join(folder, 'told')];
      const subject = pathToFileURL(join(import.meta.dirname, '../../../cli/up/stop-request.ts')).href;
      await writeFile(
        program,
        `import { appendFileSync } from 'node:fs';
import { listenForStop } from ${JSON.stringify(subject)};
const tell = (what: string) => appendFileSync(${JSON.stringify(told)}, what + '\\n');
listenForStop(() => { tell('stop'); process.exit(0); }, () => undefined, { reload: () => tell('reload') });
setTimeout(() => undefined, 20_000);
tell(String(process.pid));
`,
      );
      const tsx = import.meta.resolve('tsx');
      const command = `exec '${process.execPath}' --import '${tsx}' '${program}'`;
      const terminal = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { stdio: 'pipe' });
      onTestFinished(() => void terminal.kill('SIGKILL'));
      const lines = async () =>
        existsSync(told) ? (await readFile(told, 'utf8')).trim().split('\n') : ([] as string[]);
      await expect.poll(lines, { timeout: 15_000 }).toHaveLength(1);
      const [pid = ''] = await lines();
      process.kill(Number(pid), 'SIGHUP');
      await expect.poll(lines, { timeout: 5_000 }).toEqual([pid, 'reload']);
      terminal.kill('SIGKILL');
      await expect.poll(lines, { timeout: 5_000 }).toEqual([pid, 'reload', 'stop']);
    },
    30_000,
  );
});
