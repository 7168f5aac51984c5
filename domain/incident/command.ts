import type { Target } from '../escalation/policy.js';
import type { Message } from '../messages/message.js';
import type { Urgency } from '../severity/severity.js';
import type { Channel, Method } from './event.js';

/** What the machine asks the world to do. */
export type IncidentCommand =
  | FindPeopleCommand
  | DeliverCommand
  /** Stop trying these; what already left is past stopping. */
  | { readonly type: 'cancel-deliveries'; readonly deliveryIds: readonly string[] }
  /** Take back a call that waits or rings at the provider, so that nobody is called after an answer. */
  | {
      readonly type: 'withdraw';
      readonly deliveryId: string;
      readonly channel: Channel;
      readonly provider: string;
      readonly providerId: string;
      /** The call is about other incidents too: it is taken back when none of them needs it. */
      readonly bundle?: { readonly id: string; readonly openingId: string };
    }
  /** Let whoever leads them know in the morning that these were past their limit and others were asked first. */
  | {
      readonly type: 'note-spared';
      readonly tier: string;
      /** The tier that was paged first. */
      readonly instead: string;
      readonly people: readonly SparedPerson[];
    }
  /** Look for the incident that the same alert opened before; best effort. */
  | { readonly type: 'find-previous' }
  /** The incident is over: start its review. */
  | { readonly type: 'start-review' };

/** Somebody who was past the limit of their night. */
export interface SparedPerson {
  readonly userId: string;
  readonly name: string;
  /** How many incidents they had been paged for in that night. */
  readonly count: number;
  readonly limit: number;
}

/** Who is meant right now, and by which methods. Answered by the event `people-found`. */
export interface FindPeopleCommand {
  readonly type: 'find-people';
  readonly requestId: string;
  readonly targets: readonly Target[];
  readonly urgency: Urgency;
  /** For the label in the Temporal UI. */
  readonly label: string;
}

/** One message to one person by one method. Answered by the event `delivery`. */
export interface DeliverCommand {
  readonly type: 'deliver';
  readonly deliveryId: string;
  /** Unique for what is meant to reach the person once; providers and logs carry it. */
  readonly idempotencyKey: string;
  readonly userId: string;
  readonly method: Method;
  /** Counted from 1. */
  readonly attempt: number;
  /** This person was sent the same page before: others that are sent for the first time go ahead of it. */
  readonly again?: true;
  readonly message: Message;
  /** For the label in the Temporal UI, e.g. "page alice by SMS (tier 1)". */
  readonly label: string;
}
