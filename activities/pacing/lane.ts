import type { Milliseconds } from '../../domain/time/instant.js';
import type { SharedSlots } from './shared-slots.js';

/** One that waits. */
export interface Waiting {
  readonly takesMs: Milliseconds;
  readonly handicapMs: Milliseconds;
  /** Called once, when it may leave. */
  readonly go: () => void;
}

/** Everything that leaves by one number: one after the other, the most urgent first. */
export interface Lane {
  /** Whether it may leave now, ahead of nobody: then it has been counted. */
  takeAtOnce(takesMs: Milliseconds): boolean;
  /** Joins those that wait; the function that is returned leaves again, and does nothing once `go` was called. */
  join(waiting: Waiting): () => void;
  /** How long one that comes now would wait, as far as this process can tell. */
  expectedMs(handicapMs: Milliseconds): Milliseconds;
}

/** Whoever lets others go ahead also lets other processes': it asks the store that much later for what becomes free. */
const politeMs = (handicapMs: Milliseconds): Milliseconds => Math.min(150, handicapMs / 1_000);

/**
 * A lane where nothing waits and nothing was sent.
 *
 * What finds the number free leaves at once, and the store is told behind it: nobody waits for the store who need not wait
 * anyway. What has to wait asks the store when the number seems free; of several processes one gets it.
 */
export function createLane(key: string, shared: SharedSlots, now: () => number): Lane {
  const queue: (Waiting & { readonly order: number })[] = [];
  let freeAt = -Infinity;
  let isClaiming = false;
  let timer: NodeJS.Timeout | undefined;

  const used = (takesMs: Milliseconds): void => {
    freeAt = Math.max(freeAt, now()) + takesMs;
  };
  const told = (freeInMs: Milliseconds): void => {
    freeAt = Math.max(freeAt, now() + freeInMs);
    pump();
  };

  /** Sees to it that the first is let go when the number is free. */
  function pump(): void {
    clearTimeout(timer);
    const [head] = queue;
    if (head === undefined || isClaiming) return;
    const inMs = freeAt + politeMs(head.handicapMs) - now();
    if (inMs > 0) {
      timer = setTimeout(pump, Math.ceil(inMs));
      return;
    }
    isClaiming = true;
    void shared.claim(key, head.takesMs, told).then((freeInMs) => {
      isClaiming = false;
      if (freeInMs > 0) freeAt = Math.max(freeAt, now() + freeInMs);
      else leave(head.takesMs);
      pump();
    });
  }

  /** The number is ours for `claimedMs`. Who asked for it may have left meanwhile, or somebody more urgent has come. */
  function leave(claimedMs: Milliseconds): void {
    const next = queue.shift();
    const takesMs = next?.takesMs ?? 0;
    if (takesMs !== claimedMs) shared.book(key, takesMs - claimedMs, told);
    if (next === undefined) return;
    used(takesMs);
    next.go();
  }

  return {
    takeAtOnce: (takesMs) => {
      if (queue.length > 0 || isClaiming || freeAt > now()) return false;
      used(takesMs);
      shared.book(key, takesMs, told);
      return true;
    },
    join: (waiting) => {
      const order = now() + waiting.handicapMs;
      const entry = { ...waiting, order };
      // Behind those with the same order: whoever came first.
      const after = queue.findIndex((other) => other.order > order);
      queue.splice(after < 0 ? queue.length : after, 0, entry);
      pump();
      return () => {
        const index = queue.indexOf(entry);
        if (index < 0) return;
        queue.splice(index, 1);
        pump();
      };
    },
    expectedMs: (handicapMs) => {
      const order = now() + handicapMs;
      const ahead = queue.filter((other) => other.order <= order);
      return Math.ceil(
        Math.max(0, freeAt - now()) + ahead.reduce((total, { takesMs }) => total + takesMs, 0),
      );
    },
  };
}
