import type { IncidentView } from '../../domain/incident/view.js';
import { configOf, PHONES, startSystem } from '../support/running-system.js';
import { openIncident, post, resolveIncident, withStore, workflowOf } from './recording.js';
import { saveEnded } from './save-history.js';

/**
 * An incident that opens in a maintenance window, which is prolonged and ended early: it pages. A window that stops its pages comes
 * and goes, and somebody takes it.
 */
export function recordMaintenance(): Promise<void> {
  return withStore(async (store) => {
    const system = await startSystem({ config: configOf({ ackTimeout: '30s', stability: '1s' }), store });
    const begin = async (changes: object): Promise<string> => {
      const body = { services: ['payments'], reason: 'database upgrade', for: '10m', ...changes };
      return ((await post(system, '/v1/maintenance', body)) as { window: { id: string } }).window.id;
    };
    const end = (id: string): Promise<unknown> => post(system, `/v1/maintenance/${id}/end`, { by: 'alice' });
    try {
      const first = await begin({});
      const quiet = await openIncident(system, 'maintenance');
      const seen = (what: string, holds: (view: IncidentView) => boolean): Promise<IncidentView> =>
        system.until(quiet, what, holds);
      const before = (await seen('quiet', (view) => view.quiet !== undefined)).quiet?.until ?? 0;

      const second = await begin({ for: '20m' });
      await seen('quiet for longer', (view) => (view.quiet?.until ?? 0) > before);
      await end(second);
      await seen('quiet as before', (view) => view.quiet?.until === before);
      await end(first);
      await system.booth.nextSms({ to: PHONES.alice, about: 'checkout' });

      const third = await begin({ stopPages: true });
      await seen('at rest', (view) => view.quiet?.rests === true);
      await end(third);
      await seen('paging again', (view) => view.quiet === undefined);
      await post(system, `/v1/incidents/${quiet}/acknowledge`, { by: 'alice' });
      await resolveIncident(system, quiet, 'maintenance');
      await saveEnded(system.client, workflowOf(quiet), 'incident', 'maintenance');
    } finally {
      await system.stop();
    }
  });
}
