import type { Logger } from 'pino';
import { problemOf } from '../../config/maintenance.js';
import { HOUR, SECOND, type Instant, type Milliseconds } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import { TemporalUnavailable, type Incidents } from '../incidents/incidents.js';
import { tellIncidents } from './tell-incidents.js';

export interface FollowDeps {
  readonly incidents: Pick<Incidents, 'list' | 'maintain'>;
  /** Those that are known, ended ones too. */
  readonly windows: () => readonly StoredWindow[];
  readonly now: () => Instant;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Default 2000 ms. */
  readonly everyMs?: Milliseconds;
}

/**
 * When incidents are told of a change: at once, and twice more, since lists are a moment behind, and other APIs may have
 * taken alerts by what was known before. Source: `store/known.ts` looks every 2 s.
 */
const TOLD_AFTER: readonly Milliseconds[] = [0, 4 * SECOND, 15 * SECOND];
const EVERY_MS = 2_000;

interface Job {
  readonly window: StoredWindow;
  readonly what: 'began' | 'ended';
  at: Instant;
}

/**
 * Sees to it that open incidents hear of every window that begins or is ended, whichever process it was asked of, and also when
 * that process is gone. Every API does so: to hear it twice changes nothing.
 */
export function followMaintenance({ incidents, windows, now, log, everyMs = EVERY_MS }: FollowDeps): {
  /** Looks now. Never rejects. */
  look(): Promise<void>;
  stop(): void;
} {
  const seen = new Set<string>();
  let jobs: Job[] = [];
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  function notice(window: StoredWindow, what: Job['what'], at: Instant): void {
    const name = `${what} ${window.id}`;
    if (seen.has(name)) return;
    seen.add(name);
    for (const after of TOLD_AFTER) jobs.push({ window, what, at: at + after });
  }

  function tellUnusable(window: StoredWindow): void {
    const name = `checked ${window.id}`;
    if (seen.has(name)) return;
    seen.add(name);
    const problem = problemOf(window);
    if (problem !== null)
      log.warn(
        { window: window.id, problem },
        'the labels of a maintenance window can’t be compared: it covers nothing. End it, and start it again with labels that can.',
      );
  }

  async function lookOnce(): Promise<void> {
    const at = now();
    for (const window of windows()) {
      tellUnusable(window);
      if (window.endedAt !== undefined) {
        jobs = jobs.filter((job) => job.window.id !== window.id || job.what === 'ended');
        if (at - window.endedAt < HOUR) notice(window, 'ended', at);
      } else if (window.to > at && (!window.stopPages || window.from <= at)) notice(window, 'began', at);
    }
    for (const job of jobs.filter((each) => each.at <= at)) {
      if (isStopped) return;
      try {
        const told = await tellIncidents(incidents, job.window, job.what);
        jobs = jobs.filter((each) => each !== job);
        if (told > 0)
          log.info(
            { window: job.window.id, what: job.what, incidents: told },
            'incidents were told of maintenance',
          );
      } catch (error) {
        // Tried again at the next look; the incidents' own clocks run on.
        if (!(error instanceof TemporalUnavailable))
          log.warn({ err: error, window: job.window.id }, 'incidents could not be told of maintenance');
        job.at = at + EVERY_MS;
      }
    }
  }

  const look = (): Promise<void> => (looking ??= lookOnce().finally(() => (looking = undefined)));
  const again = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void look().then(again), everyMs);
    timer.unref();
  };
  again();
  return {
    look,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
