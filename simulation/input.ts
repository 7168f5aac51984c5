import type { AlertBatch } from '../domain/alert/alert.js';
import type { MaintenanceChange } from '../domain/maintenance/window.js';
import type { Actor } from '../domain/incident/plan.js';
import type { IncidentState } from '../domain/incident/state.js';
import type { Instant } from '../domain/time/instant.js';
import type { Asked } from './asked.js';
import type { ScriptedAlerts } from './scenario.js';

/** What came in from outside, in the order in which it did: what a real workflow is fed to compare. */
export type Input =
  | {
      readonly kind: 'alerts';
      readonly at: Instant;
      readonly group: string;
      readonly batch: AlertBatch;
      readonly opens: Pick<ScriptedAlerts, 'serviceId' | 'severity' | 'title'>;
    }
  | {
      readonly kind: 'declared';
      readonly at: Instant;
      readonly group: string;
      readonly by: Actor;
      readonly opens: Pick<ScriptedAlerts, 'serviceId' | 'severity' | 'title'>;
    }
  | {
      readonly kind: 'answer';
      readonly at: Instant;
      readonly index: number;
      /** Labels of those that took it. */
      readonly incidents: readonly string[];
      /** What they were asked; null where that is for the review. */
      readonly asked: Asked | null;
    }
  | {
      readonly kind: 'maintenance';
      readonly at: Instant;
      readonly change: MaintenanceChange;
      /** Labels of those that are told. */
      readonly incidents: readonly string[];
    }
  /** A provider will call back at this time about a message of now. */
  | { readonly kind: 'callback'; readonly at: Instant }
  | {
      readonly kind: 'outage';
      readonly at: Instant;
      readonly until: Instant;
      /** What the incidents were when it began. */
      readonly states: readonly { readonly incident: string; readonly state: IncidentState }[];
    };
