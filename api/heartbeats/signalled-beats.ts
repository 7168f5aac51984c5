import type { Logger } from 'pino';
import type { HeartbeatSettings, SignalledBeat } from '../../domain/heartbeat/heartbeat.js';
import { SECOND, type Instant, type Milliseconds } from '../../domain/time/instant.js';
import { forEachAtMost } from '../intake/batches.js';

/** How a beat became durable: told to its workflow, or covered by what its workflow was told before. */
export type Signalled = 'signalled' | 'covered';

export interface SignalledBeatsDeps {
  /** Tells the workflow of a heartbeat, starting it where there is none. Durable when it resolves. */
  readonly signal: (settings: HeartbeatSettings, beat: SignalledBeat) => Promise<void>;
  readonly now: () => Instant;
  /** Names this process among all APIs. */
  readonly from: string;
  readonly log: Pick<Logger, 'warn'>;
}

/** Beats that go to Temporal, because there is no store or it is away. */
export interface SignalledBeats {
  /** @throws `TemporalUnavailable`: the beat is not kept */
  take(settings: HeartbeatSettings, at: Instant): Promise<Signalled>;
  /** Tells what was covered and not told yet, and from now on covers nothing. Never rejects. */
  drain(): Promise<void>;
}

/** One heartbeat, as this process has told of it. */
interface Lane {
  settings: HeartbeatSettings;
  /** The beat that was told last. */
  toldAt: Instant | null;
  /** The workflow knows that beats are not told until then. */
  cover: { readonly until: Instant; last: Instant | null } | null;
  timer: NodeJS.Timeout | null;
  telling: Promise<void> | null;
}

/** A workflow is told of one beat in this time at most, in the long run. */
const SHORTEST_MS: Milliseconds = 10 * SECOND;
/** When Temporal did not answer while a cover was to be ended. */
const AGAIN_MS: Milliseconds = 5 * SECOND;
/** Lanes that are told at the same time when the process ends. */
const WIDTH = 20;

/** How seldom a workflow is told: a quarter of the interval, 10 s at least. */
function spacing({ everyMs }: HeartbeatSettings): Milliseconds {
  return Math.max(everyMs / 4, SHORTEST_MS);
}

/**
 * Few signals for many beats, and none of them lost. Who beats once an interval is told of each time. Who beats faster than a
 * quarter of it is told with a promise: "until then I take beats without telling". At that moment the last of them is told, with
 * the next promise while it goes on. A process that dies before leaves its promise behind: the workflow then counts a beat at
 * its end, so that nothing that was answered with 202 makes a false alarm; the miss is found a quarter of the interval later.
 */
export function createSignalledBeats({ signal, now, from, log }: SignalledBeatsDeps): SignalledBeats {
  const lanes = new Map<string, Lane>();
  let isDraining = false;

  function laneOf(settings: HeartbeatSettings): Lane {
    const known = lanes.get(settings.id);
    if (known !== undefined) {
      known.settings = settings;
      return known;
    }
    const lane: Lane = { settings, toldAt: null, cover: null, timer: null, telling: null };
    lanes.set(settings.id, lane);
    return lane;
  }

  function tell(lane: Lane, at: Instant, coveredUntil: Instant | null): Promise<void> {
    const telling = (async () => {
      const cover = coveredUntil === null ? {} : { coveredUntil };
      await signal(lane.settings, { at, from, ...cover });
      lane.toldAt = at;
      lane.cover = coveredUntil === null ? null : { until: coveredUntil, last: null };
      if (coveredUntil !== null) later(lane, Math.max(0, coveredUntil - now()));
    })().finally(() => {
      lane.telling = null;
    });
    lane.telling = telling;
    return telling;
  }

  function later(lane: Lane, waitMs: Milliseconds): void {
    if (lane.timer !== null) clearTimeout(lane.timer);
    lane.timer = setTimeout(() => {
      lane.timer = null;
      void endCover(lane);
    }, waitMs);
    lane.timer.unref();
  }

  /** Tells the last beat of a cover; while beats came in it, with the next. */
  async function endCover(lane: Lane): Promise<void> {
    await settled(lane);
    const { cover, toldAt } = lane;
    if (cover === null || toldAt === null) return;
    const isOn = cover.last !== null && !isDraining;
    try {
      await tell(lane, cover.last ?? toldAt, isOn ? now() + spacing(lane.settings) : null);
    } catch (error) {
      log.warn({ heartbeat: lane.settings.id, err: error }, 'the last beats could not be told yet');
      if (!isDraining) later(lane, AGAIN_MS);
    }
  }

  return {
    take: async (settings, at) => {
      const lane = laneOf(settings);
      for (;;) {
        const { cover } = lane;
        if (cover !== null && at < cover.until) {
          cover.last = Math.max(cover.last ?? at, at);
          return 'covered';
        }
        if (lane.telling === null) break;
        await settled(lane);
      }
      const apart = spacing(settings);
      const isFast = lane.toldAt !== null && at - lane.toldAt < apart && !isDraining;
      await tell(lane, at, isFast ? at + apart : null);
      return 'signalled';
    },
    drain: async () => {
      isDraining = true;
      const open = [...lanes.values()].filter(({ cover }) => cover !== null);
      for (const { timer } of open) if (timer !== null) clearTimeout(timer);
      await forEachAtMost(open, WIDTH, endCover);
    },
  };
}

async function settled(lane: Lane): Promise<void> {
  while (lane.telling !== null) await lane.telling.catch(() => undefined);
}
