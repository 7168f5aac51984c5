import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { createCast } from '../e2e/support/cast.js';
import { createFleet, type Fleet, type FleetProcess } from '../e2e/support/fleet.js';
import { KEYS } from '../support/running-system.js';
import { startRealServer, type RealServer } from '../support/temporal.js';
import { buildTocsin } from '../support/tocsin-process.js';

const INCIDENTS = 20;
const APIS = 2;
const TIER = '8s';

/** Three tiers by SMS; the third has all the time of the test. */
const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms']], carol: [['0s', 'sms']] },
  services: {
    shop: [{ to: ['alice'], timeout: TIER }, { to: ['bob'], timeout: TIER }, { to: ['carol'] }],
  },
});

let server: RealServer;
let fleet: Fleet;

beforeAll(async () => {
  await buildTocsin();
  server = await startRealServer();
  fleet = await createFleet({
    server,
    config: cast.yaml,
    apis: APIS,
    // Longer than the balancer needs to see that an API is not ready any more.
    env: { TOCSIN_DRAIN_SECONDS: '1' },
  });
});
afterAll(async () => {
  await fleet?.stop();
  await server?.stop();
});

test('every process is restarted in turn while 20 incidents escalate: none is lost, nobody is paged twice or after the answer', async () => {
  const workers = await Promise.all([fleet.worker(), fleet.worker()]);
  const apis = await Promise.all([fleet.api(0), fleet.api(1)]);
  await expect.poll(async () => (await list()).status, { timeout: 10_000 }).toBe(200);

  const unseen = fleet.balancer.failures.length;

  // Slow enough that a process that ends has pages in its hands.
  fleet.booth.misbehave({ kind: 'delay', delayMs: 1_000, channel: 'any', times: 'always' });
  // One after the other, over the whole restart: some are opened, some escalate, some are answered in each moment of it.
  const openings = openAll();
  const answers = answerAll();
  const exits: (number | null)[] = [];
  const again: FleetProcess[] = [];
  for (let place = 0; place < APIS; place += 1) {
    const [worker, api] = [workers[place], apis[place]];
    if (worker === undefined || api === undefined) throw new Error('A process is missing.');
    exits.push(await worker.stop());
    again.push(await fleet.worker());
    exits.push(await api.stop());
    again.push(await fleet.api(place));
  }
  expect(exits).toEqual([0, 0, 0, 0]);

  const opened = await openings;
  expect(opened).toHaveLength(INCIDENTS);
  await answers;
  // Somebody owns every one of them.
  const views = await Promise.all(opened.map(view));
  expect(views.map(({ phase }) => phase)).toEqual(opened.map(() => 'acknowledged'));
  // Longer than a tier: whoever would be paged after the answer is paged by then.
  await delay(9_000);

  expect(fleet.balancer.failures.slice(unseen)).toEqual([]);
  for (const { code, owner } of views) {
    const tally = Object.fromEntries(['alice', 'bob', 'carol'].map((who) => [who, pagesOf(who, code)]));
    const expected = owner?.id === 'bob' ? { alice: 1, bob: 1, carol: 0 } : { alice: 1, bob: 1, carol: 1 };
    expect(tally, `pages of ${code}, owned by ${owner?.id ?? 'nobody'}`).toEqual(expected);
  }
  expect(new Set(views.map(({ owner }) => owner?.id))).toEqual(new Set(['bob', 'carol']));
  for (const final of await Promise.all(opened.map(view))) {
    const acknowledged = final.timeline.findIndex(({ type }) => type === 'acknowledged');
    const after = final.timeline.slice(acknowledged).filter(({ type }) => type === 'paged');
    expect(after, `paged after the answer: ${final.code}`).toEqual([]);
  }
  // Both places answered, before and after.
  expect([...fleet.balancer.served.values()].every((count) => count > 0)).toBe(true);
  expect(fleet.balancer.served.size).toBe(APIS);
  await Promise.all(again.map((one) => one.stop()));
}, 120_000);

/** Opens an incident every half second, at any moment of the restart; each must be accepted at the first try. */
async function openAll(): Promise<readonly string[]> {
  for (let index = 0; index < INCIDENTS; index += 1) {
    const { status } = await fleet.request('POST', '/v1/alerts/generic', {
      key: KEYS.generic,
      body: { key: `shop-${index}`, service: 'shop', summary: `shop ${index} is down`, status: 'firing' },
    });
    expect(status, `the alert of shop-${index}`).toBe(202);
    await delay(500);
  }
  await expect.poll(async () => (await list()).ids.length, { timeout: 10_000 }).toBe(INCIDENTS);
  return (await list()).ids;
}

/** Bob takes every second incident that he hears of by reply, Carol what comes to her. */
async function answerAll(): Promise<void> {
  let taken = 0;
  let turn = 0;
  const seen = new Set<string>();
  while (taken < INCIDENTS) {
    for (const { sid, to, body, direction } of fleet.booth.messages) {
      const code = /ACK (\w{4})/.exec(body)?.[1];
      if (direction !== 'outbound-api' || code === undefined || seen.has(sid)) continue;
      seen.add(sid);
      if (to === cast.phone('alice')) continue;
      if (to === cast.phone('bob')) {
        turn += 1;
        if (turn % 2 === 1) continue;
      }
      taken += 1;
      expect(await fleet.booth.reply(to, `ACK ${code}`)).toMatch(/You have it|a confirmation follows/);
    }
    await delay(50);
  }
}

async function list(): Promise<{ readonly status: number; readonly ids: readonly string[] }> {
  const { status, body } = await fleet.request('GET', '/v1/incidents');
  const incidents = status === 200 ? (body as { incidents: { openingId: string }[] }).incidents : [];
  return { status, ids: incidents.map(({ openingId }) => openingId) };
}

async function view(openingId: string): Promise<IncidentView> {
  const { status, body } = await fleet.request('GET', `/v1/incidents/${openingId}`);
  expect(status).toBe(200);
  return body as IncidentView;
}

/** Requests to send this person a page of this incident, whatever became of them. */
function pagesOf(who: string, code: string): number {
  return fleet.booth.messages.filter(
    ({ direction, to, body }) =>
      direction === 'outbound-api' && to === cast.phone(who) && body.includes(`ACK ${code}`),
  ).length;
}
