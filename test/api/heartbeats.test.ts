import { describe, expect, it } from 'vitest';
import type { AppDeps } from '../../api/deps.js';
import { createHeartbeatDesk } from '../../api/heartbeats/desk.js';
import type { HeartbeatWorkflows } from '../../api/heartbeats/heartbeat-workflows.js';
import { createHeartbeatIntake } from '../../api/heartbeats/intake.js';
import { countedHeartbeats } from '../../api/heartbeats/metrics.js';
import { TemporalUnavailable } from '../../api/incidents/incidents.js';
import type { Heartbeat } from '../../config/types.js';
import type { HeartbeatMemo } from '../../domain/heartbeat/heartbeat.js';
import { DAY, HOUR, MINUTE } from '../../domain/time/instant.js';
import { StoreAway } from '../../store/errors.js';
import { Registry } from 'prom-client';
import { createFakeIncidents } from './support/fake-incidents.js';
import { createTestApp, NOW, type TestApp } from './support/test-app.js';
import { API_KEY, testConfig } from './support/test-config.js';

const KEY = 'b6d1f0a2c4e8b6d1f0a2c4e8';
const NIGHTLY: Heartbeat = {
  key: KEY,
  settings: {
    id: 'nightly-backup',
    service: 'payments',
    severity: null,
    everyMs: 24 * HOUR,
    graceMs: HOUR,
    zone: 'Europe/Berlin',
  },
};

interface World extends TestApp {
  /** The store; null: none, or away. */
  readonly stored: Map<string, number>;
  readonly signalled: number[];
  readonly statements: number[];
  memo: HeartbeatMemo | null;
  storeAway: boolean;
  temporalAway: boolean;
  registry: Registry;
}

function world(options: { readonly store?: boolean } = {}): World {
  const config = { ...testConfig(), heartbeats: [NIGHTLY] };
  const stored = new Map<string, number>();
  const signalled: number[] = [];
  const statements: number[] = [];
  const registry = new Registry();
  const check = (): void => {
    if (made.temporalAway) throw new TemporalUnavailable('temporal', 'test');
  };
  const workflows: HeartbeatWorkflows = {
    beat: async (_settings, { at }) => {
      await Promise.resolve();
      check();
      signalled.push(at);
    },
    ensure: () => Promise.resolve(),
    end: () => Promise.resolve(),
    running: async () => {
      await Promise.resolve();
      check();
      return new Map(made.memo === null ? [] : [['nightly-backup', made.memo]]);
    },
  };
  const ask = async <T>(work: () => T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (made.storeAway) throw new StoreAway('unreachable', 'gone');
    return work();
  };
  const beats = {
    record: (batch: ReadonlyMap<string, number>) =>
      ask(() => {
        statements.push(batch.size);
        for (const [id, at] of batch) stored.set(id, at);
      }),
    last: (id: string) => ask(() => stored.get(id) ?? null),
    all: () => ask(() => new Map(stored)),
  };
  const desk = countedHeartbeats(
    registry,
    createHeartbeatDesk({
      config: () => config,
      workflows,
      ...(options.store === false ? {} : { beats }),
      now: () => NOW,
      log: { warn: () => undefined },
    }),
    () => NOW,
  );
  const changes: Partial<AppDeps> = { config: () => config, heartbeats: desk };
  const made: World = {
    ...createTestApp(changes),
    stored,
    signalled,
    statements,
    registry,
    memo: null,
    storeAway: false,
    temporalAway: false,
  };
  return made;
}

const POST = { method: 'POST', url: `/v1/heartbeats/${KEY}` } as const;

