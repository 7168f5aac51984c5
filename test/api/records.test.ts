import { describe, expect, it } from 'vitest';
import { withRecords } from '../../api/records/recorded-incidents.js';
import type { Rebuilt } from '../../api/records/rebuild.js';
import type { Config } from '../../config/types.js';
import { viewOf } from '../../domain/incident/machine.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { HOUR } from '../../domain/time/instant.js';
import { StoreAway } from '../../store/errors.js';
import type { Records } from '../../store/records.js';
import { plantedConfig } from '../unit/oncall/planted/config.js';
import { incident } from '../unit/incident/fixtures.js';
import { createFakeIncidents } from './support/fake-incidents.js';
import { testConfig } from './support/test-config.js';
import { createTestApp, NOW, OPENING } from './support/test-app.js';

/** A past incident as the store has it. */
function past(): IncidentView {
  const it = incident({ openingId: OPENING });
  it.acknowledge('alice');
  return { ...viewOf(it.state(), 'incident:0123456789abcdef0123'), deadlines: [] };
}

function recordsOf(view: IncidentView | Error): Pick<Records, 'incident' | 'byCode'> {
  return {
    incident: (openingId) =>
      view instanceof Error
        ? Promise.reject(view)
        : Promise.resolve(view.openingId === openingId ? view : null),
    byCode: (code) =>
      view instanceof Error
        ? Promise.reject(view)
        : Promise.resolve(view.code === code ? [{ openingId: view.openingId, view }] : []),
  };
}

const AWAY = new StoreAway('unreachable', 'The store (db.internal:5432) can’t be reached.');

describe('an incident that Temporal has let go of', () => {
  it('is read from its record, by id and by code, with its timeline in every form', async () => {
    const view = past();
    const tocsin = createTestApp({ incidents: withRecords(createFakeIncidents(), recordsOf(view)) });
    for (const id of [OPENING, view.code, view.code.toLowerCase()]) {
      const answer = await tocsin.api('GET', `/v1/incidents/${id}`);
      const record = { asOf: view.timeline.at(-1)?.at };
      expect([answer.statusCode, answer.json()]).toEqual([
        200,
        JSON.parse(JSON.stringify({ ...view, record })),
      ]);
    }
    const exported = await tocsin.api('GET', `/v1/incidents/${view.code}/timeline`);
    expect(exported.json<{ entries: readonly unknown[] }>().entries).toHaveLength(view.timeline.length);
    const markdown = await tocsin.api('GET', `/v1/incidents/${OPENING}/timeline?format=markdown`);
    expect(markdown.body).toContain(view.title);
  });

  it('that was never recorded is a 404, and one that may have been, while the store is away, a 503', async () => {
    const other = `${OPENING.slice(0, -1)}0`;
    const there = createTestApp({ incidents: withRecords(createFakeIncidents(), recordsOf(past())) });
    expect((await there.api('GET', `/v1/incidents/${other}`)).statusCode).toBe(404);
    const away = createTestApp({ incidents: withRecords(createFakeIncidents(), recordsOf(AWAY)) });
    const answer = await away.api('GET', `/v1/incidents/${OPENING}`);
    expect([answer.statusCode, answer.json()]).toMatchObject([503, { error: { code: 'store-away' } }]);
    expect(answer.body).not.toContain('db.internal');
    for (const url of ['/v1/incidents/7XYF', '/v1/incidents/7XYF/timeline']) {
      const byCode = await away.api('GET', url);
      expect([byCode.statusCode, byCode.json()]).toMatchObject([503, { error: { code: 'store-away' } }]);
    }
    expect((await there.api('GET', '/v1/incidents/ZZZZ')).statusCode).toBe(404);
    // Whoever replies to a code hears that it is unknown, at once.
    expect(await withRecords(createFakeIncidents(), recordsOf(AWAY)).byCode('7XYF')).toEqual([]);
  });

  it('is asked for only when Temporal does not have it', async () => {
    const incidents = createFakeIncidents();
    const live = { ...past(), title: 'as it is now' };
    incidents.views.set(OPENING, live);
    const tocsin = createTestApp({ incidents: withRecords(incidents, recordsOf(AWAY)) });
    expect((await tocsin.api('GET', `/v1/incidents/${OPENING}`)).json()).toMatchObject({
      title: 'as it is now',
    });
  });
});

