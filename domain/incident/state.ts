import type { Instant } from '../time/instant.js';
import type { MessagePart, PageReason } from '../messages/message.js';
import type { Urgency } from '../severity/severity.js';
import type { Answer, Method, NotificationRule } from './event.js';
import type { Fingerprints } from './fingerprints.js';
import type { Actor, ResponsePlan } from './plan.js';
import type { TimelineEntry } from './timeline.js';
import type { Phase } from './view.js';

/** A promise that is still open. Its name is its key in `state.deadlines`. */
export interface Deadline {
  readonly at: Instant;
  /** What a person reads in the Temporal UI. */
  readonly label: string;
}

/** Who has the incident. */
export interface Owner {
  readonly actor: Actor;
  readonly since: Instant;
  /** The step of the policy (from 0) on which they were paged, -1 when on none: "the next tier" counts from here. */
  readonly step: number;
}

/**
 * Where the paging stands. `tiers` are the steps of one round as they are paged together (one by one, or several at once);
 * `tier` is an index into it, `OWNER_TIER` while the owner is asked first, `tiers.length` in the catch-all.
 */
export interface Escalation {
  /** Why the paging began; the same over all of its positions. */
  readonly reason: PageReason;
  /** What there is to say about that reason. */
  readonly detail?: string;
  /** Why the people of the present position are paged: what began it, or that nobody before them answered. */
  readonly why: PageReason;
  readonly tiers: readonly (readonly number[])[];
  /** From 1. */
  readonly round: number;
  readonly tier: number;
  /** How often the catch-all was reached. */
  readonly catchAlls: number;
  /** Changes with every position: an answer to an older search is dropped. */
  readonly position: number;
}

export const OWNER_TIER = -1;

/** One person being paged, from the moment they were found until somebody answers or the next tier takes over. */
export interface Page {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly via: string;
  readonly reason: PageReason;
  readonly detail?: string;
  /** For people: "primary", "catch-all". */
  readonly tier: string;
  /** The step (from 0) it belongs to; -1 for pages outside the policy. */
  readonly step: number;
  readonly round: number;
  /** Position of the escalation that it belongs to; null for pages beside it (management, information). */
  readonly position: number | null;
  readonly startedAt: Instant;
  readonly validForMs: number;
  readonly rules: readonly NotificationRule[];
  /** Indexes of rules that were carried out. */
  readonly fired: readonly number[];
  /** `active`: rules run. `superseded`: the next tier took over, they may still answer. `stopped`: answered or over. */
  readonly status: 'active' | 'superseded' | 'stopped';
}

/** One message on its way. */
export interface Delivery {
  readonly id: string;
  readonly pageId: string | null;
  readonly userId: string;
  readonly method: Method;
  readonly attempt: number;
  readonly status: 'sending' | 'sent' | 'delivered' | 'ended' | 'failed' | 'cancelled';
  readonly provider?: string;
  readonly providerId?: string;
  /** The provider's ids of earlier attempts: what it says of those is old news. */
  readonly earlier?: readonly string[];
  /** An earlier attempt may have gone out as well. */
  readonly ambiguous?: boolean;
  readonly parts: readonly [MessagePart, ...MessagePart[]];
}

/** What is known of a person who was found for this incident. */
export interface Person {
  readonly name: string;
  readonly notice: readonly Method[];
  readonly lastPagedAt: Instant | null;
}

/** A `find-people` under way, and what is to be done with its answer. */
export interface Search {
  readonly purpose:
    | { readonly type: 'position'; readonly position: number }
    /** Paged beside the policy. */
    | { readonly type: 'beside'; readonly reason: PageReason; readonly tier: string; readonly step: number }
    /** Told by the low-urgency rules; nobody's time runs. */
    | { readonly type: 'inform' }
    | { readonly type: 'notice'; readonly part: MessagePart };
  readonly urgency: Urgency;
}

/** Which alerts fire. Exact up to a bound, conservative beyond it. */
export interface AlertSet {
  readonly firing: Fingerprints;
  /** How many are in `firing`. */
  readonly known: number;
  readonly resolved: Fingerprints;
  /** When its sender said of each of `resolved` that it is over, by our clock; without those a person declared over. */
  readonly ended: Fingerprints;
  /** Distinct events counted: each fingerprint each time it fired. */
  readonly total: number;
  /** Firing alerts that did not fit: while it is above 0, alerts alone never resolve the incident. */
  readonly overflow: number;
}

/** Everything an incident is. Plain JSON: it survives serialization at any point. */
export interface IncidentState {
  /** Version of the rules, set once at the start of a run. */
  readonly rules: number;
  readonly openingId: string;
  readonly key: string;
  readonly code: string;
  readonly title: string;
  readonly source: string;
  readonly resolves: boolean;
  readonly openedAt: Instant;
  readonly plan: ResponsePlan;
  link?: string;
  severity: string;
  phase: Phase;
  owner: Owner | null;
  escalation: Escalation | null;
  pages: readonly Page[];
  deliveries: Readonly<Record<string, Delivery>>;
  people: Readonly<Record<string, Person>>;
  searches: Readonly<Record<string, Search>>;
  alerts: AlertSet;
  deadlines: Readonly<Record<string, Deadline>>;
  /** Answers given, by request id, oldest first. */
  answers: readonly { readonly requestId: string; readonly answer: Answer; readonly confirmed?: boolean }[];
  /** The last number given to a page, delivery, search or position. */
  counter: number;
  acknowledgedAt: Instant | null;
  mitigatedAt: Instant | null;
  resolvedAt: Instant | null;
  managementTold: boolean;
  /** Updates missed in a row. */
  updatesMissed: number;
  joinNoticeAt: Instant | null;
  previous?: string;
  timeline: readonly TimelineEntry[];
  timelineDropped: number;
}

/** Bounds of what the workflow carries: far above what an incident needs, far below Temporal's limits. */
export const BOUNDS = {
  timeline: 400,
  answers: 300,
  deliveries: 300,
  pages: 300,
  // The largest storm of the spec has 5,000 alerts; each takes about 40 bytes.
  firing: 5_000,
  resolved: 2_000,
} as const;
