import type { Logger } from 'pino';
import type { Config } from '../config/types.js';
import type { Instant } from '../domain/time/instant.js';
import type { KnownOverrides } from '../store/known-overrides.js';
import type { Store, StoreState } from '../store/store.js';
import type { Tokens } from '../tokens/signed-token.js';
import type { HeartbeatDesk } from './heartbeats/desk.js';
import type { Incidents } from './incidents/incidents.js';
import type { Metrics } from './metrics.js';

/** One thing that readiness depends on. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, or what was found, for people. */
  readonly detail?: string;
  /** Of the store: which one it is, for telling whether several processes have the same. Never where it is. */
  readonly store?: { readonly kind: StoreState['kind']; readonly fingerprint: string };
}

/** Everything the app needs of the world: plain interfaces, built for real only in `api/server.ts`. */
export interface AppDeps {
  /** The configuration in force; `createApp` lets it answer by the `known` overrides. */
  readonly config: () => Config;
  readonly incidents: Incidents;
  readonly tokens: Tokens;
  /** Twilio's auth tokens, newest first; two during a rotation. Empty: hooks are refused. */
  readonly twilioAuthTokens: readonly string[];
  /** Says something back to a number through an SMS gateway of the config; absent: nothing is said back there. */
  readonly sendText?: (gateway: string, to: string, text: string) => Promise<void>;
  /** Where Twilio and browsers reach this app, without trailing slash, e.g. `https://tocsin.example.com`. */
  readonly publicUrl: string;
  /** Absent: this app takes no beats. */
  readonly heartbeats?: Pick<HeartbeatDesk, 'beat' | 'list'>;
  /** What is kept beside Temporal; absent: this Tocsin has no store. */
  readonly store?: Pick<Store, 'overrides' | 'calendars'>;
  /** The overrides that paging goes by, whether or not the store answers; absent: there are none. */
  readonly known?: Pick<KnownOverrides, 'current' | 'refresh'>;
  readonly now: () => Instant;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly readiness: () => Promise<{ readonly ok: boolean; readonly checks: readonly ReadinessCheck[] }>;
}
