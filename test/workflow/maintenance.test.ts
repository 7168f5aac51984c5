import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { QuietWindow } from '../../domain/maintenance/window.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { MINUTE, SECOND } from '../../domain/time/instant.js';
import { alertsSignal, incidentQuery, maintenanceSignal } from '../../workflows/messages.js';
import { alertOf, batchOf } from '../support/plans.js';
import { startSkippingIncidents, type SkippingIncidents } from '../support/skipping-incidents.js';

let incidents: SkippingIncidents;

beforeAll(async () => {
  incidents = await startSkippingIncidents();
});
afterEach(() => incidents.forget());
afterAll(() => incidents.stop());

/** In force now, for so many minutes. */
async function windowFor(minutes: number, id = 'w1'): Promise<QuietWindow> {
  const now = await incidents.env.currentTimeMs();
  return { id, from: now - MINUTE, to: now + minutes * MINUTE, reason: 'database upgrade' };
}

const view = (handle: Awaited<ReturnType<SkippingIncidents['open']>>['handle']) =>
  handle.query<IncidentView, []>(incidentQuery);

describe('an incident in maintenance', () => {
  test('pages nobody before the end, and whoever is primary then', async () => {
    const window = await windowFor(20);
    const { openedAt, handle } = await incidents.open({ quiet: [window] });
    expect(await view(handle)).toMatchObject({
      paging: false,
      quiet: { until: window.to, windows: ['w1'], rests: true },
      deadlines: [{ name: 'maintenance-over', at: window.to }],
    });
    // Lists read it there, and the ops team the labels of the timers.
    expect((await handle.describe()).memo?.['quiet']).toMatchObject({ until: window.to, windows: ['w1'] });
    await incidents.env.sleep(26.5 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '20 alice sms',
      '21 alice voice',
      '23 alice voice',
      '25 bob sms',
      '26 bob voice',
    ]);
    expect(incidents.activities.delivered[0]?.message.parts).toMatchObject([{ reason: 'maintenance-over' }]);
    expect((await handle.describe()).memo?.['quiet'] ?? null).toBeNull();
  });

  test('that is over meanwhile is told to nobody, and resolved as ever', async () => {
    const { handle } = await incidents.open({ quiet: [await windowFor(60)] });
    await incidents.env.sleep(2 * MINUTE);
    await handle.signal(alertsSignal, batchOf([alertOf({ status: 'resolved' })]));
    expect(await handle.result()).toMatchObject({ acknowledgedAt: null, alerts: 1 });
    expect(incidents.activities.delivered).toEqual([]);
  });

  test('rests when its pages are stopped in the middle of an escalation, and is paged anew when that ends early', async () => {
    const { openedAt, handle } = await incidents.open();
    await incidents.env.sleep(5.5 * MINUTE);
    const window = await windowFor(120);
    await handle.signal(maintenanceSignal, { type: 'began', window, stopPages: true });
    await incidents.env.sleep(24 * MINUTE);
    expect(await view(handle)).toMatchObject({ paging: false, quiet: { until: window.to } });
    const before = ['0 alice sms', '1 alice voice', '3 alice voice', '5 bob sms'];
    expect(incidents.contacts(openedAt)).toEqual(before);
    await handle.signal(maintenanceSignal, { type: 'ended', windowId: 'w1' });
    await incidents.env.sleep(10 * SECOND);
    expect(incidents.contacts(openedAt).slice(before.length)).toEqual([
      expect.stringMatching(/^(29|30) alice sms$/),
    ]);
  });

  test('pages at once for an alert that no window covers', async () => {
    const { openedAt, handle } = await incidents.open({ quiet: [await windowFor(60)] });
    await incidents.env.sleep(4 * MINUTE);
    await handle.signal(alertsSignal, batchOf([alertOf({ fingerprint: 'f2', startsAt: 2 })]));
    await incidents.env.sleep(5 * SECOND);
    expect(incidents.contacts(openedAt)).toEqual(['4 alice sms']);
  });
});
