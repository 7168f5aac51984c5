import { Agent } from 'node:http';
import { now, pause } from './clock.js';
import { post, type PostOptions } from './http-post.js';

/** What is measured: something that takes a request, and then reaches the provider. */
export interface Subject {
  readonly name: 'bare' | 'tocsin';
  /** The process behind the door. */
  readonly pid: number;
  /** Asks for one page; the mark comes back at the provider. */
  send(mark: string): Promise<Sent>;
}

/** A request that was accepted. */
export interface Sent {
  /** When it was first made, by `now()`. */
  readonly sentAt: number;
  /** When it was accepted. */
  readonly acceptedAt: number;
  /** How often it was refused (503, a reset connection) before, and made again. */
  readonly refusals: number;
  readonly body: string;
}

/** Senders try a 503 again; Alertmanager begins with less, others with more. */
const AGAIN_AFTER_MS = 1_000;
const TRIES = 30;

/** A door that is knocked at again when it answers 503, as alert senders do. */
export function createDoor(
  url: string,
  options: Omit<PostOptions, 'agent'>,
): (body: string) => Promise<Sent> {
  const agent = new Agent({ keepAlive: true });
  return async (body) => {
    const sentAt = now();
    for (let refusals = 0; refusals < TRIES; refusals += 1) {
      const answer = await post(url, body, { ...options, agent }).catch((error: unknown) => {
        // A connection that was closed while idle: any sender tries that again.
        if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return null;
        throw error;
      });
      if (answer === null) continue;
      if (answer.status === 202) return { sentAt, acceptedAt: now(), refusals, body: answer.body };
      if (answer.status !== 503) throw new Error(`${url} answered ${answer.status}: ${answer.body}`);
      await pause(AGAIN_AFTER_MS);
    }
    throw new Error(`${url} answered 503 for ${TRIES} tries.`);
  };
}
