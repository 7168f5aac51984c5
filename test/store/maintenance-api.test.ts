import { describe, expect, it, onTestFinished } from 'vitest';
import { followMaintenance } from '../../api/maintenance/follow.js';
import type { ChangedAnswer, ShownWindow } from '../../api/maintenance/schemas.js';
import type { IncidentSummary } from '../../api/incidents/incidents.js';
import type { Config } from '../../config/types.js';
import { HOUR, MINUTE } from '../../domain/time/instant.js';
import { createKnownMaintenance } from '../../store/known-maintenance.js';
import type { Store } from '../../store/store.js';
import { createTestApp, NOW, OPENING, type TestApp } from '../api/support/test-app.js';
import { amAlert, amPayload } from '../api/support/alertmanager-payload.js';
import { ALERTMANAGER_KEY, API_KEY } from '../api/support/test-config.js';
import { configOf } from '../unit/config/support.js';
import { silent } from './support/overrides.js';
import {
  embeddedOfFile,
  freshDatabase,
  freshFolder,
  opened,
  postgresOfFile,
  type Place,
} from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

const PAYMENTS_2H = { services: ['payments'], for: '2h', reason: 'database upgrade', by: 'alice' };

function config(maintenance: string | null = null): Config {
  return configOf(
    {
      apiKeys: '\n  ops: { key: { env: API_KEY } }',
      integrations: '\n  prometheus: { kind: alertmanager, key: { env: AM_KEY } }',
      services: `
  payments: { policy: default }
  orders: { policy: default }
  other: { policy: default, catchAll: true }`,
      ...(maintenance === null ? {} : { maintenance }),
    },
    { API_KEY, AM_KEY: ALERTMANAGER_KEY },
  );
}

/** An app with a real configuration and a real store; incidents are in memory. */
async function world(store: Store | undefined, maintenance: string | null = null) {
  const clock = { at: NOW };
  const of = config(maintenance);
  const known =
    store === undefined
      ? undefined
      : createKnownMaintenance({
          ...{ store, file: `${await freshFolder()}/maintenance.json`, log: silent, everyMs: 20 },
          now: () => clock.at,
        });
  onTestFinished(() => known?.stop());
  await known?.loaded;
  const app = createTestApp({
    config: () => of,
    now: () => clock.at,
    ...(store === undefined ? {} : { store }),
    ...(known === undefined ? {} : { maintenance: known }),
  });
  const alert = (labels: Record<string, string>, status = 'firing') =>
    app.app.inject({
      method: 'POST',
      url: '/v1/alerts/alertmanager',
      headers: { authorization: `Bearer ${ALERTMANAGER_KEY}` },
      payload: amPayload({ alerts: [amAlert({ labels: { alertname: 'x', ...labels }, status })] }),
    });
  const api = (...request: Parameters<TestApp['api']>): ReturnType<TestApp['api']> => app.api(...request);
  return { incidents: app.incidents, api, clock, known, alert };
}

function incident(changes: Partial<IncidentSummary> = {}): IncidentSummary {
  return {
    ...{ openingId: OPENING, code: '7KQ2', title: 'it burns', service: 'payments', severity: 'SEV1' },
    ...{ phase: 'triggered' as const, open: true, startedAt: NOW - HOUR },
    ...changes,
  };
}

const quietBy = (...windows: string[]) => ({ until: NOW + HOUR, reason: 'x', windows, rests: true });

interface Failed {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly problems?: readonly { readonly path: string; readonly message: string }[];
  };
}

