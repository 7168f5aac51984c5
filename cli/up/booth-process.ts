import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { CliFailure } from '../failure.js';

/** How the phone booth is set up. */
export interface BoothProcessOptions {
  /** Port of its page and of its stand-in for Twilio. */
  readonly port: number;
  /** What it reads: names as in booth/environment.ts. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its complaints, for the log. */
  readonly onLine: (line: string) => void;
  /** What a person should know: it ended, it is back. */
  readonly say: (sentence: string) => void;
}

/** The phone booth in a process of its own. It ends when this process does, however that ends. */
export interface BoothProcess {
  readonly httpUrl: string;
  readonly smtpUrl: string;
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'booth', 'main.js');
const READY_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 3_000;
const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;
const ready = z.object({ httpUrl: z.string(), smtpUrl: z.string() });

/**
 * Starts the booth, and again whenever it ends by itself, on the same ports.
 * @throws CliFailure `booth` when it does not start
 */
export async function startBooth(options: BoothProcessOptions): Promise<BoothProcess> {
  const stopping = new AbortController();
  let { child, urls } = await startOnce(options, 0);
  const { httpUrl, smtpUrl } = urls;
  const smtpPort = Number(new URL(smtpUrl).port);

  const supervise = async (): Promise<void> => {
    let backOffMs = FIRST_BACK_OFF_MS;
    for (;;) {
      await ended(child);
      while (!stopping.signal.aborted) {
        options.say('The phone booth ended and is started again; what it showed comes back.');
        await delay(backOffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        try {
          ({ child, urls } = await startOnce(options, smtpPort));
          backOffMs = FIRST_BACK_OFF_MS;
          break;
        } catch (error) {
          options.onLine(error instanceof Error ? error.message : String(error));
          backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
        }
      }
      if (stopping.signal.aborted) return endChild(child);
    }
  };
  const supervised = supervise();
  return {
    httpUrl,
    smtpUrl,
    pid: () => child.pid,
    stop: async () => {
      stopping.abort();
      await endChild(child);
      await supervised;
    },
  };
}

async function startOnce(
  options: BoothProcessOptions,
  smtpPort: number,
): Promise<{ child: Child; urls: z.infer<typeof ready> }> {
  const child = spawn(process.execPath, [PROGRAM], {
    // A group of its own: Ctrl-C in a terminal must not end it before the worker has drained.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: options.env['PATH'],
      ...options.env,
      BOOTH_HTTP_PORT: String(options.port),
      BOOTH_SMTP_PORT: String(smtpPort),
    },
  });
  child.stdin.on('error', () => undefined);
  let lastLine = '';
  createInterface(child.stderr).on('line', (text) => {
    lastLine = text;
    options.onLine(text);
  });
  const lines = createInterface(child.stdout);
  try {
    const urls = await new Promise<z.infer<typeof ready>>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('it did not answer in time')), READY_TIMEOUT_MS);
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new Error(reason));
      };
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code, signal) => fail(lastLine || `it ended with ${signal ?? `code ${code}`}`));
      lines.once('line', (text) => {
        clearTimeout(timer);
        try {
          resolve(ready.parse(JSON.parse(text)));
        } catch {
          reject(new Error(`it said: ${text}`));
        }
      });
    });
    return { child, urls };
  } catch (error) {
    await endChild(child);
    const why = error instanceof Error ? error.message : String(error);
    throw new CliFailure(`The phone booth could not be started: ${why}.`, {
      code: 'booth',
      remedy: `Look whether port ${options.port} is free, or choose another with TOCSIN_BOOTH_PORT.`,
      cause: error,
    });
  }
}

function ended(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Closing its stdin asks it to end; SIGKILL makes it. */
async function endChild(child: Child): Promise<void> {
  child.stdin.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await ended(child);
  clearTimeout(timer);
}
