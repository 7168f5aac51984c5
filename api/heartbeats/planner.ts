import type { Logger } from 'pino';
import type { Config } from '../../config/types.js';
import type { HeartbeatSettings } from '../../domain/heartbeat/heartbeat.js';
import { MINUTE, SECOND, type Milliseconds } from '../../domain/time/instant.js';
import { forEachAtMost } from '../intake/batches.js';
import type { HeartbeatWorkflows } from './heartbeat-workflows.js';

export interface PlannerDeps {
  readonly workflows: Pick<HeartbeatWorkflows, 'ensure' | 'end' | 'running'>;
  readonly config: () => Config;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** How often a new configuration is looked for, and after how many looks the workflows are counted. For tests. */
  readonly lookEveryMs?: Milliseconds;
  readonly countEvery?: number;
}

/** Keeps the workflows of heartbeats in line with the configuration. */
export interface HeartbeatPlanner {
  /** Looks now; resolves once all is done. @throws `TemporalUnavailable` */
  look(): Promise<void>;
  stop(): void;
}

const LOOK_EVERY_MS: Milliseconds = 2 * SECOND;
/** A workflow that somebody terminated is back after so long. */
const COUNT_EVERY_MS: Milliseconds = 10 * MINUTE;
/** Starts under way at the same time. */
const WIDTH = 20;

/**
 * Begins to look. Any number of APIs do the same, and the second finds it done.
 * Only a configuration that is newly loaded here ends workflows and changes what they expect: of several APIs one may hold on to
 * an old version (a refused file, a rolling restart), and two that correct each other again and again would never let a deadline
 * fall. What is merely missing is started at any time.
 */
export function startHeartbeatPlanner(deps: PlannerDeps): HeartbeatPlanner {
  const { workflows, config, log, lookEveryMs = LOOK_EVERY_MS } = deps;
  const countEvery = deps.countEvery ?? Math.ceil(COUNT_EVERY_MS / lookEveryMs);
  let applied: Config | null = null;
  let looks = 0;
  let underWay: Promise<void> | null = null;
  let hasWarned = false;

  async function plan(): Promise<void> {
    const wanted = config();
    const isNew = wanted !== applied;
    if (!isNew && looks % countEvery !== 0) return;
    const running = await workflows.running();
    const isMissing = ({ id }: HeartbeatSettings): boolean => !running.has(id);
    const differs = (settings: HeartbeatSettings): boolean =>
      JSON.stringify(running.get(settings.id)?.settings) !== JSON.stringify(settings);
    const all = wanted.heartbeats.map(({ settings }) => settings);
    const begun = all.filter((settings) => isMissing(settings) || (isNew && differs(settings)));
    const ids = new Set(all.map(({ id }) => id));
    const ended = isNew ? [...running.keys()].filter((id) => !ids.has(id)) : [];
    await forEachAtMost(begun, WIDTH, (settings) => workflows.ensure(settings));
    await forEachAtMost(ended, WIDTH, (id) => workflows.end(id));
    applied = wanted;
    if (begun.length + ended.length > 0)
      log.info({ begun: begun.length, ended: ended.length, all: all.length }, 'heartbeats are watched');
  }

  function look(): Promise<void> {
    return (underWay ??= plan().finally(() => {
      looks += 1;
      underWay = null;
    }));
  }

  const timer = setInterval(() => {
    look().then(
      () => {
        hasWarned = false;
      },
      (error: unknown) => {
        // Tried again at the next look; one line says it.
        if (!hasWarned)
          log.warn({ err: error }, 'heartbeats could not be brought in line with the configuration yet');
        hasWarned = true;
      },
    );
  }, lookEveryMs);
  timer.unref();
  return { look, stop: () => clearInterval(timer) };
}
