import type { ErrorCode } from '../errors.js';
import type { Auth } from './contract.js';

/** A way to prove who asks: its scheme in the document, and the errors of a request that does not. */
interface Scheme {
  readonly scheme: Readonly<Record<string, string>> | null;
  readonly errors: readonly ErrorCode[];
}

/** All ways in. */
export const SECURITY: Readonly<Record<Auth, Scheme>> = {
  none: { scheme: null, errors: [] },
  'api-key': {
    scheme: {
      type: 'http',
      scheme: 'bearer',
      description:
        'A key of `apiKeys` in the configuration, or one that `/v1/keys` made: `Authorization: Bearer <key>`. The scope it needs is named with each operation: `read`, `respond` or `admin`, each of which includes those before.',
    },
    errors: ['missing-key', 'wrong-key', 'key-not-allowed', 'scope-missing', 'store-away'],
  },
  'integration-key': {
    scheme: {
      type: 'http',
      scheme: 'bearer',
      description:
        'The key of one of `integrations` in the configuration, or one that `/v1/keys` made for it. It sends alerts of its kind, and opens nothing else.',
    },
    errors: ['missing-key', 'wrong-key', 'key-not-allowed', 'store-away'],
  },
  'routing-key': {
    // OpenAPI has no scheme for a key in the body; the field says so itself.
    scheme: null,
    errors: [],
  },
  'twilio-signature': {
    scheme: {
      type: 'apiKey',
      in: 'header',
      name: 'X-Twilio-Signature',
      description: 'Twilio signs the public address and the form with the auth token.',
    },
    errors: ['forged-signature'],
  },
  'gateway-key': {
    scheme: {
      type: 'apiKey',
      in: 'query',
      name: 'key',
      description:
        'The key of `replies` of an SMS gateway in the configuration; a bearer token, or the password of Basic, does as well.',
    },
    errors: ['missing-key', 'wrong-key'],
  },
  'heartbeat-key': {
    // The key stands in the path; the field says so itself.
    scheme: null,
    errors: ['wrong-key'],
  },
  link: {
    // The token stands in the path.
    scheme: null,
    errors: [],
  },
};
