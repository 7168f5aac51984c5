import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { entriesOf } from './support/stage.js';

/** Real servers: Temporal, PGlite, HTTP, the phone booth. */
let directory: string;
let store: Store;
let system: RunningSystem;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tocsin-maintenance-'));
  store = openStore({
    databaseUrl: undefined,
    directory,
    log: { info: () => undefined, warn: () => undefined },
  });
  system = await startSystem({ store });
  await store.untilReady(60_000);
});
afterAll(async () => {
  await system.stop();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const paged = (view: IncidentView): number => entriesOf(view, 'paged').length;

it('an alert in a window pages nobody; the window is prolonged, ended early, and what still fires pages at once', async () => {
  const post = async (path: string, body: object): Promise<{ window: { id: string }; incidents: number }> => {
    const answer = await system.request('POST', path, { body });
    expect(answer.status).toBeLessThan(300);
    return answer.body as { window: { id: string }; incidents: number };
  };
  const whole = { services: ['payments'], reason: 'database upgrade' };
  const { window } = await post('/v1/maintenance', { ...whole, for: '10m' });
  expect(await system.alert('firing')).toBe(202);
  const openingId = await system.oneOpen('checkout is down');
  const quiet = await system.view(openingId);
  expect(quiet).toMatchObject({ paging: false, quiet: { windows: [window.id], reason: 'database upgrade' } });

  // The list knows it, and a second window prolongs it: the last end counts.
  const { body } = await system.request('GET', '/v1/incidents?open=true');
  expect(body).toMatchObject({ incidents: [{ openingId, quiet: { windows: [window.id], rests: true } }] });
  const longer = await post('/v1/maintenance', { ...whole, for: '20m' });
  expect(longer.incidents).toBe(1);
  const before = quiet.quiet?.until ?? 0;
  await system.until(openingId, 'the longer window', (view) => (view.quiet?.until ?? 0) > before);
  await post(`/v1/maintenance/${longer.window.id}/end`, {});
  await system.until(openingId, 'the first window again', (view) => view.quiet?.until === before);
  expect(paged(await system.view(openingId))).toBe(0);

  await post(`/v1/maintenance/${window.id}/end`, { by: 'alice' });
  const after = await system.until(openingId, 'the page', (view) => paged(view) > 0);
  expect(after.quiet).toBeUndefined();
  expect(entriesOf(after, 'quiet-over')).toMatchObject([{ why: 'ended' }]);
  expect(entriesOf(after, 'paged')[0]).toMatchObject({ reason: 'maintenance-over' });

  // Its pages are stopped while they go on.
  await post('/v1/maintenance', { ...whole, for: '10m', stopPages: true });
  const stopped = await system.until(openingId, 'the rest', (view) => view.quiet?.rests === true);
  expect(stopped).toMatchObject({ paging: false });
  expect(stopped.deadlines.map(({ name }) => name)).toEqual(['maintenance-over']);
});