// The whole way on both; what is the same for any store, on the quicker one.
describe.each(PLACES)('maintenance over HTTP, on %s', (_name, place) => {
  it('is made, covers the alerts that come in from then on, and is listed and in the audit', async () => {
    const store = await opened(await place());
    const { api, alert, incidents, clock } = await world(store);
    await alert({ service: 'payments' });
    expect(incidents.taken[0]?.input.quiet).toBeUndefined();

    const made = await api('POST', '/v1/maintenance', PAYMENTS_2H);
    expect(made.statusCode).toBe(201);
    const { window, sentence } = made.json<ChangedAnswer>();
    expect(window).toMatchObject({
      origin: 'api',
      state: 'in-force',
      from: NOW,
      to: NOW + 2 * HOUR,
      by: 'alice',
    });
    expect(sentence).toBe(
      'payments: maintenance from Tue 24 Nov, 11:00 CET until Tue 24 Nov, 13:00 CET (database upgrade).',
    );

    await alert({ service: 'payments' });
    const quiet = { id: window.id, from: NOW, to: NOW + 2 * HOUR, reason: 'database upgrade' };
    expect(incidents.taken[1]?.input).toMatchObject({ quiet: [quiet], foreseen: [] });
    expect(incidents.taken[1]?.batch).toMatchObject({
      windows: { [window.id]: quiet },
      alerts: [{ windows: [window.id] }],
    });
    await alert({ service: 'orders' });
    expect(incidents.taken[2]?.input.quiet).toBeUndefined();
    expect(incidents.taken[2]?.batch).not.toHaveProperty('windows');
    // What people declare is theirs.
    await api('POST', '/v1/incidents', { title: 'it burns', service: 'payments', severity: 'SEV1' });
    expect(incidents.declared[0]).not.toHaveProperty('quiet');

    const listed = await api('GET', '/v1/maintenance');
    expect(listed.json<{ windows: ShownWindow[] }>().windows).toEqual([window]);
    clock.at = NOW + 2 * HOUR;
    await alert({ service: 'payments' });
    expect(incidents.taken.at(-1)?.input.quiet).toBeUndefined();
    const { entries } = await store.audit.list({ limit: 5 });
    expect(entries).toMatchObject([
      {
        actor: 'alice',
        action: 'maintenance.start',
        subject: { kind: 'maintenance', id: window.id },
        via: 'api',
      },
    ]);
  });

  it('ended early tells what it kept quiet, counts no more, and is ended once', async () => {
    const store = await opened(await place());
    const { api, alert, incidents, clock } = await world(store);
    const { window } = (await api('POST', '/v1/maintenance', PAYMENTS_2H)).json<ChangedAnswer>();
    const other = '0123456789abcdef0123-00c0ffef';
    incidents.incidents = [
      incident({ quiet: quietBy(window.id) }),
      incident({ openingId: other, quiet: quietBy('mw-0') }),
    ];
    clock.at = NOW + MINUTE;
    const ended = await api('POST', `/v1/maintenance/${window.id}/end`, { by: 'bob' });
    expect(ended.statusCode).toBe(200);
    expect(ended.json()).toMatchObject({
      window: { state: 'ended', to: NOW + MINUTE, endedBy: 'bob' },
      sentence: 'payments: maintenance is over (database upgrade); what still fires pages now.',
      incidents: 1,
    });
    expect(incidents.maintained).toEqual([
      { openingId: OPENING, change: { type: 'ended', windowId: window.id } },
    ]);
    await alert({ service: 'payments' });
    expect(incidents.taken.at(-1)?.input.quiet).toBeUndefined();
    expect((await api('GET', '/v1/maintenance')).json<{ windows: unknown[] }>().windows).toEqual([]);
    expect((await api('GET', '/v1/maintenance?ended=true')).json()).toMatchObject({
      windows: [{ id: window.id }],
    });
    expect((await api('POST', `/v1/maintenance/${window.id}/end`)).json()).toMatchObject({
      sentence: 'payments: maintenance is already over (database upgrade); what still fires pages now.',
    });
    expect((await store.audit.list({ limit: 9 })).entries.map(({ action }) => action)).toEqual([
      'maintenance.end',
      'maintenance.start',
    ]);
  });

  it('ended while another window covers the same says what stays quiet', async () => {
    const store = await opened(await embedded());
    const { api, clock } = await world(store);
    const { window } = (await api('POST', '/v1/maintenance', PAYMENTS_2H)).json<ChangedAnswer>();
    const beside = { ...PAYMENTS_2H, for: '4h', reason: 'move' };
    const other = (await api('POST', '/v1/maintenance', beside)).json<ChangedAnswer>().window;
    clock.at = NOW + MINUTE;
    const { sentence } = (
      await api('POST', `/v1/maintenance/${window.id}/end`, { by: 'bob' })
    ).json<ChangedAnswer>();
    expect(sentence).toMatch(
      new RegExp(
        `^payments: maintenance is over \\(database upgrade\\); what still fires and another window covers stays quiet: ${other.id} \\(until .*\\); what none covers pages now\\.$`,
      ),
    );
  });

  it('is made once for one Idempotency-Key, which means nothing else', async () => {
    const store = await opened(await place());
    const { api, clock } = await world(store);
    const headers = { 'idempotency-key': 'k1' };
    const first = await api('POST', '/v1/maintenance', PAYMENTS_2H, headers);
    clock.at = NOW + 1_000;
    const second = await api('POST', '/v1/maintenance', PAYMENTS_2H, headers);
    expect(second.json<ChangedAnswer>().window).toEqual(first.json<ChangedAnswer>().window);
    const third = await api('POST', '/v1/maintenance', { ...PAYMENTS_2H, reason: 'another' }, headers);
    expect(third.json<Failed>().error.code).toBe('idempotency-key-reused');
    expect(await store.maintenance.list({ from: NOW })).toHaveLength(1);
  });
});

