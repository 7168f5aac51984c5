import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Integration } from '../../config/types.js';
import { MINUTE, SECOND, type Instant } from '../../domain/time/instant.js';
import { ApiError } from '../errors.js';
import type { KeyRing } from '../keys.js';

/** What Grafana calls it unless told otherwise. */
const SIGNATURE = 'x-grafana-alerting-signature';

/** Grafana has no name for it: this one is to be set in the contact point (docs/senders.md). */
const TIMESTAMP = 'x-grafana-alerting-signature-timestamp';

/** How old a signed request may be, and how far clocks may differ. */
const TOLERANCE_MS = 5 * MINUTE;

/** Whether the request claims to be signed. */
export function isSigned(request: FastifyRequest): boolean {
  return request.headers[SIGNATURE] !== undefined;
}

/**
 * The integration whose key signed this body: hex HMAC-SHA256 over the body, or over `<seconds>:<body>` where the
 * contact point sends a timestamp. Who signed with a time can't be replayed without it: the signature would be another.
 * Takes the same time whichever integration it is.
 * Source: grafana/alerting, http/hmac.go
 * @throws ApiError `forged-signature`
 */
export function integrationThatSigned(
  { config }: Pick<KeyRing, 'config'>,
  request: FastifyRequest,
  body: Buffer,
  now: Instant,
): Integration {
  const timestamp = request.headers[TIMESTAMP];
  const presented = digest(request.headers[SIGNATURE]);
  let signer: Integration | null = null;
  for (const integration of config().integrations) {
    if (integration.kind !== 'grafana') continue;
    const hmac = createHmac('sha256', integration.key);
    if (timestamp !== undefined) hmac.update(`${String(timestamp)}:`);
    if (timingSafeEqual(hmac.update(body).digest(), presented)) signer = integration;
  }
  if (signer === null)
    throw new ApiError(
      'forged-signature',
      'This request does not carry the signature of a Grafana integration.',
      {
        remedy:
          'Check that the secret of the contact point is the key of the integration, and that the timestamp header, if any, is X-Grafana-Alerting-Signature-Timestamp.',
      },
    );
  if (timestamp !== undefined) refuseOld(Number(timestamp) * SECOND, now);
  return signer;
}

/** As long as a digest; what is no signature at all never equals one. */
function digest(header: string | readonly string[] | undefined): Buffer {
  const text = typeof header === 'string' ? header.trim() : '';
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(32);
}

function refuseOld(signedAt: Instant, now: Instant): void {
  if (Math.abs(now - signedAt) <= TOLERANCE_MS) return;
  throw new ApiError(
    'forged-signature',
    'This request was signed more than 5 minutes ago, or in the future.',
    {
      remedy:
        'Compare the clocks of Grafana and of Tocsin; a request that was recorded is refused on purpose.',
    },
  );
}