describe('a beat', () => {
  it.each(['POST', 'GET'] as const)(
    'by %s is in the store before the 202, at the time of its arrival',
    async (method) => {
      const { app, stored, signalled } = world();
      const answer = await app.inject({ method, url: POST.url });
      expect(answer.statusCode).toBe(202);
      expect(answer.json()).toEqual({ heartbeat: 'nightly-backup', at: NOW, dueAt: NOW + 25 * HOUR });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect([...stored]).toEqual([['nightly-backup', NOW]]);
      expect(signalled).toEqual([]);
    },
  );

  it('by HEAD is none: previews ask so', async () => {
    const { app, stored } = world();
    const answer = await app.inject({ method: 'HEAD', url: POST.url });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('POST, GET');
    expect(stored.size).toBe(0);
  });

  it('may have a body of any kind, up to 10 kB, that says nothing', async () => {
    const { app, stored } = world();
    for (const [type, payload] of [
      ['text/plain', 'exit 0'],
      ['application/json', '{"at": "2031-01-01T00:00:00Z"'],
      ['application/x-www-form-urlencoded', 'a'.repeat(10 * 1024)],
    ] as const) {
      const answer = await app.inject({ ...POST, headers: { 'content-type': type }, payload });
      expect(answer.statusCode, type).toBe(202);
    }
    expect(stored.get('nightly-backup')).toBe(NOW);
    const large = await app.inject({
      ...POST,
      headers: { 'content-type': 'text/plain' },
      payload: 'a'.repeat(10 * 1024 + 1),
    });
    expect(large.statusCode).toBe(413);
    expect(large.json<{ error: { message: string; remedy: string } }>().error).toMatchObject({
      message: expect.stringContaining('10 kB') as string,
      remedy: expect.stringContaining('without a body') as string,
    });
  });

  it('by the id, with the key as bearer token', async () => {
    const { app, stored } = world();
    const url = '/v1/heartbeats/nightly-backup';
    const by = (authorization: string) => app.inject({ method: 'POST', url, headers: { authorization } });
    expect((await by(`Bearer ${KEY}`)).statusCode).toBe(202);
    expect(stored.size).toBe(1);
    const wrong = await by(`Bearer ${API_KEY}`);
    expect(wrong.statusCode).toBe(401);
    expect(wrong.json()).toMatchObject({ error: { code: 'wrong-key' } });
  });

  it.each([`/v1/heartbeats/${KEY}x`, '/v1/heartbeats/nightly-backup', `/v1/heartbeats/${API_KEY}`])(
    'for %s: 404 with what to do, and nothing kept',
    async (url) => {
      const { app, stored, logged } = world();
      const answer = await app.inject({ method: 'POST', url });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({
        error: {
          code: 'heartbeat-not-found',
          remedy: expect.stringContaining('heartbeats.<id>.key') as string,
        },
      });
      expect(stored.size).toBe(0);
      expect(logged.join('')).not.toContain(KEY);
    },
  );

  it('goes to Temporal while the store is away, and to nobody while both are: 503, to be sent again', async () => {
    const made = world();
    made.storeAway = true;
    expect((await made.app.inject(POST)).statusCode).toBe(202);
    expect(made.signalled).toEqual([NOW]);
    made.temporalAway = true;
    const answer = await made.app.inject(POST);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json()).toMatchObject({ error: { code: 'temporal-unavailable' } });
    made.storeAway = false;
    expect((await made.app.inject(POST)).statusCode).toBe(202);
  });

  it('without a store goes to Temporal', async () => {
    const { app, signalled } = world({ store: false });
    expect((await app.inject(POST)).statusCode).toBe(202);
    expect(signalled).toEqual([NOW]);
  });

  it('a hundred at once are two statements', async () => {
    const { app, statements } = world();
    const answers = await Promise.all(Array.from({ length: 100 }, () => app.inject(POST)));
    expect(answers.every(({ statusCode }) => statusCode === 202)).toBe(true);
    expect(statements.length).toBeLessThanOrEqual(2);
  });

  it('is counted, and its age told', async () => {
    const made = world();
    await made.app.inject(POST);
    made.storeAway = true;
    await made.app.inject(POST);
    made.temporalAway = true;
    await made.app.inject(POST);
    const text = await made.registry.metrics();
    for (const way of ['stored', 'signalled', 'refused'])
      expect(text).toContain(`tocsin_heartbeat_beats_total{heartbeat="nightly-backup",way="${way}"} 1`);
    expect(text).toContain('tocsin_heartbeat_last_beat_age_seconds{heartbeat="nightly-backup"} 0');
    expect(text).not.toContain(KEY);
  });
});