describe('POST /v1/records/rebuild', () => {
  const none = (): Promise<never[]> => Promise.resolve([]);

  it('says what came of a page, and where to go on', async () => {
    const asked: (string | undefined)[] = [];
    const answer: Rebuilt = {
      ...{ there: 7, added: 2, entries: 31, next: 'abc' },
      unreadable: [{ workflowId: 'incident:x', why: 'because' }],
    };
    const rebuild = (cursor?: string): Promise<Rebuilt> => {
      asked.push(cursor);
      return Promise.resolve(answer);
    };
    const tocsin = createTestApp({ records: { rebuild, pages: none } });
    const first = await tocsin.api('POST', '/v1/records/rebuild');
    expect([first.statusCode, first.json()]).toEqual([200, answer]);
    await tocsin.api('POST', '/v1/records/rebuild', { cursor: 'abc' });
    expect(asked).toEqual([undefined, 'abc']);
    expect((await tocsin.api('POST', '/v1/records/rebuild', { cursor: 7 })).statusCode).toBe(400);
  });

  it('says so where there is no store', async () => {
    const tocsin = createTestApp();
    const answer = await tocsin.api('POST', '/v1/records/rebuild', {});
    expect([answer.statusCode, answer.json()]).toMatchObject([503, { error: { code: 'no-store' } }]);
  });
});

/** Schedules with alice and others, behind the keys of the tests. */
const config: Config = { ...(await plantedConfig()), apiKeys: testConfig().apiKeys };

describe('GET /v1/fairness', () => {
  interface Answer {
    readonly people: readonly {
      readonly userId: string;
      readonly pages?: number;
      readonly nightPages?: number;
    }[];
  }
  const rebuild = (): Promise<never> => Promise.reject(new Error('Not asked for.'));
  const page = (userId: string, openingId: string, at: number) => ({ userId, openingId, at });

  it('counts the incidents that paged each person, and those of their nights, once each', async () => {
    const night = NOW - 8 * HOUR;
    let span: { readonly from: number; readonly to: number } | undefined;
    const tocsin = createTestApp({
      config: () => config,
      records: {
        rebuild,
        pages: (asked) => {
          span = asked;
          return Promise.resolve([
            page('alice', 'one', night),
            page('alice', 'one', night + 60_000),
            page('alice', 'one', NOW - HOUR),
            page('alice', 'two', NOW - HOUR),
            page('nobody', 'two', NOW - HOUR),
          ]);
        },
      },
    });
    const { people } = (await tocsin.api('GET', '/v1/fairness')).json<Answer>();
    expect(span?.to).toBe(NOW);
    const alice = people.find(({ userId }) => userId === 'alice');
    expect(alice).toMatchObject({ pages: 2, nightPages: 1 });
    for (const other of people.filter(({ userId }) => userId !== 'alice'))
      expect(other).toMatchObject({ pages: 0, nightPages: 0 });
  });

  it('leaves the counts out where there are no records, or they can’t be read', async () => {
    for (const records of [undefined, { rebuild, pages: () => Promise.reject(AWAY) }]) {
      const tocsin = createTestApp({ config: () => config, ...(records === undefined ? {} : { records }) });
      const answer = await tocsin.api('GET', '/v1/fairness');
      expect(answer.statusCode).toBe(200);
      const { people } = answer.json<Answer>();
      expect(people.length).toBeGreaterThan(1);
      for (const each of people) expect(each).not.toHaveProperty('pages');
    }
  });
});
