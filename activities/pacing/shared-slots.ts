import type { Milliseconds } from '../../domain/time/instant.js';
import type { Slots } from '../../store/slots.js';

/** For how long a number is taken: what the store says when nobody waits for it any more. */
export type Told = (freeInMs: Milliseconds) => void;

/** What the processes of one installation know of one another's use of a number. Nothing in here rejects. */
export interface SharedSlots {
  /**
   * Asks for the number. 0: it is ours for `takesMs`; else the milliseconds until it is worth asking again. Also 0 when the
   * store does not say soon: then each process keeps to the rate by itself, and `told` may hear later.
   */
  claim(key: string, takesMs: Milliseconds, told: Told): Promise<Milliseconds>;
  /** Says what was sent without asking; a negative time is given back. */
  book(key: string, takesMs: Milliseconds, told: Told): void;
}

/** There is no other process. */
export const ALONE: SharedSlots = { claim: () => Promise.resolve(0), book: () => undefined };

/**
 * The store has so long to answer who waits for a number anyway. A PostgreSQL nearby takes 1 to 3 ms; but a storm keeps the
 * processors busy, and just then each process for itself would be twice too fast.
 */
export const ANSWER_WITHIN_MS = 500;
/** A store that did not is not asked again for so long by anybody who waits, unless it shows that it is quick again. */
export const SILENT_FOR_MS = 5_000;

/** How patient one is with the store, and by whose clock. */
export interface SharedSlotsOptions {
  /** Default {@link ANSWER_WITHIN_MS}. */
  readonly answerWithinMs?: number;
  /** Of a clock that is never set. */
  readonly now?: () => number;
}

/** Through the store. */
export function createSharedSlots(slots: Slots, options: SharedSlotsOptions = {}): SharedSlots {
  const { answerWithinMs = ANSWER_WITHIN_MS, now = () => performance.now() } = options;
  let silentUntil = -Infinity;
  const telling = new Map<string, { moreMs: Milliseconds }>();

  function book(key: string, takesMs: Milliseconds, told: Told): void {
    const under = telling.get(key);
    if (under !== undefined) {
      // One call at a time for each number: a store that hangs is not given more and more to do.
      under.moreMs += takesMs;
      return;
    }
    const mine = { moreMs: 0 };
    telling.set(key, mine);
    const began = now();
    slots.book(key, takesMs).then(
      (freeInMs) => {
        telling.delete(key);
        if (now() - began <= answerWithinMs) silentUntil = -Infinity;
        told(freeInMs);
        if (mine.moreMs !== 0) book(key, mine.moreMs, told);
      },
      // The store tells its own troubles. What others do not hear of now is of no use to them later.
      () => telling.delete(key),
    );
  }

  return {
    book,
    claim: async (key, takesMs, told) => {
      if (now() < silentUntil) {
        book(key, takesMs, told);
        return 0;
      }
      let isLate = false;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), answerWithinMs);
      });
      const asked = slots.claim(key, takesMs).then(
        (freeInMs) => {
          // It was sent without an answer: others should know, all the same.
          if (isLate && freeInMs > 0) book(key, takesMs, told);
          return freeInMs;
        },
        () => null,
      );
      const answer = await Promise.race([asked, late]);
      clearTimeout(timer);
      if (answer !== null) return answer;
      isLate = true;
      silentUntil = now() + SILENT_FOR_MS;
      return 0;
    },
  };
}
