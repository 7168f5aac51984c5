import type { Actor } from '../incident/plan.js';
import type { Milliseconds, Instant } from '../time/instant.js';
import type { Target } from '../escalation/policy.js';
import type { Urgency } from '../severity/severity.js';

/** What an incident hands to its review: the argument of the review workflow. */
export interface ReviewInput {
  readonly openingId: string;
  readonly code: string;
  readonly title: string;
  readonly service: string;
  readonly team?: string;
  readonly severity: string;
  readonly openedAt: Instant;
  readonly resolvedAt: Instant;
  /** The last owner; null when it resolved unanswered. */
  readonly owner: Actor | null;
  /** Who owes the postmortem when nobody owned the incident: the first step's targets. */
  readonly ownerTargets: readonly Target[];
  readonly urgency: Urgency;
  /** Absent: this severity owes no postmortem. Default 48 hours. */
  readonly postmortemWithinMs?: Milliseconds;
  readonly retryMs: Milliseconds;
  readonly responders: readonly string[];
}

/** What a person asks of a review. */
export interface ReviewAction {
  readonly requestId: string;
  /** What was asked, in the sender's own words, as a hash: a request id that is used for something else is found out by it. */
  readonly requestHash?: string;
  readonly by: Actor;
  readonly action: 'publish-postmortem';
  /** Where the published postmortem is: http or https. */
  readonly url: string;
}

export interface ReviewAnswer {
  readonly outcome: 'published' | 'already-published' | 'not-required';
  readonly sentence: string;
  /** The `requestHash` of the request that got this answer first. */
  readonly asked?: string;
}

/** Deliveries of a review begin with this, those of an incident with `d`: one incident's mails never share an id. */
export const REVIEW_DELIVERY = 'r';

/** Whether a delivery is the review's, so that what a provider says of it finds its way. */
export function isReviewDelivery(deliveryId: string): boolean {
  return deliveryId.startsWith(REVIEW_DELIVERY);
}
