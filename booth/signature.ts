import { createHmac, randomBytes } from 'node:crypto';

/**
 * X-Twilio-Signature: base64 HMAC-SHA1 with the auth token over the URL followed by each parameter's name
 * and value, sorted by name (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
 * For a GET the parameters are part of `url` and `params` is empty.
 */
export function signTwilioRequest(
  authToken: string,
  url: string,
  params: Readonly<Record<string, string>>,
): string {
  const data = Object.keys(params)
    .sort()
    .reduce((text, name) => text + name + (params[name] ?? ''), url);
  return createHmac('sha1', authToken).update(data, 'utf8').digest('base64');
}

/** A new random SID of Twilio's form: two letters and 32 hexadecimal digits. */
export function newSid(prefix: 'SM' | 'CA'): string {
  return prefix + randomBytes(16).toString('hex');
}
