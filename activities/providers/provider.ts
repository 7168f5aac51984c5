import type { Channel, FailureReason } from '../../domain/incident/event.js';
import type { Message } from '../../domain/messages/message.js';
import type { Milliseconds } from '../../domain/time/instant.js';

/** Where a message goes: a phone number in E.164 or an email address, and the person it belongs to. */
export interface Recipient {
  readonly userId: string;
  readonly name: string;
  readonly address: string;
  /** IANA zone in which this person reads times. */
  readonly zone: string;
}

/** Addresses of ours that a message may carry, each with a signed token of its own. */
export interface MessageUrls {
  /** The incident's page for this reader: shows it, and answers by its buttons. */
  readonly incident: string;
  /** Where the provider reports what became of the delivery. */
  readonly deliveryStatus: string;
  /** Where a call sends the key that was pressed. */
  readonly voiceAnswer: string;
}

/** What a provider needs beside the message. */
export interface SendContext {
  readonly urls: MessageUrls;
  readonly idempotencyKey: string;
  readonly deliveryId: string;
  /** Aborted after 8 seconds; without a `withdraw` also when the page is no longer wanted. */
  readonly signal: AbortSignal;
}

export type SendResult =
  | { readonly ok: true; readonly providerId: string }
  | {
      readonly ok: false;
      readonly reason: FailureReason;
      readonly retryable: boolean;
      readonly retryAfterMs?: Milliseconds;
      /** It may have gone out all the same. */
      readonly ambiguous?: boolean;
      /** The provider's code and words, without personal data. */
      readonly detail?: string;
    };

/** One way to reach people. A new channel is one folder with `config.ts`, `provider.ts` and the shared contract test. */
export interface Provider {
  /** Stable name for timeline, logs and metrics, e.g. `twilio-sms`. */
  readonly name: string;
  readonly channel: Channel;
  send(message: Message, to: Recipient, context: SendContext): Promise<SendResult>;
  /** Takes back what has not reached the person yet. */
  withdraw?(providerId: string, signal: AbortSignal): Promise<void>;
}
