import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApiClient } from '../../../cli/api-client.js';
import { listFrame } from '../../../cli/watch/list-view.js';
import { listChanges, type Followed } from '../../../cli/watch/followed.js';
import { listSource, type Source } from '../../../cli/watch/sources.js';
import { summaryOf } from '../../api/support/incidents-of-the-tests.js';
import { recording } from '../../support/command-line.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const POLL = { timeout: 15_000, interval: 50 };
const { context } = recording();

type Summary = ReturnType<typeof summaryOf>;

/** The incident that opened as number so-and-so: the highest stands in front. */
const numbered = (number: number, changes: Partial<Summary> = {}): Summary =>
  summaryOf({ openingId: `o${number}`, startedAt: 1_000_000 + number, ...changes });
const openFrom = (first: number, last: number): Summary[] =>
  Array.from({ length: last - first + 1 }, (_, index) => numbered(last - index));

/** An API with this list, page by page as GET /v1/incidents gives it: the cursor names the last of the page before. */
interface Api {
  readonly url: string;
  list: readonly Summary[];
  readonly asked: string[];
  notModified: number;
}

async function startApi(list: readonly Summary[]): Promise<Api> {
  const server = createServer((request, response) => {
    api.asked.push(request.url ?? '');
    const query = new URL(request.url ?? '', api.url).searchParams;
    const [limit, cursor] = [Number(query.get('limit')), query.get('cursor')];
    if (limit < 1 || limit > 100) return void response.writeHead(400).end();
    const from = cursor === null ? 0 : api.list.findIndex(({ openingId }) => openingId === cursor) + 1;
    const incidents = api.list.slice(from, from + limit);
    const next = from + limit < api.list.length ? incidents.at(-1)?.openingId : undefined;
    const text = JSON.stringify({ incidents, ...(next === undefined ? {} : { next }) });
    const etag = `"${Buffer.from(text).toString('base64url')}"`.replace(/^(.{2000}).*(.{40})$/, '$1$2');
    if (request.headers['if-none-match'] === etag) {
      api.notModified += 1;
      return void response.writeHead(304, { etag }).end();
    }
    response.writeHead(200, { 'content-type': 'application/json', etag }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api: Api = { url, list, asked: [], notModified: 0 };
  return api;
}

async function sourceOf(api: Api, limit: number): Promise<Source<Followed>> {
  const env = { TOCSIN_URL: api.url, TOCSIN_API_KEY: 'k' };
  return listSource(await createApiClient({}, { ...context, env }), { limit });
}

/** What is told after each look, as `opened o51`. */
async function follow(api: Api, limit: number) {
  const source = await sourceOf(api, limit);
  let shown: Followed | null = null;
  return {
    shown: () => shown,
    look: async (): Promise<readonly string[]> => {
      const before = shown;
      const now = await source.news();
      if (now === null) return [];
      shown = now;
      return listChanges(before, now).map(({ change, incident }) => `${change} ${incident.openingId}`);
    },
  };
}

describe('a list of several pages', () => {
  it('is followed to its end: what a new one pushes to the next page is not gone, also in JSON lines', async () => {
    const api = await startApi(openFrom(1, 50));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'cli/main.ts'), 'watch', '--every', '500ms', '--json'],
      { cwd: ROOT, env: { ...process.env, TOCSIN_URL: api.url, TOCSIN_API_KEY: 'k' } },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    const told = (): readonly string[] =>
      out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { change: string; incident: { openingId: string } })
        .map(({ change, incident }) => `${change} ${incident.openingId}`);
    await expect.poll(told, POLL).toHaveLength(50);
    api.list = openFrom(1, 51);
    await expect.poll(told, POLL).toHaveLength(51);
    api.list = openFrom(1, 130);
    await expect.poll(told, POLL).toHaveLength(130);
    api.list = api.list.filter(({ openingId }) => openingId !== 'o1');
    await expect.poll(told, POLL).toHaveLength(131);
    expect(told()[50]).toBe('opened o51');
    expect(
      told()
        .slice(51, 130)
        .every((line) => line.startsWith('opened ')),
    ).toBe(true);
    expect(told().at(-1)).toBe('gone o1');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }, 40_000);

  it('tells what changes on a later page while the first stays as it is, and asks each page with its own tag', async () => {
    const api = await startApi(openFrom(1, 250));
    const { look } = await follow(api, 1_000);
    expect(await look()).toHaveLength(250);
    expect(api.asked).toHaveLength(3);
    expect(await look()).toEqual([]);
    expect(api.notModified).toBe(3);
    api.list = api.list.map((one) => (one.openingId === 'o7' ? numbered(7, { owner: 'alice' }) : one));
    expect(await look()).toEqual(['changed o7']);
    expect(api.notModified).toBe(5);
    api.list = api.list.filter(({ openingId }) => openingId !== 'o7');
    expect(await look()).toEqual(['gone o7']);
  });

  it('says of none beyond the limit that it is gone or new', async () => {
    const api = await startApi(openFrom(1, 30));
    const { look, shown } = await follow(api, 20);
    expect((await look()).at(-1)).toBe('open o11');
    expect(listFrame(shown() ?? { incidents: [], isWhole: true, outOfSight: [] }, true, context)).toContain(
      'There are more: the first 20 are followed',
    );
    api.list = openFrom(1, 32);
    expect(await look()).toEqual(['opened o32', 'opened o31']);
    // Pushed off the end, changed there, and back in sight: neither gone nor new.
    api.list = [...openFrom(13, 30), numbered(12, { phase: 'mitigated' }), ...openFrom(1, 11)];
    expect(await look()).toEqual(['changed o12']);
    // Never seen, but older than the last that was followed: it was there.
    api.list = openFrom(1, 28).filter(({ openingId }) => openingId !== 'o20');
    expect(await look()).toEqual(['changed o12', 'open o10', 'open o9', 'open o8']);
    // Now the list is whole: what is missing is gone, also of those out of sight.
    api.list = openFrom(11, 28);
    const gone = [32, 31, 30, 29, 10, 9, 8].map((number) => `gone o${number}`);
    expect([...(await look())].sort()).toEqual(gone.sort());
    expect(shown()?.isWhole).toBe(true);
  });

  it('asks for no more than the limit, and for 20 pages at most', async () => {
    const api = await startApi(openFrom(1, 1_200));
    const { look, shown } = await follow(api, 1_000);
    expect(await look()).toHaveLength(1_000);
    expect(api.asked).toHaveLength(10);
    expect(shown()?.isWhole).toBe(false);

    const sparse = await startApi(openFrom(1, 50));
    const { asked } = sparse;
    const short = await follow(sparse, 1);
    expect(await short.look()).toEqual(['open o50']);
    expect(asked).toEqual(['/v1/incidents?limit=1&open=true']);
  });
});
