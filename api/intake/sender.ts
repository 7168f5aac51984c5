import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Integration } from '../../config/types.js';
import type { AlertLink } from '../../domain/alert/alert.js';
import { isWebAddress } from '../../domain/messages/web-address.js';
import { cut, oneLine } from '../../domain/messages/text.js';
import type { Instant } from '../../domain/time/instant.js';
import type { ApiError, Problem } from '../errors.js';
import type { KeyRing } from '../keys.js';

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
  readonly links?: readonly AlertLink[];
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

/** What a request says, once it is read. */
export interface ReadBody {
  readonly ok: true;
  readonly groups: readonly SentGroup[];
  /** Dedup keys whose incident the sender says somebody has. */
  readonly acknowledged?: readonly string[];
  /** How many alerts the sender means, for the metric. Default: as many as there are in the groups. */
  readonly alerts?: number;
}

export type ParsedBody = ReadBody | { readonly ok: false; readonly problems: readonly Problem[] };

/** An answer in the shape of the sender's own protocol. */
export interface OwnAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A kind of alert sender: one file and one row in `senders.ts`. What it leaves out is as for most senders. */
export interface Sender {
  readonly kind: Integration['kind'];
  /** Whether it tells when an alert is over. */
  readonly resolves: boolean;
  /** What it posts: for `parse`, and for the API's document. */
  readonly body: z.ZodType;
  parse(body: unknown): ParsedBody;
  /** Where it posts to. Default: `/v1/alerts/<kind>`. */
  readonly path?: string;
  /** Reads a body as JSON whatever its Content-Type says. */
  readonly anyContentType?: true;
  /**
   * Who sends, by the head of the request, before a byte of the body is read. Null: only the body tells. Default: the
   * integration of this kind with the key in `Authorization: Bearer …`.
   * @throws ApiError
   */
  readonly byHead?: (ring: KeyRing, request: FastifyRequest) => Integration | null;
  /**
   * Who sends, by the body as it came: its signature, or the key in it.
   * @throws ApiError
   */
  readonly byBody?: (ring: KeyRing, request: FastifyRequest, body: Buffer, now: Instant) => Integration;
  /** The answers of its own protocol. Default: Tocsin's. */
  readonly answers?: {
    readonly accepted: (read: ReadBody) => OwnAnswer;
    readonly refused: (error: ApiError, request: FastifyRequest) => OwnAnswer;
  };
}

/** Where this sender posts to. */
export function pathOf(sender: Pick<Sender, 'kind' | 'path'>): string {
  return sender.path ?? `/v1/alerts/${sender.kind}`;
}

/** Labels in a fixed order. */
export function labelEntries(
  labels: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same as a text: they name what has no name of its own. */
export function sortedLabels(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(labelEntries(labels));
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

/** One alert's further places: more than a page has room for helps nobody. */
const MOST_LINKS = 5;

const LINK_TEXT_LENGTH = 60;

type Place = readonly [text: string, address: string | null | undefined];

/**
 * The first web address of where the sender shows the alert is its link; the rest of those, and what else may help, go
 * beside it, at most 5. What is no web address is left out.
 */
export function linksOf(
  shownAt: readonly Place[],
  others: readonly Place[] = [],
): Pick<SentAlert, 'link' | 'links'> {
  const link = shownAt.map(([, address]) => linkOf(address ?? undefined)).find(Boolean);
  const beside = new Map<string, string>();
  for (const [text, address] of [...shownAt, ...others]) {
    const href = linkOf(address ?? undefined);
    if (href !== undefined && href !== link && !beside.has(href))
      beside.set(href, cut(oneLine(text), LINK_TEXT_LENGTH) || 'Link');
  }
  const links = [...beside].map(([href, text]) => ({ text, href })).slice(0, MOST_LINKS);
  return { ...(link === undefined ? {} : { link }), ...(links.length === 0 ? {} : { links }) };
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
