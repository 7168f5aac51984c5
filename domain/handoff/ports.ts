import type { Instant } from '../time/instant.js';
import type { PlannedAnnouncement } from './announce.js';
import type { DigestDuty, DigestIncident } from './digest.js';
import type { Confirmation, PlannedHandoff } from './handoff.js';

/** Who takes over from whom. */
export interface TakeOver {
  readonly handoffId: string;
  /** Id of the schedule. */
  readonly schedule: string;
  /** Ids of the services whose incidents change hands. */
  readonly services: readonly string[];
  /** Id of the user who has them. */
  readonly from: string;
  readonly to: { readonly id: string; readonly name: string };
  readonly via: Confirmation['via'];
}

/** What hand-overs ask of incidents. Every method may reject while Temporal is away. */
export interface HandoffWorld {
  /** Open incidents of these services, oldest first. */
  open(services: readonly string[]): Promise<readonly DigestIncident[]>;
  /** Those that opened since then and are over, newest first. */
  recent(services: readonly string[], since: Instant): Promise<readonly DigestIncident[]>;
  /** What reviews of these services owe, by when it is due. */
  duties(services: readonly string[]): Promise<readonly DigestDuty[]>;
  /** Passes on what somebody has open; how many that were. The same again passes on what is left. */
  takeOver(request: TakeOver): Promise<number>;
}

/** Starts the workflows of what was planned. `false`: it was started before. */
export interface HandoffStarter {
  handoff(plan: PlannedHandoff): Promise<boolean>;
  announcement(plan: PlannedAnnouncement): Promise<boolean>;
}
