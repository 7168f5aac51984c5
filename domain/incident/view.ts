import type { Instant } from '../time/instant.js';
import type { TimelineEntry } from './timeline.js';

export type Phase = 'triggered' | 'acknowledged' | 'investigating' | 'mitigated' | 'monitoring' | 'resolved';

/** A promise that is still open, and when it falls due. */
export interface OpenDeadline {
  /** Stable name, e.g. `ack`, `update`, `rule:p3:1`. */
  readonly name: string;
  readonly at: Instant;
  /** What a person reads in the Temporal UI, e.g. "ack timeout: alice (tier 1)". */
  readonly label: string;
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
  /** In order of time. */
  readonly deadlines: readonly OpenDeadline[];
  readonly timeline: readonly TimelineEntry[];
  /** Entries that no longer fit here. */
  readonly timelineDropped: number;
  readonly previous?: string;
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
