/** A call took longer than it may. */
export class DeadlinePassed extends Error {
  constructor(limitMs: number) {
    super(`no answer within ${limitMs / 1_000} s`);
    this.name = 'DeadlinePassed';
  }
}

/** The end of one call's time. */
export interface Deadline {
  /** What the work says, or a rejection with {@link DeadlinePassed}; the work is not ended by that. */
  race<T>(work: Promise<T>): Promise<T>;
  /** The time does not matter any more. */
  clear(): void;
}

/** Begins now. */
export function createDeadline(limitMs: number): Deadline {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(limitMs)), limitMs);
  });
  // Nobody may be racing when it passes.
  passed.catch(() => undefined);
  return {
    race: (work) => Promise.race([work, passed]),
    clear: () => clearTimeout(timer),
  };
}
