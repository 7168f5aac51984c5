import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordBatch } from '../../domain/records/batch.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { MINUTE } from '../../domain/time/instant.js';
import { recordWorkflowId } from '../../temporal-config/names.js';
import { alertsSignal, incidentQuery } from '../../workflows/messages.js';
import { alertOf, batchOf } from '../support/plans.js';
import { startSkippingIncidents, type SkippingIncidents } from '../support/skipping-incidents.js';

// A file of its own: the Java server no longer skips time once a child has completed whose parent is over.
let incidents: SkippingIncidents;
const asked: RecordBatch[] = [];
let release: () => void = () => undefined;

/** What is kept as the incident ends. */
function isLast({ entries }: RecordBatch): boolean {
  return entries.some(({ entry }) => entry.type === 'resolved');
}

beforeAll(async () => {
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  incidents = await startSkippingIncidents({
    records: {
      // A store that hangs, from the end of the incident on.
      keepRecord: async (batch) => {
        asked.push(batch);
        if (isLast(batch)) await released;
        return { kind: 'kept' };
      },
    },
  });
});
afterAll(async () => {
  release();
  await incidents.stop();
});

test('an alert that fires while the end of the incident before it is being recorded does not wait for the store', async () => {
  const { handle, openingId, act } = await incidents.open();
  await act('acknowledge', 'alice');
  await handle.signal(alertsSignal, batchOf([alertOf({ status: 'resolved' })]));
  // It does not come to its end: the clock stands still while the store hangs, and what comes then is all that is looked at.
  incidents.env.sleep(31 * MINUTE).catch(() => undefined);
  const isEnding = (): boolean => asked.some(isLast);
  await expect.poll(isEnding, { timeout: 20_000, interval: 20 }).toBe(true);
  incidents.activities.delivered.length = 0;
  const began = Date.now();
  await incidents.env.client.workflow
    .getHandle(handle.workflowId)
    .signal(alertsSignal, batchOf([alertOf({ startsAt: 2 })]));
  await expect
    .poll(() => incidents.activities.delivered.filter(({ message }) => message.kind === 'page').length, {
      timeout: 8_000,
      interval: 20,
    })
    .toBeGreaterThan(0);
  expect(Date.now() - began).toBeLessThan(5_000);
  const current = incidents.env.client.workflow.getHandle(handle.workflowId);
  const view = await current.query<IncidentView, []>(incidentQuery);
  expect(view).toMatchObject({ phase: 'triggered', previous: openingId });
  // What was not taken yet is with a workflow of its own.
  const first = asked.find(isLast)?.entries[0]?.seq ?? -1;
  const rest = incidents.env.client.workflow.getHandle(recordWorkflowId(openingId, 'incident', first));
  expect((await rest.describe()).status.name).toBe('RUNNING');
  await current.terminate();
});
