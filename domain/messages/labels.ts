import { assertNever } from '../assert-never.js';
import type { Channel, FailureReason, Via } from '../incident/event.js';
import type { Phase } from '../incident/view.js';

/** "by SMS", "by phone call" … */
export function channelWords(channel: Channel): string {
  switch (channel) {
    case 'sms':
      return 'SMS';
    case 'voice':
      return 'phone call';
    case 'email':
      return 'email';
    case 'push':
      return 'push message';
    case 'chat':
      return 'chat';
    case 'webhook':
      return 'webhook';
    default:
      return assertNever(channel, 'channel');
  }
}

/** How a person's action came in, after "by". */
export function viaWords(via: Via): string {
  switch (via) {
    case 'sms':
      return 'by SMS';
    case 'voice':
      return 'by key press';
    case 'link':
      return 'by link';
    case 'api':
      return 'through the API';
    case 'cli':
      return 'by command line';
    case 'web':
      return 'on the web page';
    case 'chat':
      return 'in chat';
    default:
      return assertNever(via, 'way of action');
  }
}

/** Why a delivery failed. */
export function failureWords(reason: FailureReason): string {
  switch (reason) {
    case 'bad-address':
      return 'the number or address cannot be reached';
    case 'opted-out':
      return 'the person opted out of messages';
    case 'blocked':
      return 'blocked on the way';
    case 'undelivered':
      return 'not delivered';
    case 'unauthorized':
      return 'the provider refused our credentials';
    case 'rate-limited':
      return 'the provider asks to slow down';
    case 'unavailable':
      return 'the provider is not available';
    case 'timed-out':
      return 'the provider did not answer in time';
    case 'not-configured':
      return 'no provider is set up for it';
    case 'rejected':
      return 'the provider refused it';
    default:
      return assertNever(reason, 'failure reason');
  }
}

/** A phase to somebody who looks in: its id, as lists and filters have it, and what that means where it needs saying. */
export function phaseWords(phase: Phase): string {
  switch (phase) {
    case 'triggered':
      return 'triggered';
    case 'acknowledged':
      return 'acknowledged';
    case 'investigating':
      return 'investigating';
    case 'mitigated':
      return 'mitigated (still being checked)';
    case 'monitoring':
      return 'monitoring (quiet, being watched)';
    case 'resolved':
      return 'resolved';
    default:
      return assertNever(phase, 'phase');
  }
}
