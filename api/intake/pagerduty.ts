import { z } from 'zod';
import type { Integration } from '../../config/types.js';
import type { FastifyRequest } from 'fastify';
import { parseJson } from '../body.js';
import { ApiError } from '../errors.js';
import { integrationOfKey, type KeyRing } from '../keys.js';
import { check } from '../validate.js';
import { accepted, refused } from './pagerduty-answers.js';
import {
  fingerprintOf,
  lineOf,
  linksOf,
  timeSchema,
  type ReadBody,
  type SentAlert,
  type Sender,
} from './sender.js';

const DEDUP_KEY_LENGTH = 255;

const optional = z.string().nullish();
const dedupKey = z.string().max(DEDUP_KEY_LENGTH, `Expected at most ${DEDUP_KEY_LENGTH} characters`);
const routingKey = z.string().describe('The key of an integration of kind pagerduty.');

const payload = z.object({
  summary: z.string().trim().min(1, 'Expected what is wrong, in words'),
  /** Hosts and such; not required here, as PagerDuty does. */
  source: optional,
  /** critical, error, warning or info; another word counts as `severities.map` has it. */
  severity: optional,
  timestamp: optional,
  component: optional,
  group: optional,
  class: optional,
  custom_details: z.unknown().optional(),
});

const triggerSchema = z.object({
  routing_key: routingKey,
  event_action: z.literal('trigger'),
  dedup_key: dedupKey.nullish(),
  payload,
  client: optional,
  client_url: optional,
  links: z.array(z.object({ href: z.string(), text: optional })).nullish(),
  images: z.array(z.object({ src: z.string(), href: optional, alt: optional })).nullish(),
});

/** Acknowledge and resolve: what else such an event brings along (Alertmanager: the payload) is ignored. */
const followUpSchema = z.object({
  routing_key: routingKey,
  event_action: z.enum(['acknowledge', 'resolve']),
  dedup_key: dedupKey.min(1, 'Expected the dedup key of the event that triggered it'),
});

/** PagerDuty's Events API v2. Source: PagerDuty/api-schema, reference/events-v2/openapiv3.json */
const bodySchema = z.discriminatedUnion('event_action', [triggerSchema, followUpSchema], {
  error: ({ code }) =>
    code === 'invalid_union'
      ? 'Expected trigger, acknowledge or resolve'
      : 'Expected an event as JSON object',
});

type Trigger = z.output<typeof triggerSchema>;

/** PagerDuty's severities, and one for whatever else a sender writes. */
const SEVERITIES = ['critical', 'error', 'warning', 'info', 'other'] as const;

/** The words for an event without a dedup key: the same thing of the same source, however often it is sent. */
function madeDedupKey({ payload: { summary, source, component, group, class: kind } }: Trigger): string {
  return fingerprintOf(summary, source ?? '', component ?? '', group ?? '', kind ?? '');
}

function dedupKeyOf(trigger: Trigger): string {
  const { dedup_key: given } = trigger;
  return given === undefined || given === null || given === '' ? madeDedupKey(trigger) : given;
}

/** What routes can match: the fields of the payload, and the details that are one word or number. */
function labelsOf({ payload: sent, client }: Trigger): Readonly<Record<string, string>> {
  const details = typeof sent.custom_details === 'object' ? (sent.custom_details ?? {}) : {};
  const { source, severity, component, group, class: kind } = sent;
  return Object.fromEntries(
    Object.entries({ ...details, source, severity, component, group, class: kind, client }).flatMap(
      ([name, value]: [string, unknown]) =>
        ['string', 'number', 'boolean'].includes(typeof value) && value !== '' ? [[name, String(value)]] : [],
    ),
  );
}

