/** How long a waiting helper waits, unless told. */
export const defaultWaitMs = 5_000;

/** Tells listeners that something in the booth changed, and numbers its items. */
export interface Board {
  nextSeq(): number;
  /** The number of the newest item; pass it as `after`. */
  mark(): number;
  changed(): void;
  /** Returns the function that ends the subscription. */
  onChange(listener: () => void): () => void;
  /**
   * Resolves with the first value that `find` gives; it is asked now and after every change.
   * @throws Error naming `what` when nothing came within `timeoutMs`.
   */
  until<T>(find: () => T | undefined, wait: { timeoutMs: number; what: () => string }): Promise<T>;
}

/**
 * Creates the board of one booth.
 * @param first the number of the newest item that it has already
 */
export function createBoard(first = 0): Board {
  const listeners = new Set<() => void>();
  let seq = first;

  function onChange(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  return {
    nextSeq: () => ++seq,
    mark: () => seq,
    changed: () => {
      for (const listener of [...listeners]) listener();
    },
    onChange,
    until: (find, { timeoutMs, what }) =>
      new Promise((resolve, reject) => {
        const now = find();
        if (now !== undefined) {
          resolve(now);
          return;
        }
        const timer = setTimeout(() => {
          unsubscribe();
          reject(new Error(`The phone booth saw no ${what()} within ${timeoutMs} ms.`));
        }, timeoutMs);
        const unsubscribe = onChange(() => {
          const found = find();
          if (found === undefined) return;
          clearTimeout(timer);
          unsubscribe();
          resolve(found);
        });
      }),
  };
}

/** A bounded list of what happened; the oldest items are forgotten first. */
export interface Journal<T extends { readonly seq: number }> {
  readonly items: readonly T[];
  add(item: T): void;
  /** The earliest item that matches and that no earlier `take` returned; waits for it. */
  take(match: (item: T) => boolean, wait: { timeoutMs?: number | undefined; what: string }): Promise<T>;
}

/**
 * Creates a journal on a board.
 * @param describe one short line per item, for the message of a wait that timed out
 * @param kept items of before
 */
export function createJournal<T extends { readonly seq: number }>(
  board: Board,
  limit: number,
  describe: (item: T) => string,
  kept: readonly T[] = [],
): Journal<T> {
  const items: T[] = [...kept];
  const taken = new WeakSet<T>();
  return {
    items,
    add: (item) => {
      items.push(item);
      if (items.length > limit) items.splice(0, items.length - limit);
      board.changed();
    },
    take: (match, { timeoutMs = defaultWaitMs, what }) =>
      board.until(
        () => {
          const found = items.find((item) => !taken.has(item) && match(item));
          if (found !== undefined) taken.add(found);
          return found;
        },
        {
          timeoutMs,
          what: () => {
            const seen = items.slice(-5).map((item) => `\n  ${describe(item)}`);
            return seen.length > 0
              ? `${what} (the latest it saw:${seen.join('')}\n)`
              : `${what} (nor any other)`;
          },
        },
      ),
  };
}
