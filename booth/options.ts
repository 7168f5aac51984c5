import type { BoothPerson } from './types.js';

/** How a booth is set up. Everything has a default that works on loopback. */
export interface BoothOptions {
  /** 127.0.0.1 unless told. */
  host?: string;
  /** 0 (the default) takes a free port, and keeps it when the booth is started again. */
  httpPort?: number;
  smtpPort?: number;
  /** `AC` and 32 hexadecimal digits, as the twilio library insists. */
  accountSid?: string;
  authToken?: string;
  /** The numbers that the product may send from, E.164. Without any, every number is allowed. */
  from?: readonly string[];
  /** Beyond these it refuses with 20429; absent: it takes as many as come. */
  limits?: { readonly callsPerSecond?: number; readonly segmentsPerSecond?: number };
  /** Webhook for replies, e.g. `http://127.0.0.1:3000/hooks/twilio/sms`. Without it replies are only kept. */
  inboundUrl?: string;
  /** Called when `inboundUrl` fails, as Twilio's fallback URL. */
  inboundFallbackUrl?: string;
  /** How long a phone rings; without it, the call's own Timeout (60 s). */
  ringTimeoutMs?: number;
  /** Time between two delivery states of a message or call; 20 ms unless told. */
  hopMs?: number;
  /** Time that the voice takes for one character; 0 (the default) speaks at once. */
  speechMsPerCharacter?: number;
  /** Divides pauses, key-press and ring timeouts and validity periods; 1 unless told. */
  speed?: number;
  /** How many messages, calls, mails and so on are kept of each; 2,000 unless told. */
  keep?: number;
  /** Who has which number and address, for the page. Others get a card of their own. */
  people?: readonly BoothPerson[];
  /** Where messages, calls and mails are kept for the next process. Without it they end with this one. */
  file?: string;
  /** What to do first, shown while nothing has come in; a command line. */
  hint?: string;
}

/** Options with every default filled in. */
export interface BoothSettings {
  readonly host: string;
  readonly httpPort: number;
  readonly smtpPort: number;
  readonly accountSid: string;
  readonly authToken: string;
  readonly from: readonly string[];
  readonly limits: NonNullable<BoothOptions['limits']>;
  readonly inboundUrl: string | undefined;
  readonly inboundFallbackUrl: string | undefined;
  readonly ringTimeoutMs: number | undefined;
  readonly hopMs: number;
  readonly speechMsPerCharacter: number;
  readonly speed: number;
  readonly keep: number;
  readonly people: readonly BoothPerson[];
  readonly file: string | undefined;
  readonly hint: string | undefined;
}

/** Fills in the defaults. The default account is made up and works with no real Twilio. */
export function withDefaults(options: BoothOptions): BoothSettings {
  return {
    host: options.host ?? '127.0.0.1',
    httpPort: options.httpPort ?? 0,
    smtpPort: options.smtpPort ?? 0,
    accountSid: options.accountSid ?? `AC${'b007'.repeat(8)}`,
    authToken: options.authToken ?? 'b007'.repeat(8),
    from: options.from ?? [],
    limits: options.limits ?? {},
    inboundUrl: options.inboundUrl,
    inboundFallbackUrl: options.inboundFallbackUrl,
    ringTimeoutMs: options.ringTimeoutMs,
    hopMs: options.hopMs ?? 20,
    speechMsPerCharacter: options.speechMsPerCharacter ?? 0,
    speed: options.speed ?? 1,
    keep: options.keep ?? 2_000,
    people: options.people ?? [],
    file: options.file,
    hint: options.hint,
  };
}
