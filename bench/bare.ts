import type { DevServer } from '../temporal-config/server/dev-server.js';
import { startChild } from './ipc.js';
import { createDoor, type Subject } from './subject.js';

interface BareSays {
  readonly url: string;
  readonly cachedWorkflows: number;
}

/** The bare workflow behind its door. */
export interface Bare extends Subject {
  /** How many workflows a worker of this SDK caches by default on this machine. */
  readonly cachedWorkflows: number;
  stop(): Promise<void>;
}

/** Starts the bare workflow's worker and door. */
export async function startBare(server: DevServer, providerUrl: string): Promise<Bare> {
  const child = await startChild<BareSays, never>('./bare-process.ts', [
    server.address,
    server.namespace,
    providerUrl,
  ]);
  const knock = createDoor(child.ready.url, { contentType: 'text/plain' });
  return {
    name: 'bare',
    pid: child.pid,
    cachedWorkflows: child.ready.cachedWorkflows,
    send: (mark) => knock(mark),
    stop: () => child.stop(),
  };
}
