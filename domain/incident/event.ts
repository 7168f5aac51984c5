import type { AlertBatch } from '../alert/alert.js';
import type { Step } from '../escalation/policy.js';
import type { MaintenanceChange } from '../maintenance/window.js';
import type { Instant, Milliseconds } from '../time/instant.js';
import type { Actor } from './plan.js';

/** The ways in which a person can be reached. */
export type Channel = 'sms' | 'voice' | 'email' | 'push' | 'chat' | 'webhook';

/** The ways in which a person's action comes in. */
export type Via = 'sms' | 'voice' | 'link' | 'api' | 'cli' | 'web' | 'chat';

/** A contact method by its id; the number or address behind it never enters the machine. */
export interface Method {
  /** Unique for its user, e.g. `sms-1`. */
  readonly id: string;
  readonly channel: Channel;
}

/** A notification rule: these methods, so long after the page began. */
export interface NotificationRule {
  readonly afterMs: Milliseconds;
  readonly methods: readonly Method[];
}

/** A person (or a room) that a target stands for at this instant. */
export interface FoundPerson {
  readonly userId: string;
  readonly name: string;
  /** Why this person, e.g. "primary of payments". */
  readonly via: string;
  /** In order of `afterMs`; empty when there is no way to page them. */
  readonly rules: readonly NotificationRule[];
  /** For messages that are no page, best first; never a voice call. */
  readonly notice: readonly Method[];
  /**
   * Present: it is night where they are, and they were paged for as many incidents as one may be in a night, or more. Others are
   * asked first where there are any.
   */
  readonly overLimit?: { readonly count: number; readonly limit: number };
  /** None of the methods of these rules was ever confirmed by the person, nor declared trusted: they may lead nowhere. */
  readonly unproven?: true;
}

/** The answer to a `find-people` command. */
export interface FoundPeople {
  readonly people: readonly FoundPerson[];
  /** Gaps and unreachable people, in words: "nobody is primary of payments now". */
  readonly problems: readonly string[];
  /**
   * Present: a schedule was asked while the store was away, so that newer overrides may have been missed. They are as of then;
   * null: none were known.
   */
  readonly overridesAsOf?: Instant | null;
}

/** Why a delivery failed: stable names, used in timeline, logs and metrics. */
export type FailureReason =
  | 'bad-address'
  | 'opted-out'
  | 'blocked'
  | 'undelivered'
  | 'unauthorized'
  | 'rate-limited'
  | 'unavailable'
  | 'timed-out'
  | 'not-configured'
  | 'rejected';

/** One message about several incidents, as each of them sees it. */
export interface InBundle {
  readonly id: string;
  /** How many it was about, at least two. */
  readonly incidents: number;
}

/** What became of one delivery: from the activity that sent it, or from the provider's callback. */
export type DeliveryReport = {
  readonly deliveryId: string;
  /** e.g. `twilio`, `smtp`. */
  readonly provider: string;
  /** The provider's id of the message or call, when it gave one. */
  readonly providerId?: string;
} & (
  | {
      /** The provider has it. */
      readonly status: 'sent';
      /** An earlier attempt may have gone out as well. */
      readonly possibleDuplicate?: boolean;
      /** It was part of a message about several incidents. */
      readonly bundle?: InBundle;
    }
  | { readonly status: 'delivered' }
  /** A call that rang out, or was busy. Not a failure: the next rule comes in its time. */
  | { readonly status: 'unanswered' }
  /** A call that a machine took: never an acknowledgement. */
  | { readonly status: 'voicemail' }
  | { readonly status: 'answered' }
  | {
      readonly status: 'failed';
      readonly reason: FailureReason;
      readonly retryable: boolean;
      readonly retryAfterMs?: Milliseconds;
      /** It may have gone out all the same (a time-out after the request was sent). */
      readonly ambiguous?: boolean;
      /** The provider's own code and words, without personal data. */
      readonly detail?: string;
    }
  /** Not sent: it was no longer wanted. */
  | { readonly status: 'cancelled' }
);

/** Somebody to be paged beside the policy: a person, a team, a schedule, or the steps of a whole service. */
export interface ResponderLine {
  /** What people read, e.g. "carol" or "payments". */
  readonly name: string;
  /** In order; the next one is paged when the one before does not answer in its time. At least one. */
  readonly steps: readonly Step[];
}

