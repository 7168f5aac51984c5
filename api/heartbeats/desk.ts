import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config, Heartbeat } from '../../config/types.js';
import type { HeartbeatPhase } from '../../domain/heartbeat/heartbeat.js';
import type { Instant } from '../../domain/time/instant.js';
import { StoreAway, StoreTooNew } from '../../store/errors.js';
import type { Beats } from '../../store/beats.js';
import type { HeartbeatWorkflows } from './heartbeat-workflows.js';
import { createSignalledBeats, type Signalled } from './signalled-beats.js';
import { createBeatWriter } from './write-beats.js';

/** How a heartbeat is, as the API knows it. */
export interface ListedHeartbeat {
  readonly id: string;
  readonly service: string;
  readonly severity: string | null;
  readonly everyMs: number;
  readonly graceMs: number;
  /** `unknown`: nothing watches it (yet). */
  readonly state: HeartbeatPhase | 'unknown';
  readonly lastBeat: Instant | null;
  /** When it is missed, unless it beats before; null: no beat was seen, or it is missed already. */
  readonly dueAt: Instant | null;
  readonly missedAt: Instant | null;
}

/** All that the API does with heartbeats. */
export interface HeartbeatDesk {
  /** Durable when it resolves. @throws `TemporalUnavailable`: not kept anywhere */
  beat(heartbeat: Heartbeat, at: Instant): Promise<'stored' | Signalled>;
  /** Of the configuration, in its order. @throws `TemporalUnavailable` */
  list(): Promise<readonly ListedHeartbeat[]>;
  /** The last beat of each heartbeat of the configuration that is known here. Never rejects. */
  lastBeats(): Promise<ReadonlyMap<string, Instant>>;
  /** Before the process ends: tells Temporal what it was promised. Never rejects. */
  drain(): Promise<void>;
}

export interface DeskDeps {
  readonly config: () => Config;
  readonly workflows: HeartbeatWorkflows;
  /** Absent: beats go to Temporal. */
  readonly beats?: Beats;
  readonly now: () => Instant;
  readonly log: Pick<Logger, 'warn'>;
}

/** Makes the desk of one API. */
export function createHeartbeatDesk({ config, workflows, beats, now, log }: DeskDeps): HeartbeatDesk {
  const write = beats === undefined ? null : createBeatWriter(beats);
  const signalled = createSignalledBeats({
    signal: (settings, beat) => workflows.beat(settings, beat),
    now,
    from: randomUUID().slice(0, 8),
    log,
  });
  /** What came in here: for when the store can't be asked. */
  const seen = new Map<string, Instant>();

  async function keep(heartbeat: Heartbeat, at: Instant): Promise<'stored' | Signalled> {
    if (write !== null) {
      try {
        await write(heartbeat.settings.id, at);
        return 'stored';
      } catch (error) {
        if (!isAway(error)) log.warn({ err: error }, 'a beat could not be written; it goes to Temporal');
      }
    }
    return signalled.take(heartbeat.settings, at);
  }

  async function lastBeats(): Promise<ReadonlyMap<string, Instant>> {
    const last = new Map(seen);
    try {
      for (const [id, at] of (await beats?.all()) ?? []) last.set(id, Math.max(at, last.get(id) ?? at));
    } catch (error) {
      if (!isAway(error)) log.warn({ err: error }, 'the last beats could not be read');
    }
    const ids = new Set(config().heartbeats.map(({ settings }) => settings.id));
    return new Map([...last].filter(([id]) => ids.has(id)));
  }

  return {
    beat: async (heartbeat, at) => {
      const way = await keep(heartbeat, at);
      seen.set(heartbeat.settings.id, at);
      return way;
    },
    list: async () => {
      const [running, last] = await Promise.all([workflows.running(), lastBeats()]);
      return config().heartbeats.map(({ settings }) => {
        const { id, service, severity, everyMs, graceMs } = settings;
        const memo = running.get(id) ?? null;
        const known = [last.get(id), memo?.beat].filter((at) => at !== undefined && at !== null);
        const lastBeat = known.length === 0 ? null : Math.max(...known);
        const phase = memo?.phase ?? 'unknown';
        // The workflow looks at the store when a beat is due, and not before.
        const state = phase === 'waiting' && lastBeat !== null ? 'beating' : phase;
        return {
          id,
          service,
          severity,
          everyMs,
          graceMs,
          state,
          lastBeat,
          dueAt: lastBeat === null || state === 'missed' ? null : lastBeat + everyMs + graceMs,
          missedAt: memo?.missedAt ?? null,
        };
      });
    },
    lastBeats,
    drain: () => signalled.drain(),
  };
}

function isAway(error: unknown): boolean {
  return error instanceof StoreAway || error instanceof StoreTooNew;
}
