import type { AlertLink } from '../alert/alert.js';
import type { Instant } from '../time/instant.js';
import type { MessagePart, PageReason } from '../messages/message.js';
import type { Step } from '../escalation/policy.js';
import type { Urgency } from '../severity/severity.js';
import type { Answer, FoundPerson, Method, NotificationRule } from './event.js';
import type { Fingerprints } from './fingerprints.js';
import type { Actor, ResponsePlan } from './plan.js';
import type { Quiet } from './quiet.js';
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
  /** The user who passed it on by hand: while they have it, they are not paged for that. */
  readonly by?: string;
  /** Why the people of the present position are paged: what began it, or that nobody before them answered. */
  readonly why: PageReason;
  readonly tiers: readonly (readonly number[])[];
  /** From 1. */
  readonly round: number;
  readonly tier: number;
  /** How often the catch-all was reached. */
  readonly catchAlls: number;
  /** First steps of the tiers whose people were past their limit of the night: they are paged when their turn comes again. */
  readonly weighed?: readonly number[];
  /** First steps of the tiers that the next one joined, since nobody of theirs had confirmed a contact method: none joins again. */
  readonly joined?: readonly number[];
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
  /** The line beside the policy that it belongs to. */
  readonly line?: string;
  readonly startedAt: Instant;
  readonly validForMs: number;
  readonly rules: readonly NotificationRule[];
  /** Indexes of rules that were carried out. */
  readonly fired: readonly number[];
  /** The last rule that an outage of ours made late: when it was carried out, and by which methods. */
  readonly caughtUp?: { readonly at: Instant; readonly methods: readonly string[] };
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
  /** The message about several incidents that it went out in. */
  readonly bundle?: string;
  readonly parts: readonly [MessagePart, ...MessagePart[]];
}

/** What is known of a person who was found for this incident. */
export interface Person {
  readonly name: string;
  readonly notice: readonly Method[];
  readonly lastPagedAt: Instant | null;
}

/** A pause that the one who has the incident asked for: nothing is asked of them until it ends. */
export interface Snooze {
  readonly by: Actor;
  readonly until: Instant;
}

/**
 * People who are paged beside the policy because somebody asked for them: helpers (`responders`), or the one who is to
 * take it over (`handover`). Its steps are gone through once.
 */
export interface Line {
  readonly id: string;
  readonly kind: 'responders' | 'handover';
  /** What people read: whom it means. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Index of the step that is paged. */
  readonly step: number;
  readonly by: Actor;
  readonly reason?: string;
  readonly askedAt: Instant;
  /** `unanswered`: it came to its end; a helper may still join. `stopped`: it is no longer needed. */
  readonly status: 'paging' | 'answered' | 'unanswered' | 'stopped';
  /** Who was found for its steps so far: any of them may answer. */
  readonly members: readonly { readonly userId: string; readonly name: string }[];
  /** The name of the one who did. */
  readonly answeredBy?: string;
}

/** A `find-people` under way, and what is to be done with its answer. */
export interface Search {
  readonly purpose:
    | { readonly type: 'position'; readonly position: number }
    /** Who could be paged before these, who are past their limit of the night. */
    | { readonly type: 'relief'; readonly position: number; readonly spared: readonly FoundPerson[] }
    /** Who is paged at once as well, since these have confirmed no contact method. */
    | {
        readonly type: 'joining';
        readonly position: number;
        readonly steps: readonly number[];
        readonly beside: readonly FoundPerson[];
      }
    /** Paged beside the policy. */
    | { readonly type: 'beside'; readonly reason: PageReason; readonly tier: string; readonly step: number }
    /** Told by the low-urgency rules; nobody's time runs. */
    | { readonly type: 'inform' }
    /** Paged as this step of a line beside the policy. */
    | { readonly type: 'line'; readonly line: string; readonly step: number }
    | { readonly type: 'notice'; readonly parts: readonly MessagePart[] };
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
  /** When we last heard that those of `firing` fire whose sender tells no start times; absent as long as there was none. */
  readonly arrived?: Fingerprints;
  /** Distinct events counted: each fingerprint each time it fired. */
  readonly total: number;
  /** Firing alerts that did not fit: while it is above 0, alerts alone never resolve the incident. */
  readonly overflow: number;
}

/** The answer to a request, given again when the request comes twice. */
export interface GivenAnswer {
  readonly requestId: string;
  readonly answer: Answer;
  /** The `requestHash` of what was asked, where the caller chose the request id. */
  readonly asked?: string;
  /** It was sent as a message as well. */
  readonly confirmed?: boolean;
  /** Whoever used the id for something else was told so by a message. */
  readonly reuseTold?: boolean;
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
  links?: readonly AlertLink[];
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
  answers: readonly GivenAnswer[];
  /** The last number given to a page, delivery, search or position. */
  counter: number;
  acknowledgedAt: Instant | null;
  mitigatedAt: Instant | null;
  resolvedAt: Instant | null;
  managementTold: boolean;
  /** Updates missed in a row. */
  updatesMissed: number;
  joinNoticeAt: Instant | null;
  /** Absent: nobody snoozed it. */
  snooze?: Snooze;
  /** Absent: nobody was ever asked for. Oldest first. */
  lines?: readonly Line[];
  /** Ids of the users who did something about it, each once, whoever did so last at the end. Absent: nobody yet. */
  acted?: readonly string[];
  /** Absent: nothing. What these people are told who are not paged by the paging that began then. */
  afterPaging?: { readonly userIds: readonly string[]; readonly part: MessagePart; readonly since: Instant };
  /** Absent: nothing that fires is in maintenance. */
  quiet?: Quiet;
  /** Maintenance windows that stopped its pages. Absent: none did. */
  stoppedBy?: readonly string[];
  /** From when on management's time counts, where maintenance came before: absent, from when it opened. */
  askedSince?: Instant;
  previous?: string;
  timeline: readonly TimelineEntry[];
  timelineDropped: number;
  /** See `KeptTimeline`. */
  timelineNumbers?: readonly number[];
  /** Entries with a lower number are in the store, or with whoever sees to it that they get there. Absent: none. */
  recordedThrough?: number;
}

/** Bounds of what the workflow carries: far above what an incident needs, far below Temporal's limits. */
export const BOUNDS = {
  timeline: 400,
  answers: 300,
  deliveries: 300,
  pages: 300,
  // Notes in the timeline: 1,000 of them leave room for what happened.
  notes: 200,
  // Beside the policy, under way at once; as many again that are over are kept for people to see.
  lines: 20,
  // More than a search attribute has room for.
  acted: 150,
  // Lines of the timeline that tell of alerts: a storm makes five a second.
  alertLines: 200,
  // One request may carry 10,000; each takes about 35 bytes, in `resolved` twice, and in `firing` where its sender
  // tells no start times. Full, they are 1 MB at most of the 2 MB that a run may hand to its successor.
  firing: 10_000,
  // As many as a storm of 5,000 needs, though they fall unevenly into their buckets.
  resolved: 7_500,
} as const;
