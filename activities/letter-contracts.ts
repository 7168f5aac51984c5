import type { Channel, FailureReason } from '../domain/incident/event.js';
import type { Letter } from '../domain/messages/letter.js';

export interface SendLetterInput {
  readonly userId: string;
  readonly letter: Letter;
  /**
   * A contact method's id: by this one, whatever it is. `notice`: by the first of the person's methods for messages that are no
   * page which works; never a call.
   */
  readonly by: { readonly kind: 'method'; readonly id: string } | { readonly kind: 'notice' };
  /** The same for each try of one letter. */
  readonly idempotencyKey: string;
}

/** One method that was tried in vain. */
export interface LetterTry {
  readonly methodId: string;
  readonly channel: Channel;
  readonly reason: FailureReason;
  readonly retryable: boolean;
  /** The provider's code and words, without personal data. */
  readonly detail?: string;
}

export type LetterReport =
  | {
      readonly status: 'sent';
      readonly methodId: string;
      readonly channel: Channel;
      readonly provider: string;
      readonly providerId: string;
      readonly possibleDuplicate?: boolean;
    }
  | { readonly status: 'failed'; readonly tries: readonly LetterTry[] };

/** What workflows that write to people need of the world. */
export interface LetterActivities {
  /** Hands one letter to a provider. Failures that are expected are a report, not an exception. */
  sendLetter(input: SendLetterInput): Promise<LetterReport>;
}
