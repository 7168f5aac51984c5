import type { Config, Integration } from '../../config/types.js';
import type { AlertBatch } from '../../domain/alert/alert.js';
import type { Instant } from '../../domain/time/instant.js';
import { fires, incidentKey, type RoutedGroup } from './normalize.js';

/**
 * Incidents that one request may open. A request that falls into more groups is one outage cut into too many pieces, and
 * nobody can read a hundred pages: the rest makes one incident more. Chosen well above what real groupings make.
 */
export const INCIDENTS_PER_REQUEST = 100;

function overflowKey(integration: Integration): string {
  return incidentKey(integration.id, { manyGroups: true });
}

/**
 * The groups as they are handed over: at most so many that fire as incidents of their own, the worst severities first, and
 * all others together in the one overflow incident of their integration. Among equals the key decides, so that the
 * same groups sent again go the same ways. Groups that are all resolved open nothing and are not counted.
 */
export function bounded(
  config: Config,
  integration: Integration,
  groups: readonly RoutedGroup[],
  limit: number = INCIDENTS_PER_REQUEST,
): readonly RoutedGroup[] {
  const firing = groups.filter(fires);
  if (firing.length <= limit) return groups;
  const rankOf = new Map(config.severities.map(({ id, rank }) => [id, rank]));
  const rank = ({ severity }: RoutedGroup): number => rankOf.get(severity) ?? Number.POSITIVE_INFINITY;
  const byWorst = [...firing].sort((one, other) => rank(one) - rank(other) || (one.key < other.key ? -1 : 1));
  const rest = byWorst.slice(limit);
  const [worst] = rest;
  if (worst === undefined) return groups;
  const gone = new Set(rest.map(({ key }) => key));
  const windows = Object.assign({}, ...rest.map((group) => group.windows)) as RoutedGroup['windows'];
  const truncated = rest.reduce((sum, group) => sum + (group.truncated ?? 0), 0);
  const remark =
    `One request of ${integration.id} fell into ${firing.length} groups: ${limit} of them have an incident each, ` +
    `the other ${rest.length} are together here. Group by fewer labels (groupBy of the integration).`;
  const together: RoutedGroup = {
    key: overflowKey(integration),
    title: `${rest.length} more groups of alerts from ${integration.id}`,
    route: { ...worst.route, remarks: [...worst.route.remarks, remark] },
    severity: worst.severity,
    alerts: rest.flatMap(({ alerts }) => alerts),
    resolves: rest.every(({ resolves }) => resolves),
    ...(truncated === 0 ? {} : { truncated }),
    ...(windows === undefined || Object.keys(windows).length === 0 ? {} : { windows }),
  };
  return [...groups.filter(({ key }) => !gone.has(key)), together];
}

/**
 * What an overflow incident has to hear: every alert that is over, since nobody remembers which of them once were in it.
 * Null when nothing is over, or when requests of this integration can't fall into many groups.
 */
export function resolvedForOverflow(
  integration: Integration,
  groups: readonly RoutedGroup[],
  receivedAt: Instant,
): { readonly key: string; readonly batch: AlertBatch } | null {
  if (integration.groupBy === undefined) return null;
  const alerts = groups.flatMap((group) => group.alerts.filter(({ status }) => status === 'resolved'));
  if (alerts.length === 0) return null;
  return {
    key: overflowKey(integration),
    batch: { integration: integration.id, resolves: true, alerts, receivedAt },
  };
}