describe('maintenance over HTTP', () => {
  it('by labels covers those alerts of any service alone', async () => {
    const { api, alert, incidents } = await world(await opened(await freshDatabase(postgres())));
    const body = { match: { cluster: '/staging-.*/' }, for: '1h', reason: 'new hardware' };
    const made = await api('POST', '/v1/maintenance', body);
    expect(made.json<ChangedAnswer>().notes.join()).toContain('compared as alerts come in');
    await alert({ service: 'orders', cluster: 'staging-eu' });
    await alert({ service: 'orders', cluster: 'production' });
    expect(incidents.taken.map(({ input }) => input.quiet?.length ?? 0)).toEqual([1, 0]);
  });

  it('tells what is quiet of a longer one, stops pages when asked, and says what goes on paging', async () => {
    const { api, incidents } = await world(await opened(await freshDatabase(postgres())));
    const other = '0123456789abcdef0123-00c0ffef';
    incidents.incidents = [incident(), incident({ openingId: other, quiet: quietBy('mw-0') })];
    const plain = (await api('POST', '/v1/maintenance', PAYMENTS_2H)).json<ChangedAnswer>();
    expect(plain.incidents).toBe(1);
    expect(plain.notes.join()).toContain('1 open incident that nobody has acknowledged goes on paging');
    expect(incidents.maintained).toMatchObject([
      { openingId: other, change: { type: 'began', stopPages: false, window: { id: plain.window.id } } },
    ]);
    expect(incidents.lists.at(-1)).toMatchObject({ open: true, service: 'payments' });

    const stopping = await api('POST', '/v1/maintenance', { ...PAYMENTS_2H, stopPages: true });
    expect(stopping.json<ChangedAnswer>().incidents).toBe(2);
    expect(incidents.maintained.slice(1)).toMatchObject([
      { openingId: OPENING, change: { type: 'began', stopPages: true } },
      { openingId: other, change: { type: 'began', stopPages: true } },
    ]);
    expect(stopping.json<ChangedAnswer>().notes.join()).toContain(
      `Other windows overlap it: ${plain.window.id}`,
    );
  });

  const REFUSED: readonly (readonly [string, object, string, string])[] = [
    [
      'an end before its start',
      { to: '2026-11-24 11:00', from: '2026-11-24 12:00', for: undefined },
      'invalid-maintenance',
      'to',
    ],
    [
      'a time that is past',
      { from: '2026-11-23', to: '2026-11-24', for: undefined },
      'invalid-maintenance',
      'to',
    ],
    ['a time too long', { for: '31d' }, 'invalid-maintenance', 'for'],
    ['no end', { for: undefined }, 'invalid-body', 'to'],
    ['two ends', { to: '2026-11-25' }, 'invalid-body', 'to'],
    ['neither services nor labels', { services: undefined }, 'invalid-body', 'services'],
    ['a service that is not there', { services: ['paymnts'] }, 'unknown-service', 'services[0]'],
    ['a person who is not there', { by: 'nobody' }, 'unknown-user', 'by'],
    ['labels beside stopPages', { match: { a: 'b' }, stopPages: true }, 'invalid-body', 'stopPages'],
    ['a regular expression that may block', { match: { a: '/(a+)+b/' } }, 'invalid-maintenance', 'match.a'],
    ['one that is none', { match: { a: '/(/' } }, 'invalid-maintenance', 'match.a'],
    ['no reason', { reason: ' ' }, 'invalid-body', 'reason'],
  ];

  it('is refused where it says what cannot be, with how to mend it, and nothing is kept', async () => {
    const store = await opened(await freshDatabase(postgres()));
    const { api } = await world(store);
    for (const [what, changes, code, path] of REFUSED) {
      const answer = await api('POST', '/v1/maintenance', { ...PAYMENTS_2H, ...changes });
      const { error } = answer.json<Failed>();
      expect(answer.statusCode, what).toBe(400);
      expect(error, what).toMatchObject({ code });
      expect(
        error.problems?.map((problem) => problem.path),
        what,
      ).toEqual([path]);
      expect(error.remedy).not.toBe('');
    }
    expect(await store.maintenance.list({ from: 0 })).toEqual([]);
  });

  it('of the configuration is listed each time that it comes, and is not ended here', async () => {
    const store = await opened(await freshDatabase(postgres()));
    const { api, alert, incidents } = await world(
      store,
      '\n  deploys: { services: [payments], days: [tue], at: "09:00", for: 2h, reason: deploys }',
    );
    const { windows } = (await api('GET', '/v1/maintenance')).json<{ windows: ShownWindow[] }>();
    expect(windows).toMatchObject([
      { id: 'deploys@2026-11-24', origin: 'config', state: 'in-force' },
      { id: 'deploys@2026-12-01', origin: 'config', state: 'to-come' },
      { id: 'deploys@2026-12-08', origin: 'config', state: 'to-come' },
    ]);
    await alert({ service: 'payments' });
    expect(incidents.taken[0]?.input.quiet).toMatchObject([{ id: 'deploys@2026-11-24' }]);
    for (const id of ['deploys', 'deploys@2026-11-24']) {
      const answer = await api('POST', `/v1/maintenance/${id}/end`);
      expect(answer.statusCode).toBe(409);
      expect(answer.json<Failed>().error.code).toBe('maintenance-in-config');
    }
    expect((await api('POST', '/v1/maintenance/mw-9/end')).json<Failed>().error.code).toBe(
      'maintenance-not-found',
    );
  });

  it('while the store is away goes by what was known; a change is refused with 503', async () => {
    const store = await opened(await freshDatabase(postgres()));
    const { api, alert, incidents } = await world(store);
    const { window } = (await api('POST', '/v1/maintenance', PAYMENTS_2H)).json<ChangedAnswer>();
    await store.close();
    await alert({ service: 'payments' });
    expect(incidents.taken.at(-1)?.input.quiet).toMatchObject([{ id: window.id }]);
    expect((await api('GET', '/v1/maintenance')).json()).toMatchObject({ windows: [{ id: window.id }] });
    for (const path of ['/v1/maintenance', `/v1/maintenance/${window.id}/end`]) {
      const answer = await api('POST', path, path.endsWith('end') ? {} : PAYMENTS_2H);
      expect(answer.statusCode).toBe(503);
      expect(answer.json<Failed>().error.code).toBe('store-away');
    }
  });

  it('without a store lists what the configuration has, and makes none', async () => {
    const { api } = await world(undefined);
    expect((await api('GET', '/v1/maintenance')).json()).toEqual({ windows: [], asOf: null });
    expect((await api('POST', '/v1/maintenance', PAYMENTS_2H)).json<Failed>().error.code).toBe('no-store');
  });

  it('is kept though Temporal is away, and says that incidents hear of it later', async () => {
    const store = await opened(await freshDatabase(postgres()));
    const { api, incidents } = await world(store);
    incidents.away = 'temporal';
    const made = (await api('POST', '/v1/maintenance', PAYMENTS_2H)).json<ChangedAnswer>();
    expect(made.incidents).toBeNull();
    expect(made.notes.join()).toContain('Temporal is away');
    const ended = await api('POST', `/v1/maintenance/${made.window.id}/end`);
    expect(ended.json<ChangedAnswer>().incidents).toBeNull();
  });
});

