import type { Channel, FailureReason } from '../../domain/incident/event.js';
import type { Letter } from '../../domain/messages/letter.js';
import type { Message } from '../../domain/messages/message.js';
import type { Milliseconds } from '../../domain/time/instant.js';
import type { Pace } from '../pacing/pacer.js';

/** Where a message goes: a phone number in E.164, an email address, a topic or a URL, and the person it belongs to. */
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
  /** Where providers of ours reach the API: `https://…/hooks`. */
  readonly hooks: string;
  /** Names the delivery in a report, signed: whoever shows it may report on this delivery and nothing else. */
  readonly deliveryToken: string;
}

/** What a provider needs beside the message. */
export interface SendContext {
  readonly urls: MessageUrls;
  readonly idempotencyKey: string;
  readonly deliveryId: string;
  /** Aborted after 8 seconds; without a `withdraw` also when the page is no longer wanted. */
  readonly signal: AbortSignal;
}

/** What a provider needs beside a letter. Nobody answers a letter by its provider, and nothing is reported of it. */
export interface LetterContext {
  /** The same for all tries of one letter. */
  readonly idempotencyKey: string;
  /** Aborted after 8 seconds; without a `withdraw` also when the letter is no longer wanted. */
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

/** One way to reach people. How to add one: docs/channels.md. */
export interface Provider {
  /** Stable name for timeline, logs and metrics, e.g. `twilio-sms`. */
  readonly name: string;
  readonly channel: Channel;
  /** Whose credentials it uses, e.g. `twilio`; absent: its name. */
  readonly account?: string;
  /** Each recipient is a server of its own: its trouble says nothing about the next one's. */
  readonly isPerRecipient?: boolean;
  /**
   * What this takes of a rate that the provider has; asked before it is sent, which waits for its turn. `urls` come with messages of
   * incidents. Absent or null: it may go at once.
   */
  paced?(message: Message | Letter, to: Recipient, urls?: MessageUrls): Pace | null;
  send(message: Message, to: Recipient, context: SendContext): Promise<SendResult>;
  /** Hands over a message that is about no incident. */
  sendLetter(letter: Letter, to: Recipient, context: LetterContext): Promise<SendResult>;
  /** Takes back what has not reached the person yet. */
  withdraw?(providerId: string, signal: AbortSignal): Promise<void>;
}

/** Whose credentials a provider uses. */
export function accountOf(provider: Pick<Provider, 'name' | 'account'>): string {
  return provider.account ?? provider.name;
}
