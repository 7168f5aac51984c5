import { createHash } from 'node:crypto';
import type { Integration } from '../../config/types.js';
import type { PersonAction } from '../../domain/incident/event.js';
import { MINUTE, type Instant } from '../../domain/time/instant.js';
import type { AppDeps } from '../deps.js';
import { incidentKey } from './normalize.js';

/** An opening that ends while it is acknowledged may have a successor that fires: that one is meant as well. */
const ATTEMPTS = 2;

/**
 * A sender says that somebody has an alert: the integration acknowledges its open incident, so that paging stops and whoever
 * was paged hears who. While a person has it, it is only recorded. Nothing open: nothing is done, which is no error.
 * @throws `TemporalUnavailable`
 */
export async function acknowledge(
  deps: Pick<AppDeps, 'incidents' | 'metrics' | 'now'>,
  integration: Integration,
  dedupKey: string,
): Promise<void> {
  const key = incidentKey(integration.id, dedupKey);
  const requestId = requestIdOf(integration, dedupKey, deps.now());
  let before: string | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const openingId = await deps.incidents.openingOf(key);
    if (openingId === null || openingId === before) return;
    before = openingId;
    const action: PersonAction = {
      action: 'acknowledge',
      bySender: true,
      requestId,
      openingId,
      by: { kind: 'key', id: integration.id, name: `integration ${integration.id}` },
      via: 'api',
    };
    const result = await deps.incidents.act(action);
    deps.metrics.reply(action.via, result.kind === 'answered' ? result.answer.outcome : result.kind);
    if (result.kind !== 'over') return;
  }
}

/**
 * Events have no id of their own. Clients repeat one for some seconds when its answer is lost: within the same minute it is
 * that one, and does not undo what a person did in between; later it is another.
 */
function requestIdOf({ id }: Integration, dedupKey: string, now: Instant): string {
  const parts = JSON.stringify([id, dedupKey, Math.floor(now / MINUTE)]);
  return `api:sender:${createHash('sha256').update(parts).digest('hex').slice(0, 32)}`;
}
