import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { createApp } from '../../../api/create-app.js';
import type { AppDeps } from '../../../api/deps.js';
import { createMetrics } from '../../../api/metrics.js';
import { createTokens, type TokenClaims, type Tokens } from '../../../tokens/signed-token.js';
import { createFakeIncidents, type FakeIncidents } from './fake-incidents.js';
import { API_KEY, testConfig } from './test-config.js';
import { checkAnswers } from './answers-match.js';

export const PUBLIC_URL = 'https://tocsin.example.com';
export const AUTH_TOKEN = 'the-auth-token-of-the-tests';
export const OLD_AUTH_TOKEN = 'the-one-before';
/** Tuesday 24 November 2026, 10:00 UTC. */
export const NOW = Date.UTC(2026, 10, 24, 10, 0, 0);
/** An opening id of the right shape. */
export const OPENING = '0123456789abcdef0123-00c0ffee';

type Answered = Awaited<ReturnType<FastifyInstance['inject']>>;

export interface TestApp {
  readonly app: FastifyInstance;
  readonly incidents: FakeIncidents;
  readonly tokens: Tokens;
  /** Lines of the log, as JSON. */
  readonly logged: string[];
  /** A call of the API with its key. */
  api(
    method: 'GET' | 'POST',
    url: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answered>;
  /** A request as Twilio signs it. */
  twilio(
    path: string,
    params: Record<string, string>,
    options?: {
      readonly authToken?: string;
      readonly headers?: Record<string, string>;
      readonly signedPath?: string;
    },
  ): Promise<Answered>;
  token(claims: Partial<TokenClaims>): string;
  metrics(): Promise<string>;
}

export function createTestApp(changes: Partial<AppDeps> = {}): TestApp {
  const incidents = createFakeIncidents();
  const tokens = createTokens('a secret of the tests, long enough');
  const logged: string[] = [];
  const metrics = createMetrics();
  const config = testConfig();
  const app = createApp({
    config: () => config,
    incidents,
    tokens,
    twilioAuthTokens: [AUTH_TOKEN, OLD_AUTH_TOKEN],
    publicUrl: PUBLIC_URL,
    now: () => NOW,
    log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    metrics,
    readiness: () => Promise.resolve({ ok: true, checks: [{ name: 'temporal', ok: true }] }),
    ...changes,
  });
  checkAnswers(app);
  return {
    app,
    incidents,
    tokens,
    logged,
    api: (method, url, body, headers = {}) =>
      app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${API_KEY}`, ...headers },
        ...(body === undefined ? {} : { payload: body }),
      }),
    twilio: (path, params, { authToken = AUTH_TOKEN, headers = {}, signedPath = path } = {}) =>
      app.inject({
        method: 'POST',
        url: path,
        headers: {
          host: 'attacker.example',
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'x-twilio-signature': getExpectedTwilioSignature(authToken, PUBLIC_URL + signedPath, params),
          ...headers,
        },
        payload: new URLSearchParams(params).toString(),
      }),
    token: (claims) => tokens.sign({ p: 'link', o: OPENING, u: 'alice', e: NOW + 60_000, ...claims }),
    metrics: async () => (await metrics.text()).body,
  };
}
