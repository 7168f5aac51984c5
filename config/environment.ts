import { z } from 'zod';
import { isWebAddress } from '../domain/messages/web-address.js';

const optional = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const url = (what: string) =>
  z
    .string()
    .refine(isWebAddress, `Expected ${what} to be an http or https URL, e.g. https://tocsin.example.com`)
    .transform((text) => text.replace(/\/+$/, ''));

function isPostgresUrl(text: string): boolean {
  try {
    return ['postgres:', 'postgresql:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

const schema = z.object({
  PORT: z.coerce
    .number('Expected PORT to be a number from 1 to 65535')
    .int()
    .min(1)
    .max(65_535)
    .default(3000),
  HOST: z.string().default('127.0.0.1'),
  TOCSIN_HEALTH_PORT: z.coerce
    .number('Expected TOCSIN_HEALTH_PORT to be a number from 0 to 65535')
    .int()
    .min(0)
    .max(65_535)
    .default(3002),
  TOCSIN_DRAIN_SECONDS: z.coerce
    .number('Expected TOCSIN_DRAIN_SECONDS to be a number from 0 to 300')
    .min(0)
    .max(300)
    .default(0),
  TOCSIN_CACHED_INCIDENTS: z.coerce
    .number('Expected TOCSIN_CACHED_INCIDENTS to be a whole number from 10 to 100000')
    .int()
    .min(10)
    .max(100_000)
    .optional(),
  TOCSIN_CONFIG: optional,
  TOCSIN_DATA_DIR: z.string().default('.tocsin'),
  TOCSIN_PUBLIC_URL: url('TOCSIN_PUBLIC_URL').optional(),
  TOCSIN_SECRET: z
    .string()
    .min(16, 'Expected TOCSIN_SECRET to have at least 16 characters, e.g. from `openssl rand -hex 32`')
    .optional(),
  TOCSIN_SECRET_PREVIOUS: z
    .string()
    .min(16, 'Expected TOCSIN_SECRET_PREVIOUS to have at least 16 characters, as TOCSIN_SECRET')
    .optional(),
  TOCSIN_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TWILIO_ACCOUNT_SID: optional,
  TWILIO_AUTH_TOKEN: optional,
  TWILIO_AUTH_TOKEN_PREVIOUS: optional,
  TWILIO_FROM: optional,
  TWILIO_BASE_URL: url('TWILIO_BASE_URL').optional(),
  DATABASE_URL: z
    .string()
    .trim()
    .refine(
      isPostgresUrl,
      'Expected DATABASE_URL to be the URL of a PostgreSQL, e.g. postgres://user:password@host:5432/tocsin',
    )
    .optional(),
  SMTP_URL: optional,
  MAIL_FROM: optional,
});

/** The process's settings, checked. Nobody else reads `process.env`. */
export interface Environment {
  readonly port: number;
  readonly host: string;
  /** Where a worker that runs alone tells of its health; 0: any free port. */
  readonly healthPort: number;
  /** How long the API goes on taking requests, already not ready, when it is told to end: for load balancers. */
  readonly drainMs: number;
  /** How many incidents a worker keeps in memory between their tasks. Absent: as many as the SDK thinks this machine bears. */
  readonly cachedIncidents?: number;
  /** A file or a folder of YAML. */
  readonly configPath: string | undefined;
  readonly dataDir: string;
  /** Where Twilio and browsers reach the API, without trailing slash. Default: this machine. */
  readonly publicUrl: string;
  /** Signs links. */
  readonly secret: string | undefined;
  /** Accepted in links too, during a change of the secret. */
  readonly previousSecret: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** A PostgreSQL as the store, with its password: never shown. Absent: `tocsin up` has an embedded one. */
  readonly databaseUrl?: string;
  /** Signature tokens of Twilio's requests, newest first. */
  readonly twilioAuthTokens: readonly string[];
  /** Everything, for those who read settings of their own: keys by reference, TEMPORAL_*, TWILIO_*, SMTP_*. */
  readonly all: Readonly<Record<string, string | undefined>>;
}

/** Reads and checks the settings; every problem at once. Values are never repeated: they may be secrets. */
export function loadEnvironment(
  env: Readonly<Record<string, string | undefined>>,
):
  | { readonly ok: true; readonly environment: Environment }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(set);
  if (!parsed.success)
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    };
  const { data } = parsed;
  return {
    ok: true,
    environment: {
      port: data.PORT,
      host: data.HOST,
      healthPort: data.TOCSIN_HEALTH_PORT,
      drainMs: data.TOCSIN_DRAIN_SECONDS * 1_000,
      ...(data.TOCSIN_CACHED_INCIDENTS === undefined
        ? {}
        : { cachedIncidents: data.TOCSIN_CACHED_INCIDENTS }),
      configPath: data.TOCSIN_CONFIG,
      dataDir: data.TOCSIN_DATA_DIR,
      publicUrl: data.TOCSIN_PUBLIC_URL ?? `http://localhost:${data.PORT}`,
      secret: data.TOCSIN_SECRET,
      previousSecret: data.TOCSIN_SECRET_PREVIOUS,
      logLevel: data.TOCSIN_LOG_LEVEL,
      ...(data.DATABASE_URL === undefined ? {} : { databaseUrl: data.DATABASE_URL }),
      twilioAuthTokens: [data.TWILIO_AUTH_TOKEN, data.TWILIO_AUTH_TOKEN_PREVIOUS].filter(
        (token) => token !== undefined,
      ),
      all: set,
    },
  };
}
