import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Integration } from '../../config/types.js';
import { isWebAddress } from '../../domain/messages/web-address.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Problem } from '../errors.js';

/** An alert as its sender described it, before the configuration has a say. */
export interface SentAlert {
  /** 16 hex digits. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: Instant | null;
  /** One line, at most 200 characters. */
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly service?: string;
  /** The sender's word for it. */
  readonly severity?: string;
  readonly link?: string;
}

/** The alerts that the sender itself puts together. */
export interface SentGroup {
  /** Of any length: it is hashed. */
  readonly dedupKey: string;
  readonly title: string;
  /** At least one. */
  readonly alerts: readonly SentAlert[];
  /** Alerts the sender left out. */
  readonly truncated?: number;
  /** Overrides the sender's own `resolves`. */
  readonly resolves?: boolean;
}

export type ParsedBody =
  | { readonly ok: true; readonly groups: readonly SentGroup[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A kind of alert sender: one file and one row in `senders.ts`. */
export interface Sender {
  readonly kind: Integration['kind'];
  /** Whether it tells when an alert is over. */
  readonly resolves: boolean;
  parse(body: unknown): ParsedBody;
}

/** A name for an alert inside its incident: 16 hex digits of the SHA-256 of these parts. */
export function fingerprintOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

const SUMMARY_LENGTH = 200;

/** One line of at most 200 characters; the first of the candidates that says anything. */
export function lineOf(candidates: readonly (string | undefined)[], fallback: string): string {
  for (const candidate of candidates) {
    const line = candidate?.replaceAll(/\s+/g, ' ').trim();
    if (line !== undefined && line !== '') return shortened(line);
  }
  return fallback;
}

function shortened(line: string): string {
  const characters = [...line];
  if (characters.length <= SUMMARY_LENGTH) return line;
  return `${characters.slice(0, SUMMARY_LENGTH - 1).join('')}…`;
}

/** A web address worth carrying: http or https, at most 1,000 characters. Anything else is left out, never refused. */
export function linkOf(text: string | undefined): string | undefined {
  const address = text?.trim();
  return address !== undefined && address.length <= 1_000 && isWebAddress(address) ? address : undefined;
}

/** A time in RFC 3339, as an instant. Go's zero time (year 1) means "unknown". */
export const timeSchema = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)), {
    message: 'Expected a time in RFC 3339, e.g. 2026-11-21T13:00:00Z',
  })
  .transform((text): Instant | null => {
    const at = Date.parse(text);
    return at > 0 ? at : null;
  });
