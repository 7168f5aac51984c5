import type { Logger } from 'pino';
import type { Config } from '../config/types.js';
import type { NightPage } from '../domain/oncall/night.js';
import type { Instant } from '../domain/time/instant.js';
import type { KnownApiKeys } from '../store/known-api-keys.js';
import type { KnownMaintenance } from '../store/known-maintenance.js';
import type { KnownOverrides } from '../store/known-overrides.js';
import type { KnownVerified } from '../store/known-verified.js';
import type { Store, StoreState } from '../store/store.js';
import type { Tokens } from '../tokens/signed-token.js';
import type { Letters } from './contacts/letters.js';
import type { HandoffWorkflows } from './handoff/handoff-workflows.js';
import type { HeartbeatDesk } from './heartbeats/desk.js';
import type { Incidents } from './incidents/incidents.js';
import type { Metrics } from './metrics.js';
import type { RecordRebuilder } from './records/rebuild.js';

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
  /** Hand-overs of shifts; absent: this app knows none that is under way. */
  readonly handoffs?: HandoffWorkflows;
  /** What is kept beside Temporal; absent: this Tocsin has no store. */
  readonly store?: Pick<
    Store,
    | 'bundles'
    | 'maintenance'
    | 'overrides'
    | 'calendars'
    | 'apiKeys'
    | 'backup'
    | 'verifiedMethods'
    | 'handoffs'
  > &
    // To wait for one that is only being opened.
    Partial<Pick<Store, 'state' | 'untilReady'>>;
  /** The keys of the store as they were last known, whether or not it answers; absent: there are none. */
  readonly apiKeys?: KnownApiKeys;
  /** The maintenance windows that people made, as they are known; absent: there are none. */
  readonly maintenance?: Pick<KnownMaintenance, 'current' | 'refresh'>;
  /** The overrides that paging goes by, whether or not the store answers; absent: there are none. */
  readonly known?: Pick<KnownOverrides, 'current' | 'refresh'>;
  /** Which contact methods were verified, whether or not the store answers; absent: all of them count. */
  readonly verified?: Pick<KnownVerified, 'current' | 'refresh'>;
  /** Writes to people about no incident; absent: this app can't. */
  readonly letters?: Letters;
  /** Who was paged for what at night; absent: nobody is known to be past their limit. */
  readonly nightPages?: () => Iterable<NightPage>;
  /** Records of past incidents: counts pages, and is filled from Temporal; absent: this Tocsin has no store. */
  readonly records?: RecordRebuilder & Pick<Store['records'], 'pages'>;
  readonly now: () => Instant;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly readiness: () => Promise<{ readonly ok: boolean; readonly checks: readonly ReadinessCheck[] }>;
}
