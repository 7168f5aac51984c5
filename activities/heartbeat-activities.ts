import type { HeartbeatSettings, LastBeat } from '../domain/heartbeat/heartbeat.js';
import type { HeartbeatCommand } from '../domain/heartbeat/machine.js';
import { StoreAway, StoreTooNew } from '../store/errors.js';
import type { Store } from '../store/store.js';
import type { HeartbeatActivities } from './heartbeat-contracts.js';
import type { Log } from './create-activities.js';

/** Hands the alert about a heartbeat, or its end, to the intake. Resolves once it is durable. */
export type TellHeartbeat = (settings: HeartbeatSettings, command: HeartbeatCommand) => Promise<void>;

export interface HeartbeatActivityDeps {
  /** Absent: this installation has none, and beats come by signal. */
  readonly store?: Pick<Store, 'beats'>;
  readonly tell: TellHeartbeat;
  readonly log: Log;
}

/** The workflow waits 3 s: an answer that says why comes before that. */
const LIMIT_MS = 2_000;

/** What the workflows of heartbeats need of a worker. */
export function createHeartbeatActivities({ store, tell, log }: HeartbeatActivityDeps): HeartbeatActivities {
  return {
    lastBeat: async ({ id }): Promise<LastBeat> => {
      if (store === undefined) return { kind: 'no-store' };
      try {
        return { kind: 'known', at: await store.beats.last(id, { limitMs: LIMIT_MS }) };
      } catch (error) {
        if (!(error instanceof StoreAway || error instanceof StoreTooNew)) throw error;
        const reason = error instanceof StoreAway ? error.reason : 'too-new';
        log.warn({ heartbeat: id, reason }, 'the store could not be asked for the last beat');
        return { kind: 'away', reason };
      }
    },
    tellHeartbeat: async ({ settings, command }) => {
      await tell(settings, command);
      const fields = { heartbeat: settings.id, service: settings.service };
      if (command.type === 'fire') log.warn(fields, 'a heartbeat was missed');
      else log.info(fields, 'a heartbeat beats again');
    },
  };
}
