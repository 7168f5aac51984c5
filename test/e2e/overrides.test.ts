import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { postgresClient, startPostgres, type Postgres } from '../cluster/support/postgres.js';
import { apiRequest, type ApiRequest } from '../support/api-request.js';
import { configOf, KEYS, PHONES, startSystem, type RunningSystem } from '../support/running-system.js';
import { startRealServer, type RealServer } from '../support/temporal.js';
import { buildTocsin } from '../support/tocsin-process.js';
import { createFleet } from './support/fleet.js';
import { codeKnown, entriesOf, openIncident } from './support/stage.js';

/** Real servers: Temporal, PostgreSQL, HTTP. Erin plays the fay of spec/scenarios.md. */
let server: RealServer;
let postgres: Postgres;
let store: Store;

const databaseUrl = (): string => `postgres://${postgres.user}@127.0.0.1:${postgres.port}/tocsin`;

beforeAll(async () => {
  postgres = await startPostgres({ isDurable: true });
  await postgresClient(postgres, 'createdb', ['tocsin']);
  store = openStore({
    databaseUrl: databaseUrl(),
    directory: '.',
    log: { info: () => undefined, warn: () => undefined },
  });
  server = await startRealServer();
  await store.untilReady(30_000);
});
afterAll(async () => {
  await store.close();
  await server.stop();
  await postgres.stop();
});

async function withSystem(ackTimeout: string, tell: (system: RunningSystem) => Promise<void>): Promise<void> {
  const system = await startSystem({ server, store, config: configOf({ ackTimeout }) });
  try {
    await tell(system);
  } finally {
    await system.stop();
  }
}

/** Erin has bob's place from now on. */
async function erinForBob(system: Pick<RunningSystem, 'request'>): Promise<string> {
  const { status, body } = await system.request('POST', '/v1/overrides', {
    body: {
      ...{ schedule: 'payments', slot: 'secondary', user: 'erin', insteadOf: 'bob' },
      ...{ for: '1h', reason: 'bob is ill', by: 'bob' },
    },
  });
  expect([status, body]).toMatchObject([201, { overrides: [{ user: 'erin', insteadOf: 'bob' }] }]);
  return (body as { overrides: readonly { id: string }[] }).overrides[0]?.id ?? '';
}

const paged = (view: IncidentView): readonly string[] => entriesOf(view, 'paged').map(({ userId }) => userId);

