import type { FailureReason } from '../domain/incident/event.js';

/**
 * A provider as the config has it, secrets read from the environment. `twilio` and `smtp` only say where in the order those
 * stand: their settings are environment variables.
 */
export type ProviderSettings = TwilioPlace | SmtpPlace | NtfySettings | WebhookSettings | SmsGatewaySettings;

export type ProviderKind = ProviderSettings['kind'];

interface TwilioPlace {
  readonly kind: 'twilio';
  readonly id: string;
}

interface SmtpPlace {
  readonly kind: 'smtp';
  readonly id: string;
}

/** An ntfy server, for the channel `push`. */
export interface NtfySettings {
  readonly kind: 'ntfy';
  readonly id: string;
  /** Without trailing slash. */
  readonly url: string;
  /** An access token that may publish to people's topics; absent: the server asks for none. */
  readonly token?: string;
}

/** How webhooks are signed, for the channel `webhook`. */
export interface WebhookSettings {
  readonly kind: 'webhook';
  readonly id: string;
  readonly secret: string;
  /** Whether colleagues are named in the text. */
  readonly names: boolean;
}

/** What may stand in braces in the texts of a gateway's request. */
export const PLACEHOLDERS = ['to', 'from', 'text', 'id', 'key', 'callback', 'encoding'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** What the errors in a gateway's answer may be said to mean. */
export const GATEWAY_FAILURES = [
  'bad-address',
  'opted-out',
  'blocked',
  'unauthorized',
  'rate-limited',
  'unavailable',
  'rejected',
] as const satisfies readonly FailureReason[];
export type GatewayFailure = (typeof GATEWAY_FAILURES)[number];

/** A value of a JSON body. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Any SMS gateway with an HTTP interface. Texts are templates: see text-template.ts. */
export interface SmsGatewaySettings {
  readonly kind: 'sms-gateway';
  readonly id: string;
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  /** Added to the address. */
  readonly query: Readonly<Record<string, string>>;
  readonly body:
    | { readonly type: 'form'; readonly fields: Readonly<Record<string, string>> }
    | { readonly type: 'json'; readonly value: JsonValue }
    | { readonly type: 'none' };
  /** What `${NAME}` stands for. Secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Our number or name. */
  readonly from: string;
  /** Messages that it takes in a second; absent: as many as come. */
  readonly perSecond?: number;
  /** How numbers are written: +4917…, 4917… or 004917…. */
  readonly numbers: 'plus' | 'digits' | 'zeros';
  /** What `{encoding}` is for a text in the GSM alphabet, and for any other. */
  readonly encoding: { readonly gsm7: string; readonly ucs2: string };
  readonly success: {
    /** HTTP statuses; empty: 200 to 299. */
    readonly status: readonly number[];
    /** What the body must say; absent: nothing is asked of it. */
    readonly body?: BodyRule;
  };
  /** Where the gateway's id of the message stands in a JSON answer. */
  readonly messageId?: string;
  /** What the value at the body rule's path means when it is no success. */
  readonly errors: Readonly<Record<string, GatewayFailure>>;
  /** How delivery reports come in. */
  readonly reports?: GatewayReports;
  /** How people's replies come in. */
  readonly replies?: GatewayReplies;
}

export type BodyRule =
  | { readonly type: 'path'; readonly path: string; readonly values: readonly string[] }
  /** A regular expression between slashes that matches the whole body, as in config/regex.ts. */
  | { readonly type: 'matches'; readonly pattern: string };

/** Fields of a delivery report, as paths into its JSON or names of its form. */
export interface GatewayReports {
  readonly status: string;
  /** Where our `{id}` comes back; absent: it comes in the address, by `{callback}`. */
  readonly id?: string;
  readonly messageId?: string;
  readonly delivered: readonly string[];
  readonly failed: readonly string[];
}

/** Fields of a reply, as paths into its JSON or names of its form. */
export interface GatewayReplies {
  /** What the gateway shows us. A secret. */
  readonly key: string;
  readonly from: string;
  readonly text: string;
  /** The gateway's id of the reply, by which a repeated one counts once. */
  readonly id?: string;
  /** `sms`: what became of it is sent back as a message; `response`: it is the body of our answer. */
  readonly answer: 'sms' | 'response';
}
