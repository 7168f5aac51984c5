import { randomUUID } from 'node:crypto';
import type { Integration } from '../../config/types.js';
import type { PersonAction } from '../../domain/incident/event.js';
import type { AppDeps } from '../deps.js';
import { incidentKey } from './normalize.js';

/** An opening that ends while it is acknowledged may have a successor that fires: that one is meant as well. */
const ATTEMPTS = 2;

/**
 * A sender says that somebody has an alert: the integration acknowledges its open incident, so that paging stops and whoever
 * was paged hears who. Nothing open: nothing is done, which is no error.
 * @throws `TemporalUnavailable`
 */
export async function acknowledge(
  deps: Pick<AppDeps, 'incidents' | 'metrics'>,
  integration: Integration,
  dedupKey: string,
): Promise<void> {
  const key = incidentKey(integration.id, dedupKey);
  const requestId = `api:${randomUUID()}`;
  let before: string | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const openingId = await deps.incidents.openingOf(key);
    if (openingId === null || openingId === before) return;
    before = openingId;
    const action: PersonAction = {
      action: 'acknowledge',
      requestId,
      openingId,
      by: { kind: 'key', id: integration.id, name: integration.id },
      via: 'api',
    };
    const result = await deps.incidents.act(action);
    deps.metrics.reply(action.via, result.kind === 'answered' ? result.answer.outcome : result.kind);
    if (result.kind !== 'over') return;
  }
}