describe('an override', () => {
  it('that one API of several took counts for the others and for the worker within two seconds', async () => {
    await buildTocsin();
    const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-overrides-'));
    const fleet = await createFleet({
      server,
      apis: 2,
      config: configOf({ ackTimeout: '6s' }),
      env: { DATABASE_URL: databaseUrl(), TOCSIN_DATA_DIR: join(dataDir, 'not', 'there', 'yet') },
    });
    try {
      const [, first, second] = await Promise.all([fleet.worker(), fleet.api(0), fleet.api(1)]);
      const [one, other] = [first, second].map(({ ready }) =>
        apiRequest(() => String(ready['url']), KEYS.api),
      ) as [ApiRequest, ApiRequest];
      await expect
        .poll(async () => (await one('GET', '/v1/overrides')).status, { timeout: 20_000 })
        .toBe(200);
      const alert = { key: 'fleet', service: 'payments', summary: 'the fleet is down', status: 'firing' };
      const sent = await one('POST', '/v1/alerts/generic', { key: KEYS.generic, body: alert });
      expect(sent.status).toBe(202);
      await fleet.booth.nextSms({ to: PHONES.alice, timeoutMs: 10_000 });
      const id = await erinForBob({ request: one });
      await expect
        .poll(async () => (await other('GET', '/v1/oncall')).body, { timeout: 3_000, interval: 100 })
        .toMatchObject({ schedules: [{ secondary: 'erin' }], stale: false });
      const page = await fleet.booth.nextSms({ to: PHONES.erin, timeoutMs: 15_000 });
      expect(page.body).toContain('the fleet is down');
      expect(fleet.booth.calls.filter(({ to }) => to === PHONES.bob)).toEqual([]);
      const found = (await other('GET', '/v1/incidents?open=true')).body as {
        incidents: readonly { openingId: string; title: string }[];
      };
      for (const { openingId } of found.incidents)
        await other('POST', `/v1/incidents/${openingId}/acknowledge`, { body: {} });
      expect((await other('POST', `/v1/overrides/${id}/cancel`, { body: {} })).status).toBe(200);
    } finally {
      await fleet.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('that is made while an incident escalates counts for the step that comes next (scenario 8, minutes as seconds)', () =>
    withSystem('5s', async (system) => {
      const { openingId, openedAt } = await openIncident(system, { service: 'payments', name: 'checkout' });
      await delay(openedAt + 4_000 - Date.now());
      const id = await erinForBob(system);
      const view = await system.until(openingId, 'the secondary is paged', (now) => paged(now).length >= 2);
      expect(paged(view)).toEqual(['alice', 'erin']);
      expect(entriesOf(view, 'overrides-stale')).toEqual([]);
      const call = system.booth.calls.find(({ to }) => to === PHONES.bob);
      expect(call).toBeUndefined();
      // It ends here: the next system's worker would go on with it.
      const acted = await system.request('POST', `/v1/incidents/${openingId}/acknowledge`, { body: {} });
      expect(acted.status).toBe(200);
      // Taken back, it counts for nobody's page any more.
      const { status } = await system.request('POST', `/v1/overrides/${id}/cancel`, { body: {} });
      expect(status).toBe(200);
      const { body } = await system.request('GET', '/v1/oncall?schedule=payments');
      expect(body).toMatchObject({ schedules: [{ primary: 'alice', secondary: 'bob' }], stale: false });
    }));

  it(
    'goes on to count when the store is killed in the middle of an escalation, marked as of when; people are paged and answer; back, nothing is marked',
    () =>
      withSystem('36s', async (system) => {
        const id = await erinForBob(system);
        const opened = await openIncident(system, { service: 'payments', name: 'disk' });
        expect(entriesOf(opened, 'overrides-stale')).toEqual([]);
        const killedAt = Date.now();
        await postgres.kill();
        const refused = await system.request('POST', `/v1/overrides/${id}/cancel`, { body: {} });
        expect([refused.status, refused.body]).toMatchObject([503, { error: { code: 'store-away' } }]);

        const sms = await system.booth.nextSms({ to: PHONES.erin, timeoutMs: 60_000 });
        expect(sms.body).toContain(`ACK ${opened.code}`);
        const view = await system.view(opened.openingId);
        expect(paged(view)).toEqual(['alice', 'erin']);
        const [mark, ...others] = entriesOf(view, 'overrides-stale');
        expect(others).toEqual([]);
        expect(mark?.asOf).toBeGreaterThan(killedAt - 5_000);
        expect(mark?.asOf).toBeLessThan(killedAt + 1_000);
        const { body } = await system.request('GET', '/v1/oncall?schedule=payments');
        expect(body).toMatchObject({ schedules: [{ secondary: 'erin' }], stale: true });
        // An incident that opens now is paged as fast as ever, by the API's foresight, and says so too.
        const began = Date.now();
        const second = await openIncident(system, { service: 'payments', name: 'queue' });
        expect(Date.now() - began).toBeLessThan(5_000);
        expect(entriesOf(second, 'overrides-stale')).toHaveLength(1);

        await codeKnown(system, opened.code);
        await system.booth.reply(PHONES.erin, `ACK ${opened.code}`);
        const acknowledged = await system.until(
          opened.openingId,
          'acknowledged',
          ({ owner }) => owner !== undefined,
        );
        expect(acknowledged.owner?.name).toBe('Erin');

        await postgres.restart();
        await expect
          .poll(async () => (await system.request('GET', '/v1/oncall')).body, {
            timeout: 45_000,
            interval: 250,
          })
          .toMatchObject({ stale: false });
        const third = await openIncident(system, { service: 'payments', name: 'cache' });
        expect(entriesOf(third, 'overrides-stale')).toEqual([]);
        expect((await system.request('POST', `/v1/overrides/${id}/cancel`, { body: {} })).status).toBe(200);
      }),
    240_000,
  );
});
