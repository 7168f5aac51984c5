import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createHeartbeatIntake } from '../../api/heartbeats/intake.js';
import { inParts, sizesOf } from '../../api/intake/batches.js';
import { registerMaintenanceMetrics } from '../../api/maintenance/metrics.js';
import { openIncidents, tellIncidents } from '../../api/maintenance/tell-incidents.js';
import { startOptions } from '../../api/incidents/start-options.js';
import type { IncidentSummary } from '../../api/incidents/incidents.js';
import type { QuietWindow } from '../../domain/maintenance/window.js';
import { HOUR, MINUTE } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import { alertOf, batchOf, inputOf } from '../support/plans.js';
import { createFakeIncidents } from './support/fake-incidents.js';
import { NOW, OPENING } from './support/test-app.js';
import { testConfig } from './support/test-config.js';

const WINDOW: QuietWindow = { id: 'w1', from: NOW - HOUR, to: NOW + HOUR, reason: 'database upgrade' };

const STORED: StoredWindow = {
  ...{ ...WINDOW, services: ['payments'], match: null, stopPages: false, by: 'ops', createdAt: NOW - HOUR },
};

describe('a heartbeat that is missed in maintenance', () => {
  it('opens its incident quietly, like any alert', async () => {
    const incidents = createFakeIncidents();
    const asked: (readonly [string, object])[] = [];
    const tell = createHeartbeatIntake({
      incidents,
      config: () => ({
        ...testConfig(),
        coverAt: () => (service, labels) => {
          asked.push([service, labels]);
          return [WINDOW];
        },
      }),
      now: () => NOW,
    });
    const settings = {
      id: 'backup',
      service: 'payments',
      severity: null,
      everyMs: HOUR,
      graceMs: 0,
      zone: 'UTC',
    };
    const missed = { dueAt: NOW, beat: null, clockFrom: NOW - HOUR, storeAwaySince: null };
    await tell(settings, { type: 'fire', ...missed });
    expect(asked).toEqual([['payments', { heartbeat: 'backup' }]]);
    expect(incidents.taken[0]?.input.quiet).toEqual([WINDOW]);
    expect(incidents.taken[0]?.batch).toMatchObject({
      windows: { w1: WINDOW },
      alerts: [{ windows: ['w1'] }],
    });
    // What is over needs no cover.
    await tell(settings, { type: 'resolve', dueAt: NOW, beat: NOW });
    expect(incidents.resolvedBatches[0]?.batch).not.toHaveProperty('windows');
  });
});

describe('the signal of several requests', () => {
  it('has the windows of each of its alerts, and only those', () => {
    const other: QuietWindow = { ...WINDOW, id: 'w2' };
    const offer = (fingerprint: string, windows: Record<string, QuietWindow> = {}) => {
      const alerts = [
        alertOf({
          fingerprint,
          ...(Object.keys(windows).length === 0 ? {} : { windows: Object.keys(windows) }),
        }),
      ];
      const batch = batchOf(alerts, Object.keys(windows).length === 0 ? {} : { windows });
      return { input: inputOf(), batch, sizes: sizesOf(alerts) };
    };
    const whole = inParts([offer('a', { w1: WINDOW }), offer('b'), offer('c', { w2: other })]);
    expect(whole.map(({ batch }) => batch.windows)).toEqual([{ w1: WINDOW, w2: other }]);
    const parts = inParts([offer('a', { w1: WINDOW }), offer('b')], 10);
    expect(parts.map(({ batch }) => batch.windows)).toEqual([{ w1: WINDOW }, undefined]);
  });
});

describe('an incident that opens quietly', () => {
  it('shows in lists from its first instant, and one that pages has nothing of it', () => {
    const { memo } = startOptions(inputOf({ quiet: [WINDOW] }), NOW);
    expect(memo?.['quiet']).toEqual({
      until: WINDOW.to,
      reason: WINDOW.reason,
      windows: ['w1'],
      rests: true,
    });
    expect(startOptions(inputOf(), NOW).memo).not.toHaveProperty('quiet');
  });
});

describe('telling open incidents of a window', () => {
  const incident = (id: string, changes: Partial<IncidentSummary> = {}): IncidentSummary => ({
    ...{ openingId: `${OPENING.slice(0, -1)}${id}`, code: 'AAAA', title: 't', service: 'payments' },
    ...{ severity: 'SEV1', phase: 'triggered' as const, open: true, startedAt: NOW - 2 * HOUR },
    ...changes,
  });
  const quiet = { until: NOW, reason: 'x', windows: ['w0'], rests: true };

  it.each([
    ['that began: what rests already', STORED, 'began', ['b']],
    ['with labels that began: nothing', { ...STORED, match: { a: 'b' } }, 'began', []],
    [
      'that stops pages: what was there before it, but what is only watched',
      { ...STORED, stopPages: true },
      'began',
      ['a', 'b'],
    ],
    ['that was ended: what it kept quiet', { ...STORED, id: 'w0' }, 'ended', ['b']],
  ] as const)('%s', async (_what, window, what, expected) => {
    const incidents = createFakeIncidents();
    incidents.incidents = [
      incident('a'),
      incident('b', { quiet }),
      incident('c', { phase: 'monitoring' }),
      incident('d', { startedAt: NOW }),
    ];
    expect(await tellIncidents(incidents, window, what)).toBe(expected.length);
    expect(incidents.maintained.map(({ openingId }) => openingId.at(-1))).toEqual(expected);
  });

  it('looks at each page once, and at none for ever', async () => {
    const pages = [['a', 'b'], ['c'], ['c']];
    const cursors: (string | undefined)[] = [];
    const found = await openIncidents(
      {
        list: ({ cursor }) => {
          cursors.push(cursor);
          const ids = pages[cursors.length - 1] ?? [];
          return Promise.resolve({ incidents: ids.map((id) => incident(id)), next: `n${cursors.length}` });
        },
      },
      ['payments'],
    );
    expect(found.map(({ openingId }) => openingId.at(-1))).toEqual(['a', 'b', 'c']);
    expect(cursors).toEqual([undefined, 'n1', 'n2']);
  });
});

describe('the metric of windows in force', () => {
  it('counts those of both kinds, without those to come, over or ended', async () => {
    const registry = new Registry();
    const planned = { ...WINDOW, services: [], match: null };
    registerMaintenanceMetrics(registry, {
      config: () => ({
        ...testConfig(),
        windowsIn: (from, to) =>
          [planned, { ...planned, from: NOW + 1 }].filter((each) => each.from < to && each.to > from),
      }),
      stored: () => [
        STORED,
        { ...STORED, id: 'w2', from: NOW + MINUTE },
        { ...STORED, id: 'w3', to: NOW },
        { ...STORED, id: 'w4', endedAt: NOW - MINUTE, endedBy: 'bob' },
      ],
      now: () => NOW,
    });
    const text = await registry.metrics();
    expect(text).toContain('tocsin_maintenance_windows{origin="config"} 1');
    expect(text).toContain('tocsin_maintenance_windows{origin="api"} 1');
  });
});
