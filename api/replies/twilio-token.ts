import type { FastifyRequest } from 'fastify';
import type { TokenClaims } from '../../tokens/signed-token.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';

/** The query parameter in which Twilio's callbacks carry our token: `/hooks/twilio/voice?t=…`, `/hooks/twilio/status?t=…`. */
export const TOKEN_PARAMETER = 't';

/**
 * The claims of the token that a callback address carries. Twilio's signature says who calls, the token what about.
 * A delivery's token counts after its time too, since a late callback is about a message that went out.
 * @throws ApiError `forged-token` for one that is missing, broken, forged or made for something else, `expired-token`
 */
export function callbackClaims(
  deps: Pick<AppDeps, 'tokens' | 'now'>,
  request: FastifyRequest,
  purpose: 'voice' | 'delivery',
): TokenClaims {
  const query = request.query as Readonly<Record<string, unknown>>;
  const token = query[TOKEN_PARAMETER];
  const verified = deps.tokens.verify(typeof token === 'string' ? token : '', deps.now());
  const claims = verified.ok || verified.why === 'expired' ? verified.claims : null;
  if (claims?.p !== purpose)
    throw new ApiError('forged-token', 'The address of this callback is not one that Tocsin gave out.');
  if (!verified.ok && purpose === 'voice')
    throw new ApiError('expired-token', 'The call that this callback belongs to is long over.');
  return claims;
}