describe('the list', () => {
  it('joins what the workflow says with the last beat in the store', async () => {
    const made = world();
    const list = async (): Promise<unknown> => {
      const answer = await made.api('GET', '/v1/heartbeats');
      expect(answer.statusCode).toBe(200);
      return answer.json<{ heartbeats: unknown[] }>().heartbeats[0];
    };
    expect(await list()).toEqual({
      id: 'nightly-backup',
      service: 'payments',
      severity: null,
      everyMs: 24 * HOUR,
      graceMs: HOUR,
      state: 'unknown',
      lastBeat: null,
      dueAt: null,
      missedAt: null,
    });
    made.memo = { settings: NIGHTLY.settings, phase: 'waiting', missedAt: null, beat: null };
    expect(await list()).toMatchObject({ state: 'waiting' });
    made.stored.set('nightly-backup', NOW - HOUR);
    expect(await list()).toMatchObject({ state: 'beating', lastBeat: NOW - HOUR, dueAt: NOW + 24 * HOUR });
    made.memo = { settings: NIGHTLY.settings, phase: 'missed', missedAt: NOW - MINUTE, beat: null };
    expect(await list()).toMatchObject({ state: 'missed', missedAt: NOW - MINUTE, dueAt: null });
    made.storeAway = true;
    made.memo = { ...made.memo, beat: NOW - DAY };
    expect(await list()).toMatchObject({ lastBeat: NOW - DAY });
    made.temporalAway = true;
    expect((await made.api('GET', '/v1/heartbeats')).statusCode).toBe(503);
  });

  it('needs an API key', async () => {
    const { app } = world();
    expect((await app.inject({ url: '/v1/heartbeats' })).statusCode).toBe(401);
  });
});

describe('the alert about a heartbeat', () => {
  it('comes in like any other: routed, with the words, one key; the next beat resolves it', async () => {
    const incidents = createFakeIncidents();
    const tell = createHeartbeatIntake({ incidents, config: testConfig, now: () => NOW });
    const beat = NOW - 26 * HOUR;
    const dueAt = beat + 25 * HOUR;
    await tell(NIGHTLY.settings, {
      type: 'fire',
      dueAt,
      beat,
      clockFrom: beat - DAY,
      storeAwaySince: null,
    });
    const [opened] = incidents.taken;
    expect(opened?.input).toMatchObject({
      title: 'heartbeat nightly-backup missed: last beat Mon 23 Nov, 09:00 CET, expected every 24 h (+1 h)',
      source: 'heartbeat',
      severity: 'SEV1',
      resolves: true,
    });
    expect(opened?.input.plan.service.id).toBe('payments');
    expect(opened?.batch.alerts).toMatchObject([{ status: 'firing', startsAt: dueAt }]);
    await tell(NIGHTLY.settings, { type: 'resolve', dueAt, beat: NOW });
    const [resolved] = incidents.resolvedBatches;
    expect(resolved?.key).toBe(opened?.input.key);
    expect(resolved?.batch.alerts[0]).toMatchObject({
      status: 'resolved',
      fingerprint: opened?.batch.alerts[0]?.fingerprint,
    });
  });

  it('says a time of today without the day, that nothing ever beat, and why it is not sure', async () => {
    const incidents = createFakeIncidents();
    const tell = createHeartbeatIntake({ incidents, config: testConfig, now: () => NOW });
    const settings = { ...NIGHTLY.settings, everyMs: 90 * MINUTE, graceMs: 0 };
    const fire = { type: 'fire', dueAt: NOW, clockFrom: NOW - 2 * HOUR } as const;
    await tell(settings, { ...fire, beat: NOW - 2 * HOUR, storeAwaySince: NOW - HOUR });
    await tell(settings, { ...fire, beat: null, storeAwaySince: null });
    expect(incidents.taken.map(({ input }) => input.title)).toEqual([
      'heartbeat nightly-backup missed: last beat 09:00 CET, expected every 1 h 30 min; the store could not be asked for later ones since 10:00 CET',
      'heartbeat nightly-backup missed: no beat since 09:00 CET, expected every 1 h 30 min',
    ]);
  });
});
