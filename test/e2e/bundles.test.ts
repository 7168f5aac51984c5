import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { postgresClient, startPostgres, type Postgres } from '../cluster/support/postgres.js';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { entriesOf, openNow, searchable, sound } from './support/stage.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'voice']], carol: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }], mail: [{ to: ['bob'] }] },
});

let postgres: Postgres;
let store: Store;
let system: RunningSystem;

beforeAll(async () => {
  postgres = await startPostgres();
  await postgresClient(postgres, 'createdb', ['tocsin']);
  store = openStore({
    databaseUrl: `postgres://${postgres.user}@127.0.0.1:${postgres.port}/tocsin`,
    directory: '.',
    log: { info: () => undefined, warn: () => undefined },
  });
  await store.untilReady(30_000);
  system = await startSystem({ store, config: cast.yaml.replace('bundling: off', 'bundling: 5s') });
});
afterAll(async () => {
  await system.stop();
  await store.close();
  await postgres.stop();
});

/** Sounds one alert, waits until its page is out, and then two at one moment. */
async function oneAndTwo(service: string, person: string): Promise<readonly IncidentView[]> {
  const phone = cast.phone(person);
  const first = await sound(system, { service, name: `${service}-1` });
  await (service === 'mail' ? system.booth.nextCall({ to: phone }) : system.booth.nextSms({ to: phone }));
  const others = await Promise.all([2, 3].map((n) => sound(system, { service, name: `${service}-${n}` })));
  await searchable(system, person, 3);
  return Promise.all([first, ...others].map(({ key }) => openNow(system, key)));
}

async function untilSent(views: readonly IncidentView[]): Promise<readonly IncidentView[]> {
  return Promise.all(
    views.map(({ openingId }) =>
      system.until(openingId, 'its page was sent', (view) => entriesOf(view, 'sent').length > 0),
    ),
  );
}

test('two incidents within seconds of a page are one text message, and ACK takes those two', async () => {
  const opened = await oneAndTwo('shop', 'alice');
  const phone = cast.phone('alice');
  const { body, sid } = await system.booth.nextSms({ to: phone, about: 'incidents' });
  const [one, two, three] = await untilSent(opened);
  expect(body).toMatch(/^2 incidents: SEV1 .*Reply ACK to take all 2/);
  for (const view of [two, three]) {
    expect(body).toContain(view?.code);
    expect(view === undefined ? [] : entriesOf(view, 'sent')).toMatchObject([
      { providerId: sid, bundle: { incidents: 2 } },
    ]);
  }
  expect(body).not.toContain(one?.code);
  await expect
    .poll(() => system.booth.messages.find((message) => message.sid === sid)?.status)
    .toBe('delivered');
  await Promise.all(
    [two, three].map((view) =>
      system.until(view?.openingId ?? '', 'delivered', (now) => entriesOf(now, 'delivered').length > 0),
    ),
  );
  const answer = await system.booth.reply(phone, 'Ack');
  expect(answer).toMatch(/^You have 2: .*Not answered yet: /);
  expect(answer.split('Not answered yet')[1]).toContain(one?.code);
  for (const view of [two, three])
    await system.until(view?.openingId ?? '', 'acknowledged', ({ owner }) => owner?.id === 'alice');
  expect((await system.view(one?.openingId ?? '')).owner).toBeUndefined();
  expect(
    system.booth.messages.filter(({ to, body: text }) => to === phone && text.includes('incidents:')),
  ).toHaveLength(1);
});

test('they are one call, which goes on ringing when another answers one of them; 4 takes what is left', async () => {
  const opened = await oneAndTwo('mail', 'bob');
  await untilSent(opened);
  const call = await system.booth.nextCall({ to: cast.phone('bob') });
  expect(system.booth.calls).toHaveLength(2);
  const [, two, three] = opened;
  const acknowledged = await system.request('POST', `/v1/incidents/${two?.openingId ?? ''}/acknowledge`, {
    body: { by: 'carol' },
  });
  expect(acknowledged.status).toBe(200);
  expect((await call.answer()).join(' ')).toContain('Press 4 to acknowledge all of them.');
  expect(await call.press('4')).toEqual([
    expect.stringMatching(/^You have 1 of 2 incidents\./),
    expect.stringContaining('Carol'),
  ]);
  const view = await system.until(three?.openingId ?? '', 'acknowledged', ({ owner }) => owner?.id === 'bob');
  expect(entriesOf(view, 'acknowledged')).toMatchObject([{ who: 'Bob', via: 'voice' }]);
  expect((await system.view(two?.openingId ?? '')).owner?.id).toBe('carol');
});
