import { stat } from 'node:fs/promises';
import type { Instant } from '../domain/time/instant.js';
import { listFiles } from './documents.js';
import { loadConfig, type EnvironmentVariables, type LoadOptions, type LoadResult } from './load.js';
import type { Config, ConfigProblem } from './types.js';

/** How often the files are looked at for a change. Polling also sees what a ConfigMap or a network mount does. */
const LOOK_EVERY_MS = 2_000;

/** What runs, for logs, metrics and readiness. */
export interface ConfigStatus {
  /** Of the running version. */
  readonly hash: string;
  readonly loadedAt: Instant;
  /** Set while the files hold something that was refused; the running version stays. */
  readonly refused: { readonly at: Instant; readonly problems: readonly ConfigProblem[] } | null;
  /** Warnings of the running version. */
  readonly warnings: readonly ConfigProblem[];
  /** Successful loads so far, and refused ones. */
  readonly loads: number;
  readonly refusals: number;
}

export interface ConfigHolder {
  /** The running version. Ask anew each time: a reload replaces it. */
  current(): Config;
  status(): ConfigStatus;
  /** Loads now, on SIGHUP. A refused load leaves the running version. Never rejects. */
  reload(): Promise<LoadResult>;
  /** Stops looking for changes. */
  stop(): void;
}

export interface HolderOptions {
  readonly path: string;
  readonly env: EnvironmentVariables;
  /** The clock of status and coverage. */
  readonly now: () => Instant;
  readonly load?: Pick<LoadOptions, 'secrets'>;
  /** How often to look for a change; 0: never. Default 2 seconds. */
  readonly lookEveryMs?: number;
  /** Called after every reload, accepted or refused: the place for a log line. Should it throw, `warnings` says so. */
  readonly onReload?: (result: LoadResult, status: ConfigStatus) => void;
}

/** Changes when a file is added, removed or written. */
async function signature(path: string): Promise<string> {
  try {
    const names = await listFiles(path);
    const stats = await Promise.all(names.map((name) => stat(name)));
    return names
      .map((name, index) => [name, stats[index]?.mtimeMs, stats[index]?.size, stats[index]?.ino].join(' '))
      .join('\n');
  } catch (error) {
    // Away or unreadable is a state like any other: the reload that follows tells what is wrong.
    return `unreadable: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What went wrong with all of the files, and not at a place in one. */
function problemOf(
  file: string,
  level: ConfigProblem['level'],
  words: string,
  remedy: string,
  error: unknown,
): ConfigProblem {
  const why = error instanceof Error ? error.message : String(error);
  return { level, file, line: 1, column: 1, path: '', message: `${words}: ${why}`, remedy };
}

/**
 * Loads a configuration and keeps it up to date without a restart. A changed config that does not validate is refused:
 * the running version stays and `status().refused` says why. The first load must be valid.
 */
export async function createConfigHolder(
  options: HolderOptions,
): Promise<
  | { readonly ok: true; readonly holder: ConfigHolder }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }
> {
  const { path, env, now, onReload, lookEveryMs = LOOK_EVERY_MS } = options;
  const load = async (): Promise<LoadResult> => {
    try {
      return await loadConfig(path, env, { ...options.load, now: now() });
    } catch (error) {
      // A bug of ours, or a machine in trouble: the running version is worth more than the new one.
      const remedy = 'Undo the last change to the files, and please report this.';
      return { ok: false, problems: [problemOf(path, 'error', 'could not be loaded', remedy, error)] };
    }
  };

  let seen = await signature(path);
  const first = await load();
  if (!first.ok) return { ok: false, problems: first.problems };
  let config = first.config;
  let status: ConfigStatus = {
    hash: config.hash,
    loadedAt: now(),
    refused: null,
    warnings: first.warnings,
    loads: 1,
    refusals: 0,
  };

  const reloadOnce = async (): Promise<LoadResult> => {
    // Taken before the files are read: a write in between is seen at the next look.
    seen = await signature(path);
    const result = await load();
    if (result.ok) {
      config = result.config;
      status = {
        hash: config.hash,
        loadedAt: now(),
        refused: null,
        warnings: result.warnings,
        loads: status.loads + 1,
        refusals: status.refusals,
      };
    } else {
      status = {
        ...status,
        refused: { at: now(), problems: result.problems },
        refusals: status.refusals + 1,
      };
    }
    try {
      onReload?.(result, status);
    } catch (error) {
      const words = 'was read again, but what tells of it failed';
      const warning = problemOf(path, 'warning', words, 'Please report this.', error);
      status = { ...status, warnings: [...status.warnings, warning] };
    }
    return result;
  };

  // One after the other: an older load must not replace a newer one.
  let queue: Promise<unknown> = Promise.resolve();
  const reload = (): Promise<LoadResult> => {
    const next = queue.then(reloadOnce);
    queue = next;
    return next;
  };

  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      if ((await signature(path)) !== seen) await reload();
    } finally {
      isLooking = false;
    }
  };
  const timer = lookEveryMs > 0 ? setInterval(() => void look(), lookEveryMs) : null;
  timer?.unref();

  return {
    ok: true,
    holder: {
      current: () => config,
      status: () => status,
      reload,
      stop: () => {
        if (timer !== null) clearInterval(timer);
      },
    },
  };
}