describe('an API that follows the windows of all', () => {
  it('tells incidents of what others began or ended, again for what lists show late, and after Temporal was away', async () => {
    const store = await opened(await freshDatabase(postgres()));
    const { api, incidents, clock, known } = await world(store);
    const following = followMaintenance({
      ...{ incidents, log: silent, everyMs: 3_600_000 },
      windows: () => known?.current().value ?? [],
      now: () => clock.at,
    });
    onTestFinished(() => following.stop());
    const body = { ...PAYMENTS_2H, from: '2026-11-24 12:00', stopPages: true };
    const { window } = (await api('POST', '/v1/maintenance', body)).json<ChangedAnswer>();
    incidents.incidents = [incident()];
    await following.look();
    // It has not begun.
    expect(incidents.maintained).toEqual([]);
    clock.at = NOW + HOUR;
    incidents.away = 'temporal';
    await following.look();
    incidents.away = null;
    clock.at += 3_000;
    await following.look();
    expect(incidents.maintained).toHaveLength(1);
    expect(incidents.maintained[0]).toMatchObject({ openingId: OPENING, change: { stopPages: true } });
    // What heard of it is not told again; what shows up later is.
    incidents.incidents = [
      incident({ quiet: quietBy(window.id) }),
      incident({ openingId: '0123456789abcdef0123-00c0ffef' }),
    ];
    clock.at += 20_000;
    await following.look();
    expect(incidents.maintained.slice(1).map(({ openingId }) => openingId.slice(-1))).toContain('f');
    expect(incidents.maintained.slice(1).map(({ openingId }) => openingId)).not.toContain(OPENING);
    const before = incidents.maintained.length;
    await store.maintenance.end(window.id, { at: clock.at, actor: 'bob', via: 'api', address: null });
    await known?.refresh();
    await following.look();
    expect(incidents.maintained.slice(before)).toEqual([
      { openingId: OPENING, change: { type: 'ended', windowId: window.id } },
    ]);
  });
});
