import type { AlertLink } from '../alert/alert.js';
import type { Instant } from '../time/instant.js';
import type { QuietView } from './quiet.js';
import type { TimelineEntry } from './timeline.js';

/** Where an open incident can stand, in the usual order. */
export const OPEN_PHASES = ['triggered', 'acknowledged', 'investigating', 'mitigated', 'monitoring'] as const;

/** All of them. */
export const PHASES = [...OPEN_PHASES, 'resolved'] as const;

export type Phase = (typeof PHASES)[number];

/** A promise that is still open, and when it falls due. */
export interface OpenDeadline {
  /** Stable name, e.g. `ack`, `update`, `rule:p3:1`. */
  readonly name: string;
  readonly at: Instant;
  /** What a person reads in the Temporal UI, e.g. "ack timeout: alice (tier 1)". */
  readonly label: string;
}

/** Somebody who was asked to help: a person, a team, a schedule or a service. */
export interface ResponderView {
  readonly name: string;
  /** Who asked. */
  readonly by: string;
  readonly since: Instant;
  readonly reason?: string;
  /** `unanswered`: nobody of them answered in their time; `stopped`: no longer needed. */
  readonly status: 'paging' | 'joined' | 'unanswered' | 'stopped';
  /** The names of those who were paged so far. */
  readonly paged: readonly string[];
  /** The name of the one who joined. */
  readonly joined?: string;
}

/** What the query `incident` answers: the whole state for people and programs. */
export interface IncidentView {
  readonly openingId: string;
  readonly workflowId: string;
  readonly code: string;
  readonly title: string;
  readonly phase: Phase;
  readonly severity: string;
  readonly service: string;
  readonly team?: string;
  readonly runbook?: string;
  readonly policy: { readonly id: string; readonly hash: string };
  readonly source: string;
  readonly link?: string;
  /** What goes with it: dashboard, silence and such. */
  readonly links?: readonly AlertLink[];
  readonly openedAt: Instant;
  readonly acknowledgedAt?: Instant;
  readonly mitigatedAt?: Instant;
  readonly resolvedAt?: Instant;
  readonly owner?: { readonly id: string; readonly name: string; readonly since: Instant };
  /** True while people are being paged and nobody has answered. */
  readonly paging: boolean;
  /** Everybody paged so far, in order, with whether their page is still open. */
  readonly paged: readonly {
    readonly userId: string;
    readonly name: string;
    readonly at: Instant;
    readonly open: boolean;
  }[];
  readonly alerts: { readonly firing: number; readonly total: number };
  /** Maintenance covers what fires. */
  readonly quiet?: QuietView;
  /** Nothing is asked of whoever has it until then. */
  readonly snoozed?: { readonly by: string; readonly until: Instant };
  /** Somebody was asked to take it over and has not answered yet. */
  readonly handover?: { readonly to: string; readonly by: string; readonly since: Instant };
  /** Who was asked to help beside the policy, oldest first; absent when nobody was. */
  readonly responders?: readonly ResponderView[];
  /** In order of time. */
  readonly deadlines: readonly OpenDeadline[];
  readonly timeline: readonly TimelineEntry[];
  /** Entries that no longer fit here. */
  readonly timelineDropped: number;
  readonly previous?: string;
  /** Read from its record, since Temporal no longer has it: how it stood when that was last kept. The workflow never says it. */
  readonly record?: { readonly asOf: Instant };
}

/** What the query `review` answers. */
export interface ReviewView {
  readonly openingId: string;
  readonly code: string;
  readonly title: string;
  readonly severity: string;
  readonly service: string;
  readonly resolvedAt: Instant;
  readonly phase: 'post-incident' | 'closed';
  readonly postmortem:
    | { readonly required: false }
    | {
        readonly required: true;
        readonly dueAt: Instant;
        readonly published?: {
          readonly url: string;
          readonly at: Instant;
          readonly by: string;
          readonly lateMs: number;
        };
      };
  readonly deadlines: readonly OpenDeadline[];
  readonly timeline: readonly TimelineEntry[];
}
