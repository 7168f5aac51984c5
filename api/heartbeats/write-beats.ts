import type { Instant } from '../../domain/time/instant.js';
import type { Beats } from '../../store/beats.js';

/** Rejects when the beat may not be in the store. */
export type WriteBeat = (id: string, at: Instant) => Promise<void>;

/** Whoever beats waits; past this the beat goes to Temporal instead. */
const LIMIT_MS = 1_000;

interface Batch {
  readonly beats: Map<string, Instant>;
  readonly written: Promise<void>;
}

/**
 * Writes beats one statement after the other: what comes while one is under way goes together with the next, so that thousands
 * a second cost no more statements than the store can take.
 */
export function createBeatWriter(beats: Pick<Beats, 'record'>): WriteBeat {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Batch | null = null;

  function begin(): Batch {
    const gathered = new Map<string, Instant>();
    const written = underWay.then(async () => {
      next = null;
      await beats.record(gathered, { limitMs: LIMIT_MS });
    });
    underWay = written.catch(() => undefined);
    return { beats: gathered, written };
  }

  return (id, at) => {
    next ??= begin();
    next.beats.set(id, at);
    return next.written;
  };
}
