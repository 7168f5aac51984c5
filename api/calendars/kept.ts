/** Things by name, of which those that were not asked for the longest give way. */
export interface Kept<T> {
  get(name: string): T | undefined;
  /** Replaces what has this name. */
  set(name: string, value: T): void;
}

/** Keeps things of this size in all; the one that came last is kept whatever its size. */
export function createKept<T>(limit: number, sizeOf: (value: T) => number): Kept<T> {
  // In the order in which they were asked for.
  const values = new Map<string, T>();
  let size = 0;
  const take = (name: string): T | undefined => {
    const value = values.get(name);
    if (value === undefined) return undefined;
    values.delete(name);
    size -= sizeOf(value);
    return value;
  };
  const put = (name: string, value: T): void => {
    values.set(name, value);
    size += sizeOf(value);
  };
  return {
    get: (name) => {
      const value = take(name);
      if (value !== undefined) put(name, value);
      return value;
    },
    set: (name, value) => {
      take(name);
      put(name, value);
      for (const oldest of values.keys()) {
        if (size <= limit || oldest === name) break;
        take(oldest);
      }
    },
  };
}
