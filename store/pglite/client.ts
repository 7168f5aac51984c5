import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Answer } from '../database.js';
import { createDeadline } from '../deadline.js';
import type { Asked, SentError, ThreadData, Told } from './messages.js';

/** A PGlite on its thread. */
export interface PGliteClient {
  /** One statement after the other, in the order in which they are asked. */
  query(sql: string, parameters: readonly unknown[]): Promise<Answer>;
  /** Rejects when the thread ends by itself; never resolves. */
  readonly lost: Promise<never>;
  /** Ends PGlite well, within some seconds; else the thread. What was answered before is kept either way. */
  close(): Promise<void>;
}

const CLOSE_MS = 5_000;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens (or makes) the database in a folder that no other process has open.
 * @throws Error what PGlite says
 */
export async function openPGlite(directory: string): Promise<PGliteClient> {
  const worker = startThread({ directory });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let failure: Error | undefined;
  let tellLost: (error: Error) => void = () => undefined;
  let tellClosed: () => void = () => undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    tellLost = reject;
  });
  lost.catch(() => undefined);
  const closed = new Promise<void>((resolve) => {
    tellClosed = resolve;
  });
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    tellLost(error);
    tellClosed();
  };
  const ask = (asked: Asked): void => worker.postMessage(asked);
  const settle = (id: number, how: (entry: Waiting) => void): void => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry !== undefined) how(entry);
  };
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (told: Told) => {
      switch (told.kind) {
        case 'ready':
          return resolve();
        case 'failed':
          return reject(received(told.error));
        case 'answer':
          return settle(told.id, (entry) => entry.resolve(told.answer));
        case 'error':
          return settle(told.id, (entry) => entry.reject(received(told.error)));
        case 'closed':
          return tellClosed();
        default:
          return told satisfies never;
      }
    });
    lost.catch(reject);
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(new Error('the thread of the embedded store ended')));
  try {
    await ready;
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    lost,
    query: (sql, parameters) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        ask({ kind: 'query', id: lastId, sql, parameters: [...parameters] });
      }),
    close: async () => {
      ask({ kind: 'close' });
      const patience = createDeadline(CLOSE_MS);
      await patience.race(closed).catch(() => undefined);
      patience.clear();
      await worker.terminate();
    },
  };
}

/** From sources (tests, bench) the thread is TypeScript too, and tsx reads it. */
function startThread(workerData: ThreadData): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const program = new URL(isSource ? 'thread.ts' : 'thread.js', new URL('.', import.meta.url));
  if (!isSource) return new Worker(fileURLToPath(program), { workerData });
  const href = pathToFileURL(fileURLToPath(program)).href;
  const words = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(href)}); })`;
  return new Worker(words, { eval: true, workerData });
}

function received({ message, code, severity }: SentError): Error {
  return Object.assign(new Error(message), {
    ...(code === undefined ? {} : { code }),
    ...(severity === undefined ? {} : { severity }),
  });
}
