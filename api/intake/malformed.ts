import type { Integration } from '../../config/types.js';
import type { Instant } from '../../domain/time/instant.js';
import type { ApiError } from '../errors.js';
import type { IntakeDeps } from './intake.js';
import { incidentKey } from './normalize.js';
import { fingerprintOf, lineOf } from './sender.js';

/** What can't be told apart by its body counts as one new event in this time. */
const UNREAD_EVERY_MS = 60_000;

/**
 * No sender tries a 400 again, so an alert that could not be read is an incident of its own: one for the integration, on its
 * service, however often it happens. In it each request is an alert, told apart by its body: the same one sent again is none.
 * @param body as far as it could be read
 * @throws `TemporalUnavailable`
 */
export async function reportMalformed(
  deps: IntakeDeps,
  integration: Integration,
  error: Pick<ApiError, 'message' | 'problems'>,
  body: unknown,
): Promise<void> {
  const config = deps.config();
  const receivedAt = deps.now();
  const route = config.route(integration, {}, {});
  const why = whyOf(error);
  const remark = `An alert of ${integration.id} could not be read, and its sender will not try again: ${why}`;
  await deps.incidents.intake(
    {
      key: incidentKey(integration.id, { malformed: true }),
      title: `Malformed alert from integration ${integration.id}`,
      severity: route.severity,
      plan: config.plan(route.serviceId, receivedAt, [...route.remarks, remark]),
      source: integration.id,
      resolves: false,
    },
    {
      integration: integration.id,
      resolves: false,
      receivedAt,
      alerts: [
        {
          fingerprint: fingerprintOf('malformed', textOf(body) ?? `${minuteOf(receivedAt)} ${why}`),
          status: 'firing',
          startsAt: minuteOf(receivedAt),
          summary: lineOf([`Malformed alert${namesOf(body)}: ${why}`], 'Malformed alert'),
          severity: route.severity,
        },
      ],
    },
  );
}

/** The first wrong field, and how many more there are. */
function whyOf({ message, problems = [] }: Pick<ApiError, 'message' | 'problems'>): string {
  const [first, ...others] = problems;
  if (first === undefined) return message;
  return `${first.path}: ${first.message}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
}

function minuteOf(at: Instant): Instant {
  return at - (at % UNREAD_EVERY_MS);
}

/** The body as a text; null when nothing of it could be read, or when it is nested too deeply to be written. */
function textOf(body: unknown): string | null {
  if (body === undefined || body === null) return null;
  try {
    return JSON.stringify(body);
  } catch {
    return null;
  }
}

/** Where the senders have the words for people, and the name by which they know an alert. */
const SUMMARIES = [
  'payload.summary',
  'summary',
  'title',
  'commonAnnotations.summary',
  'commonLabels.alertname',
];
const NAMES = ['dedup_key', 'key', 'groupKey'];
const LONGEST_NAME = 60;

/** What of a body tells a person which alert was lost, e.g. ` "Disk full" (dedup_key disk-1)`; empty when nothing does. */
function namesOf(body: unknown): string {
  const read = (path: string): string | undefined => {
    const found = path.split('.').reduce<unknown>((value, key) => memberOf(value, key), body);
    return typeof found === 'string' && found.trim() !== '' ? shortened(found) : undefined;
  };
  const summary = SUMMARIES.map(read).find((text) => text !== undefined);
  const name = NAMES.map((path) => [path, read(path)] as const).find(([, text]) => text !== undefined);
  return `${summary === undefined ? '' : ` "${summary}"`}${name === undefined ? '' : ` (${name.join(' ')})`}`;
}

function memberOf(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return isObject ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function shortened(text: string): string {
  const line = [
    ...text
      .slice(0, 4 * LONGEST_NAME)
      .replaceAll(/\s+/g, ' ')
      .trim(),
  ];
  return line.length <= LONGEST_NAME ? line.join('') : `${line.slice(0, LONGEST_NAME - 1).join('')}…`;
}
