import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Bundles, Marked, PageToMark } from '../../store/bundles.js';

/**
 * A page waits no longer for the store than this, and only one page in a row. PostgreSQL answers in 2 ms; PGlite takes 60 for its
 * first answer, and 25 on a busy machine.
 */
export const MARK_WITHIN_MS = 100;

export interface QuickMarksOptions {
  readonly bundles: Pick<Bundles, 'mark'>;
  /** Whether other processes page by the same store. */
  readonly isShared: boolean;
  readonly limitMs: number;
}

/**
 * Asks the store whether a page is the first to its person within some seconds; null: it does not say so in time, and the page
 * goes at once. A store that was slow once is not waited for again until it has answered quickly: it is asked all the same, one
 * page at a time, and that notes the page for those after it. Never rejects.
 *
 * A process that is alone with its store knows by itself that a page is the first, and sends it without asking; the store hears
 * of it behind that. The embedded store takes 15 ms for an answer, which would be most of what a page takes.
 */
export function createQuickMarks({ bundles, isShared, limitMs }: QuickMarksOptions) {
  /** By person and method: until then the store may know of a page before the next one. */
  const knownUntil = new Map<string, number>();
  let isSlow = false;
  let asking = 0;

  async function ask(page: PageToMark): Promise<Marked | null> {
    const began = performance.now();
    asking += 1;
    try {
      const marked = await bundles.mark(page);
      if (marked.kind === 'bundle') lasts(page, marked.closesInMs);
      return marked;
    } catch {
      // The store tells its own troubles.
      return null;
    } finally {
      asking -= 1;
      isSlow = performance.now() - began > limitMs;
    }
  }

  /** The message before the next page leaves after so long. */
  function lasts(page: PageToMark, leavesInMs: number): void {
    if (!isShared) knownUntil.set(keyOf(page), performance.now() + leavesInMs + page.withinMs);
  }

  async function tooLate(signal: AbortSignal): Promise<null> {
    await delay(limitMs, undefined, { signal, ref: false });
    // When this process was busy the answer may be there, and not have been read yet.
    await setImmediate();
    isSlow = true;
    return null;
  }

  return async (page: PageToMark): Promise<Marked | null> => {
    const isFirst = !isShared && performance.now() >= (knownUntil.get(keyOf(page)) ?? -Infinity);
    if (isFirst) lasts(page, 0);
    if (isSlow || isFirst) {
      if (!isSlow || asking === 0) void ask(page);
      return isFirst ? { kind: 'first' } : null;
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

function keyOf({ userId, methodId }: PageToMark): string {
  return `${methodId} ${userId}`;
}
