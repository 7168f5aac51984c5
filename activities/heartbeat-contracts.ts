import type { HeartbeatSettings, LastBeat } from '../domain/heartbeat/heartbeat.js';
import type { HeartbeatCommand } from '../domain/heartbeat/machine.js';

/** What is to be told of a heartbeat, with what is expected of it. */
export interface TellHeartbeatInput {
  readonly settings: HeartbeatSettings;
  readonly command: HeartbeatCommand;
}

/** What the workflow of a heartbeat asks of the world. */
export interface HeartbeatActivities {
  /** The last beat in the store. A local activity: within 2 s, and never an error. */
  lastBeat(input: { readonly id: string }): Promise<LastBeat>;
  /** Hands the alert (or its end) to the intake, like any sender's. Durable when it returns; tried again for ever. */
  tellHeartbeat(input: TellHeartbeatInput): Promise<void>;
}
