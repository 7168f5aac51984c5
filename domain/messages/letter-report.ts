import type { Channel, FailureReason } from '../incident/event.js';
import type { Instant, Milliseconds } from '../time/instant.js';
import type { Letter } from './letter.js';

/** Whom a letter goes to, and how. */
export interface SendLetterInput {
  readonly userId: string;
  readonly letter: Letter;
  /**
   * A contact method's id: by this one, whatever it is. `notice`: by the first of the person's methods for messages that are no
   * page which works; never a call. `first`: methods of this channel before all others (a letter with an invitation: mail).
   */
  readonly by:
    | { readonly kind: 'method'; readonly id: string }
    | { readonly kind: 'notice'; readonly first?: 'sms' | 'push' | 'chat' | 'email' | 'webhook' };
  /** The same for each try of one letter. Without personal data, at most 200 characters. */
  readonly idempotencyKey: string;
  /**
   * `{code}` in the letter's words becomes the code of this request, worked out where it is sent: a code never stands in a
   * workflow's history.
   */
  readonly verification?: { readonly nonce: string };
}

/** One method that was tried in vain. */
export interface LetterTry {
  readonly methodId: string;
  readonly channel: Channel;
  readonly reason: FailureReason;
  readonly retryable: boolean;
  readonly retryAfterMs?: Milliseconds;
  /** It may have gone out all the same. */
  readonly ambiguous?: boolean;
  /** The provider's code and words, without personal data. */
  readonly detail?: string;
}

/** What became of a letter. */
export type LetterReport =
  | {
      readonly status: 'sent';
      readonly methodId: string;
      readonly channel: Channel;
      readonly provider: string;
      readonly providerId: string;
      readonly possibleDuplicate?: boolean;
    }
  /**
   * `tries`: one for each method; empty when the person has none for this, or is no longer in the config. `unknown`: no worker said
   * what became of it.
   */
  | { readonly status: 'failed'; readonly tries: readonly LetterTry[]; readonly unknown?: true };

/** The argument of the workflow `letter`. */
export interface LetterStart extends SendLetterInput {
  /** Tried at least once, and again until then. */
  readonly until: Instant;
}
