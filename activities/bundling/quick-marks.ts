import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Bundles, Marked, PageToMark } from '../../store/bundles.js';

/**
 * A page waits no longer for the store than this, and only one page in a row. PostgreSQL answers in 2 ms; PGlite takes 60 for its
 * first answer, and 25 on a busy machine.
 */
export const MARK_WITHIN_MS = 100;

export interface QuickMarksOptions {
  readonly bundles: Pick<Bundles, 'mark'>;
  readonly limitMs: number;
}

/**
 * Asks the store whether a page is the first to its person within some seconds; null: it does not say so in time, and the page
 * goes at once. A store that was slow once is not waited for again until it has answered quickly: it is asked all the same, one
 * page at a time, and that notes the page for those after it. Never rejects.
 */
export function createQuickMarks({ bundles, limitMs }: QuickMarksOptions) {
  let isSlow = false;
  let asking = 0;

  async function ask(page: PageToMark): Promise<Marked | null> {
    const began = performance.now();
    asking += 1;
    try {
      return await bundles.mark(page);
    } catch {
      // The store tells its own troubles.
      return null;
    } finally {
      asking -= 1;
      isSlow = performance.now() - began > limitMs;
    }
  }

  async function tooLate(signal: AbortSignal): Promise<null> {
    await delay(limitMs, undefined, { signal, ref: false });
    // When this process was busy the answer may be there, and not have been read yet.
    await setImmediate();
    isSlow = true;
    return null;
  }

  return async (page: PageToMark): Promise<Marked | null> => {
    if (isSlow) {
      if (asking === 0) void ask(page);
      return null;
    }
    const answered = new AbortController();
    const late = tooLate(answered.signal).catch(() => null);
    try {
      return await Promise.race([ask(page), late]);
    } finally {
      answered.abort();
    }
  };
}
