import { setTimeout as pause } from 'node:timers/promises';
import { CliFailure, EXIT } from '../failure.js';
import type { Source } from './sources.js';

/** What is shown of what is watched. */
export interface WatchView<T> {
  /** It is another than before, or the first. */
  changed(now: T): 'go-on' | 'over';
  /** Asked again, and it is the same: time has passed. */
  same(): void;
  /** The API is away, or back. Told once each time. */
  away(failure: CliFailure): void;
  back(): void;
  /** Nothing more comes. */
  end(): void;
}

/** What is watched, and how. */
export interface Watched<T> {
  readonly source: Source<T>;
  readonly everyMs: number;
  /** Aborted at Ctrl-C, which is how watching ends. */
  readonly signal: AbortSignal;
}

/**
 * Asks again and again and shows what is new, until it is over or nobody wants it any more. An API that is away is waited for.
 * @throws CliFailure when it was never there, or what the API refuses (a wrong key, an incident that does not exist)
 */
export async function watchLoop<T>(
  { source, everyMs, signal }: Watched<T>,
  view: WatchView<T>,
): Promise<void> {
  let wasThere = false;
  let isAway = false;
  try {
    while (!signal.aborted) {
      try {
        const news = await source.news();
        if (isAway) view.back();
        isAway = false;
        wasThere = true;
        if (news === null) view.same();
        else if (view.changed(news) === 'over') return;
      } catch (error) {
        const isPassing = error instanceof CliFailure && error.exitCode === EXIT.unreachable && wasThere;
        if (!isPassing) throw error;
        if (!isAway) view.away(error);
        isAway = true;
        source.forgetTags();
      }
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    view.end();
  }
}