/** What a person asks of an incident. */
export type PersonAction = {
  /** Counts once by this; the answer is kept and given again. */
  readonly requestId: string;
  readonly openingId: string;
  readonly by: Actor;
  readonly via: Via;
  /** The person heard "noted, confirmation follows": send the answer as a message. */
  readonly confirm?: boolean;
  /**
   * What was asked, in the sender's own words, as a hash: to tell a request that is repeated from another one under the same
   * id. Absent where we chose the id ourselves: the same SMS that comes twice may be read anew in another light, and counts
   * once.
   */
  readonly requestHash?: string;
  /** Only while so many things have happened to the incident (`revisionOf`): what the person had read. Never by signal. */
  readonly revision?: number;
} & (
  | {
      readonly action: 'acknowledge';
      /** A sender of alerts says so, nobody in person: it takes the incident from nobody, and is no progress. */
      readonly bySender?: true;
    }
  /** Take the incident over from its owner. */
  | {
      readonly action: 'take';
      /** By the confirmed hand-over of a shift: only from this user, and nobody is told, since both know. */
      readonly handover?: { readonly schedule: string; readonly from: string };
    }
  /** "Still on it." */
  | { readonly action: 'progress' }
  | { readonly action: 'resolve' }
  | { readonly action: 'escalate'; readonly reason?: string }
  | { readonly action: 'severity'; readonly severity: string; readonly reason?: string }
  | { readonly action: 'update'; readonly text: string }
  | { readonly action: 'note'; readonly text: string }
  /** Whoever asks has it, and nothing is asked of them for so long. */
  | { readonly action: 'snooze'; readonly forMs: Milliseconds }
  /** The undo of an acknowledgement: nobody has it, paging begins anew. */
  | { readonly action: 'unacknowledge' }
  /** Asks this user to take it over; until they answer the present owner keeps it. */
  | {
      readonly action: 'reassign';
      readonly to: string;
      /** How people call that user; absent, the id has to do. */
      readonly toName?: string;
      readonly reason?: string;
    }
  /** Pages these beside the policy; who has the incident stays. */
  | {
      readonly action: 'add-responders';
      readonly responders: readonly ResponderLine[];
      readonly reason?: string;
    }
);

export type ActionName = PersonAction['action'];

export const ACTION_NAMES = [
  'acknowledge',
  'take',
  'progress',
  'resolve',
  'escalate',
  'severity',
  'update',
  'note',
  'snooze',
  'unacknowledge',
  'reassign',
  'add-responders',
] as const satisfies readonly ActionName[];

/** The answer to an action: what the person hears or reads back. */
export interface Answer {
  /** Stable name of the outcome, for machines. */
  readonly outcome:
    | 'acknowledged'
    | 'already-yours'
    | 'already-owned'
    | 'taken'
    | 'progress-noted'
    | 'mitigated'
    | 'monitoring'
    | 'escalated'
    | 'severity-changed'
    | 'unchanged'
    | 'updated'
    | 'noted'
    | 'over'
    | 'unknown-severity'
    | 'snoozed'
    | 'snooze-out-of-bounds'
    | 'unacknowledged'
    | 'reassigning'
    | 'reassign-refused'
    | 'responders-paged'
    | 'too-many-responders'
    | 'joined'
    /** This request id was used before, for something else: nothing was done. */
    | 'key-reused';
  /** One sentence for people. */
  readonly sentence: string;
  readonly owner?: string;
}

/** What can happen to an incident. */
export type IncidentEvent =
  /** A maintenance window that concerns it was made, or ended before its time. */
  | { readonly type: 'maintenance'; readonly change: MaintenanceChange }
  | { readonly type: 'alerts'; readonly batch: AlertBatch }
  | { readonly type: 'people-found'; readonly requestId: string; readonly found: FoundPeople }
  | { readonly type: 'delivery'; readonly report: DeliveryReport }
  | { readonly type: 'action'; readonly action: PersonAction }
  /** An action that came by signal and means an earlier opening: nothing is done, and the person is told so. */
  | { readonly type: 'stale-action'; readonly action: PersonAction }
  /** Time has passed: whatever is due now is done. */
  | { readonly type: 'time' }
  /** Nobody is configured who would hear in the morning that these were past their limit. */
  | { readonly type: 'spared-unheard'; readonly names: readonly string[] }
  | { readonly type: 'previous-found'; readonly openingId: string; readonly resolvedAt: Instant | null }
  /** The timeline is kept, up to the entry of this number (not included). */
  | { readonly type: 'recorded'; readonly through: number };
