import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../domain/time/instant.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { HANDOFF_PLANNER_WORKFLOW, HANDOFF_SCHEDULE } from '../../temporal-config/names.js';
import { ensureHandoffSchedule } from '../../worker/handoff-schedule.js';
import { runCommand } from '../support/command-line.js';
import { configOf, KEYS, PHONES, startSystem, type RunningSystem } from '../support/running-system.js';
import { codeKnown, entriesOf, openIncident } from './support/stage.js';

let directory: string;
let store: Store;
let system: RunningSystem;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tocsin-handoff-'));
  store = openStore({
    databaseUrl: undefined,
    directory,
    log: { info: () => undefined, warn: () => undefined },
  });
  await store.untilReady(60_000);
  // It is day, whenever this runs: the night is the minute twelve hours from now.
  const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);
  const later = Date.now() + 12 * HOUR;
  const night = `pagesPerNight: off, night: { from: '${clock(later)}', to: '${clock(later + MINUTE)}' }`;
  system = await startSystem({ store, config: configOf().replace('pagesPerNight: off', night) });
}, 120_000);
afterAll(async () => {
  await system.stop();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const tocsin = (...args: readonly string[]) =>
  runCommand(args, { env: { TOCSIN_URL: system.url, TOCSIN_API_KEY: KEYS.api }, now: () => Date.now() });

it('a shift is handed over: planned by a Temporal Schedule, a digest by mail, confirmed by text, and the incident changes hands', async () => {
  const { client, booth } = system;
  const { openingId, code } = await openIncident(system, { service: 'payments', name: 'checkout' });
  await codeKnown(system, code);
  await booth.reply(PHONES.alice, `ACK ${code}`);
  await system.until(openingId, 'alice has it', ({ owner }) => owner?.id === 'alice');
  const noted = await tocsin('handoff', 'note', 'payments', 'restart the export', '--by', 'alice');
  expect([noted.code, noted.out]).toEqual([0, 'Noted for the next hand-over of payments.']);

  // Erin has the place from now on.
  const override = { schedule: 'payments', user: 'erin', for: '2h', reason: 'alice is ill', by: 'alice' };
  expect((await system.request('POST', '/v1/overrides', { body: override })).status).toBe(201);

  // Whoever starts sees to the Temporal Schedule; somebody's pause of it stays.
  expect(await ensureHandoffSchedule(client)).toBe('created');
  const schedule = client.schedule.getHandle(HANDOFF_SCHEDULE);
  await schedule.pause('a rehearsal');
  expect(await ensureHandoffSchedule(client)).toBe('updated');
  expect(await schedule.describe()).toMatchObject({
    state: { paused: true, note: 'a rehearsal' },
    spec: { intervals: [{ every: 15 * 60_000 }] },
    policies: { overlap: 'SKIP', catchupWindow: 15 * 60_000 },
    action: { workflowType: HANDOFF_PLANNER_WORKFLOW },
  });

  // It goes by the overrides that are known, two seconds later at most.
  await expect
    .poll(
      async () => {
        await schedule.trigger();
        return (await tocsin('handoff', 'list', '--json')).out.includes('"asked"');
      },
      { timeout: 20_000, interval: 1_000 },
    )
    .toBe(true);
  const listed = JSON.parse((await tocsin('handoff', 'list', '--json')).out) as {
    handoffs: { slot: string; code: string; coming: string; leaving: string }[];
  };
  const handoff = listed.handoffs.find(({ coming }) => coming === 'erin');
  expect(handoff).toMatchObject({ slot: 'primary', leaving: 'alice' });

  await expect
    .poll(() => booth.mails.some(({ to }) => to.includes('erin@example.com')), { timeout: 10_000 })
    .toBe(true);
  const mail = booth.mails.find(({ to }) => to.includes('erin@example.com'));
  expect(mail?.text).toContain(code);
  expect(mail?.text).toContain('restart the export');
  expect(mail?.text).toContain(`HANDOFF ${handoff?.code ?? ''}`);

  await booth.reply(PHONES.erin, `handoff ${handoff?.code ?? ''}`);
  const view = await system.until(openingId, 'erin has it', ({ owner }) => owner?.id === 'erin');
  expect(entriesOf(view, 'taken-over')).toMatchObject([
    { who: 'Erin', from: 'Alice', handover: 'payments', via: 'sms' },
  ]);
  // The hand-over rang nobody.
  expect(booth.calls.filter(({ to }) => to === PHONES.erin || to === PHONES.alice)).toEqual([]);
}, 60_000);
