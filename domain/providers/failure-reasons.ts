import type { FailureReason } from '../incident/event.js';

/** Failures that are the person's number or wish: another provider would meet the same, so none is tried. */
export const ABOUT_THE_PERSON: ReadonlySet<FailureReason> = new Set(['bad-address', 'opted-out']);

/**
 * Whether the same message is worth another try, where the reason is all that is known. What a provider says itself goes
 * first (twilio-codes.ts, activities/providers).
 */
export const WORTH_ANOTHER_TRY: Readonly<Record<FailureReason, boolean>> = {
  'bad-address': false,
  'opted-out': false,
  blocked: false,
  undelivered: false,
  unauthorized: false,
  'rate-limited': true,
  unavailable: true,
  'timed-out': true,
  'not-configured': false,
  rejected: false,
};
