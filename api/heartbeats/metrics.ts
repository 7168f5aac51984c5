import { Counter, Gauge, type Registry } from 'prom-client';
import { SECOND, type Instant } from '../../domain/time/instant.js';
import type { HeartbeatDesk } from './desk.js';

/** Registers what is counted of heartbeats, and returns the desk that counts. Labels hold ids of the configuration only. */
export function countedHeartbeats(
  registry: Registry,
  desk: HeartbeatDesk,
  now: () => Instant,
): HeartbeatDesk {
  const registers = [registry];
  const beats = new Counter({
    name: 'tocsin_heartbeat_beats_total',
    help: 'Beats taken, by heartbeat and by where they were made durable (stored, signalled, covered by an earlier signal) or refused.',
    labelNames: ['heartbeat', 'way'],
    registers,
  });
  new Gauge({
    name: 'tocsin_heartbeat_last_beat_age_seconds',
    help: 'Time since the last beat that is known here, by heartbeat. Absent: none was seen.',
    labelNames: ['heartbeat'],
    registers,
    collect: async function () {
      const last = await desk.lastBeats();
      this.reset();
      for (const [heartbeat, at] of last) this.set({ heartbeat }, Math.max(0, now() - at) / SECOND);
    },
  });
  return {
    ...desk,
    beat: async (heartbeat, at) => {
      const { id } = heartbeat.settings;
      try {
        const way = await desk.beat(heartbeat, at);
        beats.inc({ heartbeat: id, way });
        return way;
      } catch (error) {
        beats.inc({ heartbeat: id, way: 'refused' });
        throw error;
      }
    },
  };
}
