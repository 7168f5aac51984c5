import type { FastifyRequest } from 'fastify';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { ApiError } from '../errors.js';

/** The fields of a form that Twilio posts; of a repeated field the last value counts. */
export type TwilioForm = Readonly<Record<string, string>>;

/**
 * The form of a request that Twilio signed for the public URL, with any of the auth tokens. The Host header has no say:
 * whoever sends the request chooses it.
 * @throws ApiError `forged-signature`
 */
export function signedForm(
  request: FastifyRequest,
  authTokens: readonly string[],
  publicUrl: string,
): TwilioForm {
  const signature = request.headers['x-twilio-signature'];
  const form = formOf(request.body);
  const url = publicAddress(publicUrl, request);
  if (
    typeof signature === 'string' &&
    authTokens.some(
      (token) => token !== '' && validateRequest(token, signature, url, signedParameters(request.body)),
    )
  )
    return form;
  throw new ApiError('forged-signature', 'This request does not carry the signature of Twilio.', {
    remedy: `Check that Twilio is told the address ${url.split('?')[0] ?? ''} and that the auth token is current.`,
  });
}

/** The address at which Twilio asked for this, query string and all: what it signed. */
export function publicAddress(publicUrl: string, request: FastifyRequest): string {
  return publicUrl.replace(/\/+$/, '') + request.url;
}

/** As they were sent: a repeated field is signed with each of its values. */
function signedParameters(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

function formOf(body: unknown): TwilioForm {
  return Object.fromEntries(
    Object.entries(signedParameters(body)).flatMap(([name, value]) => {
      const last: unknown = Array.isArray(value) ? value.at(-1) : value;
      return typeof last === 'string' ? [[name, last]] : [];
    }),
  );
}
