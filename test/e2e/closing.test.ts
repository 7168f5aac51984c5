import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setTimeout as delay } from 'node:timers/promises';
import type { IncidentView } from '../../domain/incident/view.js';
import { incidentQuery } from '../../workflows/messages.js';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { personalData } from './support/histories.js';
import { current, endIncident, entriesOf, openIncident, pagesTo, sound } from './support/stage.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }] },
  timings: { stability: '1s', repage: '0s' },
});

/** Alerts of one group that fire around the moment at which it is resolved. */
const VOLLEY = 20;
/** How far apart they are. */
const SPACING_MS = 8;

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

/** One alert of the group, by Alertmanager: several fingerprints belong to one incident. */
async function fire(group: string, name: string, status: 'firing' | 'resolved' = 'firing'): Promise<number> {
  const labels = { alertname: name, service: 'shop', severity: 'critical' };
  const alert = {
    status,
    labels,
    annotations: { summary: `${name} of ${group}` },
    startsAt: '2026-11-21T10:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: `${group}-${name}`,
  };
  const { status: code } = await system.request('POST', '/v1/alerts/alertmanager', {
    key: 'key-of-alertmanager-0001',
    body: {
      version: '4',
      groupKey: group,
      truncatedAlerts: 0,
      status,
      receiver: 'tocsin',
      groupLabels: {},
      commonLabels: labels,
      commonAnnotations: {},
      externalURL: 'http://alertmanager.example.com',
      alerts: [alert],
    },
  });
  return code;
}

async function openedBy(group: string): Promise<IncidentView> {
  expect(await fire(group, 'first')).toBe(202);
  const { body } = await system.request('POST', '/v1/alerts/alertmanager', {
    key: 'key-of-alertmanager-0001',
    body: {
      groupKey: group,
      alerts: [
        { status: 'firing', labels: {}, startsAt: '2026-11-21T10:00:00Z', fingerprint: `${group}-first` },
      ],
    },
  });
  return current(system, (body as { incidents: { key: string }[] }).incidents[0]?.key ?? '');
}

describe('alerts that fire at the moment of resolution', () => {
  // From well before the deadline to well after the workflow has closed.
  test.each([-180, -120, -60, -20, 20, 60, 120, 600])(
    'beginning %i ms from the stability deadline, every one that was accepted counts in the open incident',
    async (offsetMs) => {
      const group = `race${offsetMs}`;
      const first = await openedBy(group);
      const key = first.workflowId.slice('incident:'.length);
      expect(await fire(group, 'first', 'resolved')).toBe(202);
      const watched = await system.until(
        first.openingId,
        'monitoring',
        ({ phase }) => phase === 'monitoring',
      );
      const stableAt = watched.deadlines.find(({ name }) => name === 'stability')?.at ?? 0;
      const begin = stableAt + offsetMs;
      expect(begin - Date.now(), 'the race is still ahead').toBeGreaterThan(0);
      const codes = await Promise.all(
        Array.from({ length: VOLLEY }, async (_, index) => {
          await delay(begin + index * SPACING_MS - Date.now());
          return fire(group, `volley-${index}`);
        }),
      );
      expect(codes.filter((code) => code === 202)).toHaveLength(VOLLEY);

      // Until the closing run has handed them over, the first incident answers.
      await expect
        .poll(async () => (await current(system, key)).alerts.firing, { timeout: 10_000 })
        .toBe(VOLLEY);
      const open = await current(system, key);
      expect(open.phase).toBe('triggered');
      if (open.openingId !== first.openingId) {
        const linked = await system.until(open.openingId, 'linked', ({ previous }) => previous !== undefined);
        expect(linked.previous).toBe(first.openingId);
        expect(entriesOf(linked, 'previous-incident')).toMatchObject([{ openingId: first.openingId }]);
        expect(await system.review(first.openingId)).toMatchObject({
          openingId: first.openingId,
          code: first.code,
          phase: 'post-incident',
        });
      }
      await system.booth.nextSms({ to: cast.phone('alice'), about: `ACK ${open.code}` });
      await Promise.all(
        Array.from({ length: VOLLEY }, (_, index) => fire(group, `volley-${index}`, 'resolved')),
      );
      await system.until(open.openingId, 'resolved', ({ phase }) => phase === 'resolved');
    },
  );

  test('both ways of it were seen: re-opened in time, and opened anew', async () => {
    const phases: string[] = [];
    for await (const { workflowId, runId } of system.client.workflow.list({
      query: 'WorkflowType="incident" AND ExecutionStatus!="Running"',
    })) {
      const view = await system.client.workflow.getHandle(workflowId, runId).query(incidentQuery);
      phases.push(
        entriesOf(view, 'reopened').length > 0
          ? 're-opened'
          : view.previous === undefined
            ? 'first'
            : 'opened anew',
      );
    }
    expect(new Set(phases)).toEqual(new Set(['re-opened', 'opened anew', 'first']));
  });
});

test('an alert that fires after resolution opens a new incident at once; the review of the first goes on under its own id', async () => {
  const alert = { service: 'shop', name: 'again', startsAt: '2026-11-21T10:00:00Z' };
  const first = await openIncident(system, alert);
  await endIncident(system, alert, first.openingId);
  const second = await openIncident(system, { ...alert, startsAt: '2026-11-21T11:00:00Z' });
  expect(second.openingId).not.toBe(first.openingId);
  expect(second.workflowId).toBe(first.workflowId);
  const linked = await system.until(second.openingId, 'linked', ({ previous }) => previous !== undefined);
  expect(linked.previous).toBe(first.openingId);

  expect(await system.view(first.openingId)).toMatchObject({ openingId: first.openingId, phase: 'resolved' });
  const published = await system.request('POST', `/v1/incidents/${first.openingId}/postmortem`, {
    body: { url: 'https://wiki.example.com/first', by: 'alice' },
  });
  expect(published.status).toBe(200);
  expect(await system.review(first.openingId)).toMatchObject({ phase: 'closed' });
  // An answer to the first takes nothing of the second.
  const stale = await system.request('POST', `/v1/incidents/${first.openingId}/acknowledge`, {
    body: { by: 'alice' },
  });
  expect(stale.status).toBe(409);
  expect(stale.body).toMatchObject({ error: { code: 'incident-over' } });
  const untouched = await system.view(second.openingId);
  expect(untouched).toMatchObject({ phase: 'triggered', paging: true });
  expect(untouched.owner).toBeUndefined();
  expect(pagesTo(system, cast.phone('alice'), second.code)).toHaveLength(1);
  await endIncident(system, { ...alert, startsAt: '2026-11-21T11:00:00Z' }, second.openingId);
});

test('the same alert sent five times at once is one incident and one page', async () => {
  const alert = { service: 'shop', name: 'five' };
  const received = await Promise.all(Array.from({ length: 5 }, () => sound(system, alert)));
  expect(received.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  const view = await current(system, received[0]?.key ?? '');
  expect(view.alerts).toEqual({ firing: 1, total: 1 });
  await endIncident(system, alert, view.openingId);
  expect(pagesTo(system, cast.phone('alice'), view.code)).toHaveLength(1);
});

test('no number and no address is in any history', async () => {
  expect(await personalData(system)).toEqual([]);
});
