/** Timers that end together when the booth stops. */
export interface Timers {
  /** Runs `task` after `delayMs`; returns the function that cancels it. */
  after(delayMs: number, task: () => void): () => void;
  stopAll(): void;
}

/** Creates an empty set of timers. */
export function createTimers(): Timers {
  const open = new Set<NodeJS.Timeout>();
  return {
    after: (delayMs, task) => {
      const timer = setTimeout(() => {
        open.delete(timer);
        task();
      }, delayMs);
      open.add(timer);
      return () => {
        clearTimeout(timer);
        open.delete(timer);
      };
    },
    stopAll: () => {
      for (const timer of open) clearTimeout(timer);
      open.clear();
    },
  };
}
