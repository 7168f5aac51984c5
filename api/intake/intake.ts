import type { Config, Integration } from '../../config/types.js';
import type { AlertBatch } from '../../domain/alert/alert.js';
import type { IncidentInput } from '../../domain/incident/plan.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Incidents } from '../incidents/incidents.js';
import type { Problem } from '../errors.js';
import { invalidBody } from '../validate.js';
import { forEachAtMost, inBatches } from './batches.js';
import { incidentKey, normalize, type RoutedGroup } from './normalize.js';
import type { Sender } from './sender.js';

/** What one incident of a request got. */
export interface Taken {
  readonly key: string;
  readonly service: string;
  readonly severity: string;
  readonly firing: number;
  readonly resolved: number;
  /** What happened on the way, e.g. that the service is unknown. */
  readonly remarks: readonly string[];
}

/** The answer to an accepted request. */
export interface Accepted {
  /** Alerts. */
  readonly accepted: number;
  readonly incidents: readonly Taken[];
}

export interface IntakeDeps {
  readonly incidents: Incidents;
  readonly config: () => Config;
  readonly now: () => Instant;
}

/** Groups of one request that are handed over at the same time. */
const WIDTH = 20;

/**
 * The common way of every sender: parse, group, route, hand over. Resolves once Temporal has all of it.
 * @throws ApiError `invalid-body` with every wrong field; `TemporalUnavailable` (sending the same again is safe)
 */
export async function takeAlerts(
  deps: IntakeDeps,
  sender: Sender,
  integration: Integration,
  body: unknown,
): Promise<Accepted> {
  const parsed = sender.parse(body);
  if (!parsed.ok) throw invalidBody(parsed.problems);
  const config = deps.config();
  const receivedAt = deps.now();
  const groups = normalize(config, integration, sender.resolves, parsed.groups);
  await forEachAtMost(groups, WIDTH, (group) =>
    handOver(deps.incidents, config, integration, group, receivedAt),
  );
  return {
    accepted: groups.reduce((sum, { alerts }) => sum + alerts.length, 0),
    incidents: groups.map(taken),
  };
}

function taken(group: RoutedGroup): Taken {
  const firing = group.alerts.filter(({ status }) => status === 'firing').length;
  return {
    key: group.key,
    service: group.route.serviceId,
    severity: group.severity,
    firing,
    resolved: group.alerts.length - firing,
    remarks: group.route.remarks,
  };
}

/** One incident's alerts, in one signal (more only beyond its size limit, one after the other). */
async function handOver(
  incidents: Incidents,
  config: Config,
  integration: Integration,
  group: RoutedGroup,
  receivedAt: Instant,
): Promise<void> {
  const firing = group.alerts.some(({ status }) => status === 'firing');
  const { serviceId, remarks } = group.route;
  for (const [index, alerts] of inBatches(group.alerts).entries()) {
    const batch: AlertBatch = {
      integration: integration.id,
      resolves: group.resolves,
      alerts,
      receivedAt,
      ...(group.truncated === undefined || index > 0 ? {} : { truncated: group.truncated }),
    };
    if (!firing) {
      await incidents.resolved(group.key, batch);
      continue;
    }
    const input: IncidentInput = {
      key: group.key,
      title: group.title,
      severity: group.severity,
      plan: config.plan(serviceId, receivedAt, remarks),
      source: integration.id,
      resolves: group.resolves,
    };
    await incidents.intake(input, batch);
  }
}

/** A sender that repeats its malformed request counts as one new event in this time. */
const MALFORMED_EVERY_MS = 60_000;

/**
 * No sender tries a 400 again, so an alert that could not be read is an incident of its own: one for the integration,
 * on its service, however often it happens.
 */
export async function reportMalformed(
  deps: IntakeDeps,
  integration: Integration,
  message: string,
  problems: readonly Problem[],
): Promise<void> {
  const config = deps.config();
  const receivedAt = deps.now();
  const route = config.route(integration, {}, {});
  const title = `Malformed alert from integration ${integration.id}`;
  const first = problems[0];
  const why = first === undefined ? message : `${first.path}: ${first.message}`;
  const key = incidentKey(integration.id, { malformed: true });
  const remark = `An alert of ${integration.id} could not be read, and its sender will not try again: ${why}`;
  await deps.incidents.intake(
    {
      key,
      title,
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
          fingerprint: 'malformed-alert',
          status: 'firing',
          startsAt: receivedAt - (receivedAt % MALFORMED_EVERY_MS),
          summary: title,
          severity: route.severity,
        },
      ],
    },
  );
}
