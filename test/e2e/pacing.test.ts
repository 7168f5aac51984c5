import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresClient, startPostgres, type Postgres } from '../cluster/support/postgres.js';
import { configOf, KEYS, PHONES, startSystem, type RunningSystem } from '../support/running-system.js';
import { startRealServer, type RealServer } from '../support/temporal.js';
import { buildTocsin } from '../support/tocsin-process.js';
import { createCast } from './support/cast.js';
import { createFleet, type FleetProcess } from './support/fleet.js';

/** Alice's pages go by SMS; bob's call and carol's mail have a way of their own. */
const config = configOf({ ackTimeout: '5m' });

describe('a number that lets one segment a second through', () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await startSystem({ config, isPaced: true });
  });
  afterAll(() => system.stop());

  test('several pages at once leave one by one, none is refused; what is answered meanwhile is not sent, and calls do not wait', async () => {
    // With a space, which no signed link in a text holds by chance; short, so that a text is one segment.
    const groups = ['g 1', 'g 2', 'g 3', 'g 4', 'g 5'];
    // The first try of a process loads what it needs: what is measured are the others.
    const warmUp = await system.request('POST', '/v1/incidents', {
      body: { title: 'warm-up', service: 'payments' },
    });
    expect(warmUp.status).toBe(201);
    await system.booth.nextSms({ to: PHONES.alice });
    await delay(1_000);
    const mark = system.booth.mark();
    const ids: string[] = [];
    for (const group of groups) {
      const { body, status } = await system.request('POST', '/v1/incidents', {
        body: { title: group, service: 'payments' },
      });
      expect(status).toBe(201);
      ids.push((body as { openingId: string }).openingId);
    }
    const waiting = ids.at(-1) ?? '';
    // One escalation by hand, while texts wait: bob is called at once.
    const escalated = await system.request('POST', `/v1/incidents/${ids[0] ?? ''}/escalate`, { body: {} });
    expect(escalated.status).toBe(200);
    await system.booth.nextCall({ to: PHONES.bob, after: mark, timeoutMs: 3_000 });
    // Answered while its text waits.
    const acknowledged = await system.request('POST', `/v1/incidents/${waiting}/acknowledge`, {
      body: { by: 'carol' },
    });
    expect(acknowledged.status).toBe(200);

    await system.until(
      ids[3] ?? '',
      'the fourth page to have left',
      ({ timeline }) => timeline.some(({ type }) => type === 'sent'),
      20_000,
    );
    const view = await system.view(waiting);
    // That carol has it may be said by now.
    const left = view.timeline.filter(
      (entry) =>
        entry.type === 'delivery-failed' || (entry.type === 'sent' && entry.what !== 'acknowledged-by'),
    );
    expect(left).toEqual([]);
    const attempts = system.booth.attempts.filter(
      ({ channel, seq }) => channel === 'sms' && seq > Number(mark),
    );
    expect(attempts.map(({ outcome }) => outcome)).toEqual(attempts.map(() => 'accepted'));
    const texts = system.booth.messages.filter(
      ({ to, direction }) => to === PHONES.alice && direction === 'outbound-api',
    );
    for (const title of groups.slice(0, 4))
      expect(texts.filter(({ body }) => body.includes(title) && body.includes('Reply'))).toHaveLength(1);
    expect(texts.filter(({ body }) => body.includes('g 5') && body.includes('Reply'))).toEqual([]);
    const times = texts.map(({ createdAt }) => createdAt.getTime());
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThan(500);
  });
});

describe('two workers on one PostgreSQL', () => {
  const people = Array.from({ length: 24 }, (_none, index) => `p${index}`);
  const cast = createCast({
    people: Object.fromEntries(people.map((name) => [name, [['0s', 'sms'] as const]])),
    services: Object.fromEntries(people.map((name) => [`s-${name}`, [{ to: [name] }]])),
  });
  let server: RealServer;
  let postgres: Postgres;
  beforeAll(async () => {
    [, server, postgres] = await Promise.all([buildTocsin(), startRealServer(), startPostgres()]);
    await postgresClient(postgres, 'createdb', ['tocsin']);
  });
  afterAll(async () => {
    await server.stop();
    await postgres.stop();
  });

  test('a storm leaves by their one number at its rate, not at twice its rate, and both tell how long it waited', async () => {
    const fleet = await createFleet({
      server,
      config: cast.yaml,
      env: {
        DATABASE_URL: `postgres://${postgres.user}@127.0.0.1:${postgres.port}/tocsin`,
        TWILIO_SEGMENTS_PER_SECOND: '4',
      },
    });
    try {
      const [first, second] = await Promise.all([fleet.worker(), fleet.worker(), fleet.api(0)]);
      const workers = [first, second];
      const metricsOf = async ({ ready }: FleetProcess): Promise<string> => {
        const response = await fetch(`${String(ready['healthUrl'])}/metrics`, {
          headers: { authorization: `Bearer ${KEYS.api}` },
        });
        return response.text();
      };
      for (const worker of workers)
        await expect.poll(() => metricsOf(worker), { timeout: 20_000 }).toMatch(/^tocsin_store_ready 1$/m);
      const declared = await Promise.all(
        people.map((name) =>
          fleet.request('POST', '/v1/incidents', { body: { title: `for ${name}`, service: `s-${name}` } }),
        ),
      );
      expect(declared.map(({ status }) => status)).toEqual(people.map(() => 201));
      await fleet.booth.until('all pages', () => fleet.booth.messages.length >= people.length, 30_000);
      expect(new Set(fleet.booth.messages.map(({ to }) => to)).size).toBe(people.length);
      const times = fleet.booth.messages.map(({ createdAt }) => createdAt.getTime());
      // One message of each worker may be ahead; each by itself would be through in three seconds.
      expect(Math.max(...times) - Math.min(...times)).toBeGreaterThanOrEqual(
        ((people.length - 3) / 4) * 1_000,
      );
      for (const worker of workers) {
        const metrics = await metricsOf(worker);
        expect(metrics).toMatch(/tocsin_delivery_wait_seconds_count\{[^}]*ended="go"\} [1-9]/);
        expect(metrics).toContain('tocsin_deliveries_waiting{provider="twilio-sms"} 0');
      }
    } finally {
      await fleet.stop();
    }
  });
});