/** The sender's own links first, then the client, then pictures. */
function placesOf({
  links,
  client,
  client_url: clientUrl,
  images,
}: Trigger): Pick<SentAlert, 'link' | 'links'> {
  return linksOf([
    ...(links ?? []).map(({ href, text }) => [text ?? 'Link', href] as const),
    [client ?? 'Client', clientUrl],
    ...(images ?? []).flatMap(
      ({ href, src, alt }) =>
        [
          [alt ?? 'Picture', href],
          [alt ?? 'Picture', src],
        ] as const,
    ),
  ]);
}

/** An unreadable time is no reason to lose an alert. */
function startOf(timestamp: string | null | undefined): SentAlert['startsAt'] {
  const read = timeSchema.safeParse(timestamp);
  return read.success ? read.data : null;
}

/**
 * One alert of Tocsin for each severity: the present one fires, the others are over. A second trigger with another severity
 * is news then, and a worse one pages anew; a resolve ends whichever fires. The event's time is when the present one began:
 * with it, the others would make whatever fires next under the same time look like a late repeat of what is over.
 */
function alertsOf(
  key: string,
  firing: (typeof SEVERITIES)[number] | null,
  alert: Omit<SentAlert, 'fingerprint' | 'status'>,
): readonly SentAlert[] {
  return SEVERITIES.map((severity) => ({
    ...alert,
    fingerprint: fingerprintOf(key, severity),
    ...(severity === firing
      ? { status: 'firing' as const }
      : { status: 'resolved' as const, startsAt: null }),
  }));
}

function triggered(trigger: Trigger): ReadBody {
  const { payload: sent } = trigger;
  const key = dedupKeyOf(trigger);
  const title = lineOf([sent.summary], 'Event without words');
  const said = sent.severity?.trim().toLowerCase() ?? '';
  const alerts = alertsOf(key, SEVERITIES.find((known) => known === said) ?? 'other', {
    startsAt: startOf(sent.timestamp),
    summary: title,
    labels: labelsOf(trigger),
    ...(said === '' ? {} : { severity: said }),
  }).map((alert) => (alert.status === 'firing' ? { ...alert, ...placesOf(trigger) } : alert));
  return { ok: true, groups: [{ dedupKey: key, title, alerts }], alerts: 1 };
}

function read(event: z.output<typeof bodySchema>): ReadBody {
  switch (event.event_action) {
    case 'trigger':
      return triggered(event);
    case 'acknowledge':
      return { ok: true, groups: [], acknowledged: [event.dedup_key] };
    case 'resolve': {
      const alerts = alertsOf(event.dedup_key, null, { startsAt: null, summary: 'Resolved', labels: {} });
      return { ok: true, groups: [{ dedupKey: event.dedup_key, title: 'Resolved', alerts }], alerts: 1 };
    }
    default:
      return event satisfies never;
  }
}

/** The key stands in the body. @throws ApiError `invalid-json`, `invalid-utf8`, `missing-key`, `wrong-key`, `key-not-allowed` */
function byBody(ring: KeyRing, _request: FastifyRequest, body: Buffer): Integration {
  const sent = parseJson(body);
  const key: unknown =
    typeof sent === 'object' && sent !== null && 'routing_key' in sent ? sent.routing_key : undefined;
  if (typeof key !== 'string' || key === '')
    throw new ApiError('missing-key', "'routing_key' is missing or blank", {
      remedy: 'Send the key of the integration as routing_key.',
    });
  return integrationOfKey(ring, 'pagerduty', key);
}

/**
 * PagerDuty's Events API v2, so that whatever can page PagerDuty can page Tocsin by changing one URL. `dedup_key` names the
 * incident; an event of another severity is another alert in it.
 */
export const pagerduty: Sender = {
  kind: 'pagerduty',
  path: '/v2/enqueue',
  resolves: true,
  body: bodySchema,
  anyContentType: true,
  byHead: () => null,
  byBody,
  parse: (body) => {
    const checked = check(bodySchema, body);
    return checked.ok ? read(checked.value) : checked;
  },
  answers: { accepted, refused },
};
