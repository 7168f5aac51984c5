import { createHmac } from 'node:crypto';

/** The headers that say who sends and when. */
export const TIMESTAMP_HEADER = 'x-tocsin-timestamp';
export const SIGNATURE_HEADER = 'x-tocsin-signature';

/**
 * `v1=` and the HMAC-SHA256 (hex) of timestamp (seconds since the epoch), a full stop and the body. The timestamp is signed
 * with the rest, so that a receiver can refuse what somebody recorded and sends again.
 */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
