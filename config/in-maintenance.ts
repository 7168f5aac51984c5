import type { Instant } from '../domain/time/instant.js';
import { coverAt, type PlannedWindow } from './maintenance.js';
import type { Config } from './types.js';

/**
 * The configuration in force with the windows that people made beside it: alerts are covered by both, everywhere in this process.
 * `known` answers with the same array as long as nothing changed. Never waits for the store.
 */
export function withWindows(config: () => Config, known: () => readonly PlannedWindow[]): () => Config {
  let last:
    | { readonly config: Config; readonly windows: readonly PlannedWindow[]; readonly made: Config }
    | undefined;
  return () => {
    const [current, windows] = [config(), known()];
    if (last?.config === current && last.windows === windows) return last.made;
    const windowsIn = (from: Instant, to: Instant): readonly PlannedWindow[] =>
      [
        ...current.windowsIn(from, to),
        ...windows.filter((window) => window.from < to && window.to > from),
      ].sort((one, other) => one.from - other.from);
    const made: Config = { ...current, windowsIn, coverAt: (at) => coverAt(windowsIn, at) };
    last = { config: current, windows, made };
    return made;
  };
}
