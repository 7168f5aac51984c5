import type { ConfigProblem } from './types.js';

/** Keys and indexes from the root of the config. */
export type Path = readonly (string | number)[];

/** A place in a file; line and column count from 1. */
export interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A path as people write it: `policies.default.steps[2].targets[0]`. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z0-9_-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

interface NewProblem {
  readonly level: ConfigProblem['level'];
  readonly spot: Spot;
  readonly at: Path;
  readonly message: string;
  readonly remedy: string;
  readonly variable?: string;
}

/** Gathers problems; the same one twice counts once. */
export interface ProblemList {
  add(problem: NewProblem): void;
  /** True when an error about exactly this path is known. */
  hasErrorAt(at: Path): boolean;
  /** True when there is any error. */
  hasErrors(): boolean;
  /** In order of file, line and column. */
  all(): readonly ConfigProblem[];
}

export function createProblemList(): ProblemList {
  const problems = new Map<string, ConfigProblem>();
  const wrongPaths = new Set<string>();
  return {
    add: ({ level, spot, at, message, remedy, variable }) => {
      const path = pathText(at);
      const key = [spot.file, spot.line, spot.column, path, message].join('\n');
      if (problems.has(key)) return;
      const named = variable === undefined ? {} : { variable };
      problems.set(key, { level, ...spot, path, message, remedy, ...named });
      if (level === 'error') wrongPaths.add(path);
    },
    hasErrorAt: (at) => wrongPaths.has(pathText(at)),
    hasErrors: () => [...problems.values()].some(({ level }) => level === 'error'),
    all: () =>
      [...problems.values()].sort(
        (one, other) =>
          (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) ||
          one.line - other.line ||
          one.column - other.column,
      ),
  };
}
