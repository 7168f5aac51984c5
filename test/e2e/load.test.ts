import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { timelineWords } from '../../domain/messages/timeline-words.js';
import { HOUR } from '../../domain/time/instant.js';
import { configOf, KEYS, PHONES } from '../support/running-system.js';
import { buildTocsin, createTocsinHome, type TocsinHome } from '../support/tocsin-process.js';

let home: TocsinHome;

/** So many hours from now, as a clock in UTC shows it. */
const clock = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString().slice(11, 16);

beforeAll(async () => {
  await buildTocsin();
  // It is the middle of the night, whenever this runs, and one incident is enough.
  const limits = `limits: { pagesPerNight: 1, night: { from: "${clock(-6)}", to: "${clock(6)}" } }`;
  home = await createTocsinHome(configOf({ ackTimeout: '60s' }).replace(/^limits: .*$/m, limits));
}, 240_000);
afterAll(() => home?.remove());

async function open(key: string): Promise<() => Promise<IncidentView>> {
  const { status } = await home.request('POST', '/v1/alerts/generic', {
    key: KEYS.generic,
    body: { key, summary: `${key} is down`, service: 'payments', severity: 'critical', status: 'firing' },
  });
  expect(status).toBe(202);
  const find = async (): Promise<string | undefined> => {
    const { body } = await home.request('GET', '/v1/incidents?open=true');
    const list = (body as { incidents: { openingId: string; title: string }[] }).incidents;
    return list.find(({ title }) => title === `${key} is down`)?.openingId;
  };
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  const id = (await find()) ?? '';
  return async () => (await home.request('GET', `/v1/incidents/${id}`)).body as IncidentView;
}

const words = (view: IncidentView): readonly string[] => view.timeline.map((entry) => timelineWords(entry));
const paged = (view: IncidentView): readonly string[] => view.paged.map(({ userId }) => userId);

test('the second incident of a night goes to the next tier first, and what was counted outlives a kill -9', async () => {
  const { booth } = home;
  const first = await home.start();
  const disk = await open('disk');
  await booth.nextSms({ to: PHONES.alice, about: 'disk' });
  await expect.poll(async () => (await disk()).timeline.some(({ type }) => type === 'sent')).toBe(true);

  const queue = await open('queue');
  const call = await booth.nextCall({ to: PHONES.bob });
  expect((await call.answer()).join(' ')).toContain('queue is down');
  expect(words(await queue())).toContain(
    'secondary is paged before primary: Alice was paged for 1 incident tonight (limit 1)',
  );
  expect(paged(await queue())).toEqual(['bob']);
  expect((await queue()).deadlines.find(({ name }) => name === 'ack')?.label).toBe(
    'ack timeout: Bob (secondary), then primary, past their limit tonight',
  );
  // Erin will read it in the morning.
  await expect
    .poll(() => readFile(join(home.directory, 'data', 'tocsin.log'), 'utf8'), { timeout: 10_000 })
    .toContain('others were asked first');
  expect((await queue()).timeline.some(({ type }) => type === 'problem')).toBe(false);

  // What is counted is in the store soon after that is open, and from there in the file of what was known last.
  await expect
    .poll(() => readFile(join(home.directory, 'data', 'page-counts.json'), 'utf8').catch(() => ''), {
      timeout: 40_000,
    })
    .toMatch(/alice.*bob/);
  await first.kill();
  await home.start();
  const login = await open('login');
  await booth.nextSms({ to: PHONES.alice, about: 'login', timeoutMs: 20_000 });
  // Bob had his by now, so the order stays: nobody is dropped.
  expect(words(await login())).toContain(
    'Alice was paged for 1 incident tonight (limit 1); paged all the same, since Bob was paged for 1 incident tonight (limit 1) as secondary',
  );
}, 120_000);
