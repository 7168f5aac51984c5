import { MINUTE } from '../../domain/time/instant.js';
import { StoreAway } from '../../store/errors.js';
import type { Store } from '../../store/store.js';
import { recordWorkflowId, reviewWorkflowId } from '../../temporal-config/names.js';
import { configOf, startSystem } from '../support/running-system.js';
import { openIncident, post, resolveIncident, until, withStore, workflowOf } from './recording.js';
import { saveEnded } from './save-history.js';

/**
 * Two incidents whose timelines are kept in a real store. One is open for longer than a minute, so that its timer fires; the other
 * ends while the store is away, and a workflow of its own keeps its timeline a minute later.
 */
export function recordTimelines(): Promise<void> {
  return withStore(async (store) => {
    const away = new Set<string>();
    const system = await startSystem({
      config: configOf({ ackTimeout: '60s', stability: '1s' }),
      store: awayFor(store, away),
    });
    const isKept = async (openingId: string): Promise<boolean> =>
      (await store.records.incident(openingId)) !== null;
    try {
      const kept = await openIncident(system, 'kept');
      await post(system, `/v1/incidents/${kept}/acknowledge`, { by: 'alice' });

      const late = await openIncident(system, 'kept-later');
      away.add(late);
      await post(system, `/v1/incidents/${late}/acknowledge`, { by: 'alice' });
      await resolveIncident(system, late, 'kept-later');
      await saveEnded(system.client, workflowOf(late), 'incident', 'store-away');
      away.delete(late);

      await until('the timer has kept what happened', () => isKept(kept), 2 * MINUTE);
      await post(system, `/v1/incidents/${kept}/notes`, { text: 'found the cause', by: 'alice' });
      await resolveIncident(system, kept, 'kept');
      await saveEnded(system.client, workflowOf(kept), 'incident', 'records');
      await post(system, `/v1/incidents/${kept}/postmortem`, {
        url: 'https://wiki.example.com/pm',
        by: 'alice',
      });
      await saveEnded(system.client, reviewWorkflowId(kept), 'review', 'records');

      console.log('until the rest is kept');
      await saveEnded(system.client, recordWorkflowId(late, 'incident', 0), 'record', 'kept');
      if (!(await isKept(late))) throw new Error('The store has no record of what ended while it was away.');
    } finally {
      await system.stop();
    }
  });
}

/** A real store that says of these incidents that it is away. */
function awayFor(store: Store, openingIds: ReadonlySet<string>): Store {
  return {
    ...store,
    records: {
      ...store.records,
      keep: (batch, options) =>
        openingIds.has(batch.facts.view.openingId)
          ? Promise.reject(new StoreAway('unreachable', 'away for the recording'))
          : store.records.keep(batch, options),
    },
  };
}
