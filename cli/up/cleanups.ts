/** What has to be ended, last begun first. */
export interface Cleanups {
  /** @param words what a person reads while it is ended; empty: nothing */
  add(words: string, end: () => Promise<void> | void): void;
  /** Ends everything once; repeated calls share it. One that fails does not keep the others from ending. */
  run(): Promise<void>;
}

/** Creates an empty stack. */
export function createCleanups(
  say: (words: string) => void,
  failed: (words: string, error: unknown) => void,
): Cleanups {
  const stack: { words: string; end: () => Promise<void> | void }[] = [];
  let running: Promise<void> | undefined;
  const endAll = async (): Promise<void> => {
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (item.words !== '') say(item.words);
      try {
        await item.end();
      } catch (error) {
        failed(item.words, error);
      }
    }
  };
  return {
    add: (words, end) => {
      stack.push({ words, end });
    },
    run: () => (running ??= endAll()),
  };
}
