import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../domain/time/instant.js';
import { reviewWorkflowId } from '../../temporal-config/names.js';
import { alertsSignal, reviewQuery, reviewUpdate } from '../../workflows/messages.js';
import { alertOf, batchOf } from '../support/plans.js';
import { startSkippingIncidents, type SkippingIncidents } from '../support/skipping-incidents.js';

// A file of its own: the Java server no longer skips time once a workflow has completed in the task that answered an update.
let incidents: SkippingIncidents;

beforeAll(async () => {
  incidents = await startSkippingIncidents();
});
afterAll(() => incidents.stop());

test('a resolved incident owes a postmortem within 48 hours: reminders, then the manager, until it is published', async () => {
  const { handle, openedAt, openingId, act } = await incidents.open();
  await act('acknowledge', 'alice');
  await handle.signal(alertsSignal, batchOf([alertOf({ status: 'resolved' })]));
  await incidents.env.sleep(31 * MINUTE);
  const review = incidents.env.client.workflow.getHandle(reviewWorkflowId(openingId));
  const { resolvedAt } = await review.query(reviewQuery);
  expect(Math.round((resolvedAt - openedAt) / MINUTE)).toBe(30);

  incidents.activities.delivered.length = 0;
  await incidents.env.sleep(73 * HOUR);
  const told = incidents.activities.delivered.map(
    ({ at, userId, message }) => `${Math.round((at - resolvedAt) / HOUR)} ${userId} ${message.parts[0].type}`,
  );
  expect(told).toEqual([
    '24 alice postmortem-reminder',
    '44 alice postmortem-reminder',
    '48 manager-of-alice postmortem-overdue',
    '72 manager-of-alice postmortem-overdue',
  ]);

  const by = { kind: 'user', id: 'alice', name: 'alice' } as const;
  const request = {
    requestId: 'r1',
    by,
    action: 'publish-postmortem',
    url: 'https://wiki.example.com/pm',
  } as const;
  expect(await review.executeUpdate(reviewUpdate, { args: [request] })).toMatchObject({
    outcome: 'published',
  });
  expect(await review.query(reviewQuery)).toMatchObject({
    phase: 'closed',
    postmortem: { required: true, published: { by: 'alice' } },
  });
});
