import { createHash } from 'node:crypto';
import type { CoverOf } from '../../config/maintenance.js';
import type { Config, Integration, Route } from '../../config/types.js';
import type { Alert, AlertBatch } from '../../domain/alert/alert.js';
import type { QuietWindow } from '../../domain/maintenance/window.js';
import type { Instant } from '../../domain/time/instant.js';
import type { SentAlert, SentGroup } from './sender.js';

/** What names the incident of a group: the sender's dedup key, or the values of the labels in `groupBy`. */
export type Discriminator =
  string | readonly string[] | { readonly malformed: true } | { readonly manyGroups: true };

/** The key of an incident: 20 hex digits of the SHA-256 of integration and discriminator. */
export function incidentKey(integrationId: string, discriminator: Discriminator): string {
  return createHash('sha256')
    .update(JSON.stringify([integrationId, discriminator]))
    .digest('hex')
    .slice(0, 20);
}

/** The alerts of one request that belong to one incident, routed. */
export interface RoutedGroup {
  readonly key: string;
  readonly title: string;
  readonly route: Route;
  /** The worst severity of what fires (of all, when nothing does). */
  readonly severity: string;
  readonly alerts: readonly Alert[];
  readonly resolves: boolean;
  readonly truncated?: number;
  /** The maintenance windows that cover any of `alerts`, by id. */
  readonly windows?: NonNullable<AlertBatch['windows']>;
}

/** Whether anything in it fires: only that opens an incident. */
export function fires({ alerts }: { readonly alerts: readonly Alert[] }): boolean {
  return alerts.some(({ status }) => status === 'firing');
}

/**
 * Groups and routes what a sender sent. An incident's service is that of its worst firing alert, so that a mixed group
 * rings somebody whom it concerns.
 */
export function normalize(
  config: Config,
  integration: Integration,
  resolves: boolean,
  sent: readonly SentGroup[],
  at: Instant,
): readonly RoutedGroup[] {
  const { groupBy } = integration;
  const coverOf = config.coverAt(at);
  const groups =
    groupBy === undefined
      ? sent.map((group) => ({ group, key: incidentKey(integration.id, group.dedupKey) }))
      : regrouped(integration.id, groupBy, sent);
  return groups.map(({ group, key }) => ({
    key,
    title: group.title,
    resolves: group.resolves ?? resolves,
    ...routed(config, integration, group.alerts, coverOf),
    ...(group.truncated === undefined ? {} : { truncated: group.truncated }),
  }));
}

function regrouped(
  integrationId: string,
  groupBy: readonly string[],
  sent: readonly SentGroup[],
): readonly { readonly group: SentGroup; readonly key: string }[] {
  const byKey = new Map<string, { group: SentGroup; alerts: SentAlert[] }>();
  for (const group of sent) {
    // Nobody knows to which of the new groups the alerts left out belong: the first one says it.
    let truncated = group.truncated;
    for (const alert of group.alerts) {
      const values = groupBy.map((label) => alert.labels[label] ?? '');
      const key = incidentKey(integrationId, values);
      const known = byKey.get(key);
      if (known !== undefined) {
        known.alerts.push(alert);
        continue;
      }
      const alerts = [alert];
      const { truncated: _moved, ...rest } = group;
      const left = truncated === undefined ? {} : { truncated };
      byKey.set(key, { group: { ...rest, title: alert.summary, alerts, ...left }, alerts });
      truncated = undefined;
    }
  }
  return [...byKey].map(([key, { group }]) => ({ key, group }));
}

function routed(
  config: Config,
  integration: Integration,
  sent: readonly SentAlert[],
  coverOf: CoverOf,
): Pick<RoutedGroup, 'route' | 'severity' | 'alerts' | 'windows'> {
  const windows: Record<string, QuietWindow> = {};
  const rankOf = new Map(config.severities.map(({ id, rank }) => [id, rank]));
  const rank = ({ severity }: Route): number => rankOf.get(severity) ?? Number.POSITIVE_INFINITY;
  let worst: { readonly route: Route; readonly firing: boolean } | undefined;
  const alerts = sent.map((alert): Alert => {
    const route = config.route(integration, alert.labels, {
      ...(alert.service === undefined ? {} : { service: alert.service }),
      ...(alert.severity === undefined ? {} : { severity: alert.severity }),
    });
    const firing = alert.status === 'firing';
    const louder =
      worst === undefined ||
      (firing && !worst.firing) ||
      (firing === worst.firing && rank(route) < rank(worst.route));
    if (louder) worst = { route, firing };
    const covering = firing ? coverOf(route.serviceId, alert.labels) : [];
    for (const window of covering) windows[window.id] = window;
    return {
      fingerprint: alert.fingerprint,
      status: alert.status,
      startsAt: alert.startsAt,
      summary: alert.summary,
      severity: route.severity,
      ...(alert.link === undefined ? {} : { link: alert.link }),
      ...(alert.links === undefined ? {} : { links: alert.links }),
      ...(covering.length === 0 ? {} : { windows: covering.map(({ id }) => id) }),
    };
  });
  if (worst === undefined) throw new RangeError('A group has at least one alert.');
  return {
    route: worst.route,
    severity: worst.route.severity,
    alerts,
    ...(Object.keys(windows).length === 0 ? {} : { windows }),
  };
}
