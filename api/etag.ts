import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from './errors.js';

/** How answers are named, so that a reader who has this one already gets 304 instead, and a writer can say what they had read. */

/** 22 characters that change with the text. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** What a reader sends to hear only of changes, for contracts. */
export const CONDITIONAL = {
  'if-none-match': 'The `ETag` of the answer you have: 304 without a body while it is still the answer.',
} as const;

/** What such an answer brings along, for contracts. */
export const TAGGED = { etag: 'Names this answer, for `If-None-Match`.' } as const;

/** The answer to a reader who has it already, for contracts. */
export const NOT_MODIFIED = { 304: { description: 'Nothing has changed.', headers: TAGGED } } as const;

/**
 * Sends JSON with its ETag, or 304 to a reader who has it.
 * @param revision put in front of the tag, for `If-Match`: see `revisionAsked`
 */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  revision?: number,
): FastifyReply {
  const text = JSON.stringify(body);
  const tag = `"${revision === undefined ? '' : `${revision}-`}${hashOf(text)}"`;
  // What is behind a key is nobody else's, and is asked for anew each time.
  void reply.headers({ etag: tag, 'cache-control': 'private, no-cache' });
  if (isNamed(request.headers['if-none-match'], tag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(text);
}

/** Whether a reader's `If-None-Match` names this tag. Weak comparison: a proxy that compresses may have marked the tag as weak. */
export function isNamed(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}

/**
 * The revision of the incident that the caller had read, from `If-Match`; null without one, and for `*`.
 * @throws ApiError `incident-changed` for a tag that no answer about an incident ever had
 */
export function revisionAsked(request: FastifyRequest): number | null {
  const header = request.headers['if-match']?.trim();
  if (header === undefined || header === '*') return null;
  const revision = /^"(\d{1,9})-[\w-]{22}"$/.exec(header)?.[1];
  if (revision !== undefined) return Number(revision);
  throw changed('`If-Match` has no ETag of an incident.');
}

/** The error for a write that was meant for an earlier state. */
export function changed(message: string, cause?: unknown): ApiError {
  return new ApiError('incident-changed', message, {
    remedy: 'Read the incident again, and send it with the new ETag if you still want it.',
    ...(cause === undefined ? {} : { cause }),
  });
}
