import type { Config, Integration } from '../../config/types.js';
import type { AlertBatch } from '../../domain/alert/alert.js';
import type { IncidentInput } from '../../domain/incident/plan.js';
import { openingQuiet } from '../../domain/incident/quiet.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Incidents } from '../incidents/incidents.js';
import { forEachAtMost } from './batches.js';
import { bounded, resolvedForOverflow } from './overflow.js';
import { fires, normalize, type RoutedGroup } from './normalize.js';
import type { Sender, SentGroup } from './sender.js';

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
 * The common way of every sender once its body is read: group, route, hand over. Resolves once Temporal has all of it.
 * @throws `TemporalUnavailable` (sending the same again is safe)
 */
export async function takeAlerts(
  deps: IntakeDeps,
  sender: Pick<Sender, 'resolves'>,
  integration: Integration,
  sentGroups: readonly SentGroup[],
): Promise<Accepted> {
  const config = deps.config();
  const receivedAt = deps.now();
  const sent = normalize(config, integration, sender.resolves, sentGroups, receivedAt);
  const groups = bounded(config, integration, sent);
  await forEachAtMost(groups, WIDTH, (group) =>
    handOver(deps.incidents, config, integration, group, receivedAt),
  );
  const over = resolvedForOverflow(integration, sent, receivedAt);
  if (over !== null) await deps.incidents.resolved(over.key, over.batch);
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

/** One incident's alerts: that they are few signals of a bearable size is the matter of `batched-incidents.ts`. */
async function handOver(
  incidents: Incidents,
  config: Config,
  integration: Integration,
  group: RoutedGroup,
  receivedAt: Instant,
): Promise<void> {
  const { serviceId, remarks } = group.route;
  const batch: AlertBatch = {
    integration: integration.id,
    resolves: group.resolves,
    alerts: group.alerts,
    receivedAt,
    ...(group.truncated === undefined ? {} : { truncated: group.truncated }),
    ...(group.windows === undefined ? {} : { windows: group.windows }),
  };
  const quiet = openingQuiet([batch]);
  if (!fires(group)) {
    await incidents.resolved(group.key, batch);
    return;
  }
  const input: IncidentInput = {
    key: group.key,
    title: group.title,
    severity: group.severity,
    plan: config.plan(serviceId, receivedAt, remarks),
    source: integration.id,
    resolves: group.resolves,
    ...(quiet === undefined ? {} : { quiet }),
  };
  await incidents.intake(input, batch);
}
