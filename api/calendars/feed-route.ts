import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SECOND, type Instant } from '../../domain/time/instant.js';
import { addRoute, paramOf, type Contract } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { CONDITIONAL, isNamed, NOT_MODIFIED, TAGGED } from '../etag.js';
import { requireStore } from '../store-errors.js';
import { createFeeds } from './feeds.js';
import type { KnownCalendars } from './known-calendars.js';

const contract = {
  tag: 'on call',
  summary: 'Read a calendar, for calendar programs',
  description:
    'iCalendar (RFC 5545): two weeks back and twelve months ahead, in UTC, as free time. A shift keeps its `UID`.',
  auth: 'link',
  params: { token: z.string().describe('As `POST /v1/calendars` told it.') },
  headers: {
    ...CONDITIONAL,
    'if-modified-since': 'The `Last-Modified` of the answer you have; not looked at with `If-None-Match`.',
  },
  answers: {
    200: {
      description: 'The calendar.',
      type: 'text/calendar',
      body: z.string(),
      headers: { ...TAGGED, 'last-modified': 'When it became so, as far as this API knows.' },
    },
    ...NOT_MODIFIED,
  },
  errors: ['calendar-not-found', 'no-store', 'store-away', 'store-too-new'],
} as const satisfies Contract;

/** The address of a calendar, beneath where Tocsin is reached. */
export function feedUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/calendars/${token}.ics`;
}

/** `/calendars/<token>.ics`: whoever has the address may read it. */
export function calendarFeedRoute(
  app: FastifyInstance,
  deps: Pick<AppDeps, 'config' | 'now'>,
  calendars: KnownCalendars | undefined,
): void {
  const feeds = createFeeds(deps);
  addRoute(app, 'GET', '/calendars/:token.ics', contract, async (_asked, request, reply) => {
    const found = await requireStore(calendars).find(paramOf(request, 'token'));
    if (found === null) throw noSuchCalendar();
    const { kind, subjectId: id } = found.calendar;
    const { text, tag, changedAt } = await feeds.feedOf({ kind, id }, found.set);
    // Weak: the stamps in it may differ between two APIs.
    const etag = `W/"${tag}"`;
    void reply.headers({
      etag,
      'last-modified': new Date(changedAt).toUTCString(),
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    });
    if (isKnown(request, `"${tag}"`, changedAt)) return reply.code(304).send();
    return reply.type('text/calendar; charset=utf-8').send(text);
  });
}

/** The same for an address that never was and for one that was taken back. */
function noSuchCalendar(): ApiError {
  return new ApiError('calendar-not-found', 'There is no calendar at this address.', {
    remedy: 'Ask whoever runs Tocsin for a new one: `tocsin calendar create`.',
    headers: { 'cache-control': 'no-store' },
  });
}

function isKnown({ headers }: FastifyRequest, tag: string, changedAt: Instant): boolean {
  const named = headers['if-none-match'];
  if (named !== undefined) return isNamed(named, tag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && changedAt < since + SECOND;
}
