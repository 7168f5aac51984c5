import { describe, expect, it } from 'vitest';
import type { Change, ShownOverride } from '../../api/schedules/schemas.js';
import type { OnCallSpan } from '../../domain/oncall/on-call.js';
import { createTestApp } from '../api/support/test-app.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';
import { schedulesApp, type SchedulesApp } from './support/schedules-app.js';

const postgres = postgresOfFile();
/** The store's own suite runs on both kinds. */
const embedded = embeddedOfFile();
const place = (): Promise<Place> => freshDatabase(postgres());

/** Tuesday 24 November 2026 in Berlin; the app's clock stands at 11:00 there. */
const berlin = (time: string): number => Date.parse(`2026-11-24T${time}:00+01:00`);

/** Fay instead of whoever is primary, this afternoon. */
const AFTERNOON = {
  schedule: 'payments',
  user: 'fay',
  from: '2026-11-24 12:00',
  to: '2026-11-24T18:00+01:00',
  reason: 'the dentist',
  by: 'alice',
};

const who = (spans: readonly Pick<OnCallSpan, 'primary' | 'secondary'>[]) =>
  spans.map(({ primary, secondary }) => `${primary ?? 'nobody'}/${secondary ?? 'nobody'}`);

async function make(app: SchedulesApp, changes: object = {}, headers: Record<string, string> = {}) {
  const answer = await app.api('POST', '/v1/overrides', { ...AFTERNOON, ...changes }, headers);
  return { status: answer.statusCode, body: answer.json<Change>(), error: answer.json<ErrorAnswer>().error };
}

interface ErrorAnswer {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly problems: readonly { readonly path: string; readonly message: string }[];
  };
}

async function primaryAt(app: SchedulesApp, at: string): Promise<unknown> {
  const answer = await app.api('GET', `/v1/oncall?at=${encodeURIComponent(at)}`);
  return answer.json<{ schedules: readonly { primary: unknown }[] }>().schedules[0]?.primary;
}

describe('overrides over HTTP', () => {
  it('are made, count at once for pages and whoever asks, and are in the audit', async () => {
    const store = await opened(await place());
    const app = await schedulesApp(store);
    const { status, body } = await make(app);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      dryRun: false,
      sentence: 'fay is primary of payments from Tue 24 Nov, 12:00 CET until Tue 24 Nov, 18:00 CET.',
      zone: 'Europe/Berlin',
      overrides: [{ user: 'fay', slot: 'primary', from: berlin('12:00'), to: berlin('18:00'), by: 'alice' }],
      conflicts: [],
      warnings: [],
    });
    expect(who(body.before)).toEqual(['alice/bob']);
    expect(who(body.after)).toEqual(['fay/bob']);
    // In this process nobody waits for the next look.
    expect(app.known.current().overrides.map(({ userId }) => userId)).toEqual(['fay']);
    expect(await primaryAt(app, '2026-11-24T11:59')).toBe('alice');
    expect(await primaryAt(app, '2026-11-24T12:00')).toBe('fay');
    const [override] = body.overrides;
    // What the API foresees for an incident is what the worker would find.
    app.clock.at = berlin('12:00');
    await app.api('POST', '/v1/incidents', { title: 'it burns', service: 'other', severity: 'SEV1' });
    expect(app.incidents.declared[0]?.foreseen?.[0]?.found.people).toMatchObject([
      { userId: 'fay', via: 'primary of payments' },
    ]);
    expect((await store.audit.list({ limit: 10 })).entries).toMatchObject([
      {
        actor: 'alice',
        action: 'override.add',
        subject: { kind: 'override', id: override?.id },
        via: 'api',
        address: '127.0.0.1',
        before: null,
        after: { userId: 'fay' },
      },
    ]);
    expect((await app.api('GET', `/v1/overrides/${override?.id ?? ''}`)).json()).toEqual(override);
  });

  it('show beforehand what they would change, and change nothing', async () => {
    const app = await schedulesApp(await opened(await place()));
    const { status, body } = await make(app, { dryRun: true });
    expect([status, body.dryRun, who(body.before), who(body.after)]).toEqual([
      200,
      true,
      ['alice/bob'],
      ['fay/bob'],
    ]);
    expect(body.sentence).toMatch(/^Nothing was changed\./);
    expect((await app.api('GET', '/v1/overrides')).json()).toEqual({ overrides: [] });
    // The dentist of bob's: he is not primary then.
    const { body: useless } = await make(app, { dryRun: true, insteadOf: 'bob' });
    expect(useless.warnings).toMatchObject([{ code: 'changes-nothing' }]);
  });

  it('that would end others are refused with their names, unless they are to', async () => {
    const app = await schedulesApp(await opened(await place()));
    const { body: first } = await make(app);
    const later = { user: 'erin', from: '2026-11-24 15:00', to: '2026-11-24 20:00', reason: 'tired' };
    const { status, error } = await make(app, later);
    expect([status, error.code]).toEqual([409, 'override-conflict']);
    expect(error.problems).toMatchObject([
      {
        path: 'from',
        message: `${first.overrides[0]?.id ?? ''}: fay is primary of payments from Tue 24 Nov, 12:00 CET until Tue 24 Nov, 18:00 CET (made by alice: the dentist).`,
      },
    ]);
    expect(error.remedy).toContain('--force');
    const dry = await make(app, { ...later, dryRun: true });
    expect([dry.status, dry.body.conflicts.map(({ user }) => user)]).toEqual([200, ['fay']]);
    expect(await primaryAt(app, '2026-11-24 16:00')).toBe('fay');
    const forced = await make(app, { ...later, force: true });
    expect([forced.status, forced.body.conflicts.map(({ user }) => user)]).toEqual([201, ['fay']]);
    expect(await primaryAt(app, '2026-11-24 14:00')).toBe('fay');
    expect(await primaryAt(app, '2026-11-24 16:00')).toBe('erin');
  });

  it('of two people at the same moment: one is made, the other hears of it', async () => {
    const app = await schedulesApp(await opened(await place()));
    const made = await Promise.all([make(app), make(app, { user: 'erin' })]);
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('count once for an Idempotency-Key, which nothing else may use', async () => {
    const app = await schedulesApp(await opened(await place()));
    const key = { 'idempotency-key': 'mine' };
    // From now on, for so long: the same request a second later is still the same.
    const relative = { from: undefined, to: undefined, for: '8h' };
    const first = await make(app, relative, key);
    app.clock.at += 1_000;
    const again = await make(app, relative, key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect((await make(app, { ...relative, user: 'erin' }, key)).error.code).toBe('idempotency-key-reused');
    expect((await make(app, { ...relative, for: '9h' }, key)).error.code).toBe('idempotency-key-reused');
    expect((await app.api('GET', '/v1/overrides')).json<{ overrides: unknown[] }>().overrides).toHaveLength(
      1,
    );
  });

  it('that cannot be are refused with where and why', async () => {
    const app = await schedulesApp(await opened(await place()));
    const refused = async (changes: object) => {
      const { status, error } = await make(app, changes);
      return [status, error.code, ...error.problems.map(({ path, message }) => `${path}: ${message}`)];
    };
    expect(await refused({ to: '2026-11-24 12:00' })).toEqual([
      400,
      'invalid-override',
      'to: Expected a time after `from`.',
    ]);
    expect(await refused({ from: '2026-11-23', to: '2026-11-24 10:59' })).toEqual([
      400,
      'invalid-override',
      'to: It is over already: expected a time to come.',
    ]);
    expect(await refused({ to: '2028-01-01' })).toEqual([
      400,
      'invalid-override',
      'to: Expected at most 366 days.',
    ]);
    expect(await refused({ schedule: 'paymnts' })).toEqual([
      400,
      'unknown-schedule',
      'schedule: Expected the id of a schedule, found "paymnts".',
    ]);
    expect(await refused({ user: 'zoe', insteadOf: 'yan' })).toEqual([
      400,
      'unknown-user',
      'user: Expected the id of a user, found "zoe".',
      'insteadOf: Expected the id of a user, found "yan".',
    ]);
    expect(await refused({ from: '2026-02-30', to: 'soon' })).toEqual([
      400,
      'invalid-body',
      expect.stringMatching(/^from: Expected a time such as .* found "2026-02-30"\.$/),
      expect.stringMatching(/^to: Expected a time such as .* found "soon"\.$/),
    ]);
    expect(await refused({ for: '8h' })).toEqual([400, 'invalid-body', 'to: Expected either `to` or `for`.']);
    expect(await refused({ insteadOf: 'fay' })).toEqual([
      400,
      'invalid-body',
      'insteadOf: Expected somebody else than `user`.',
    ]);
    expect(await refused({ by: 'zoe' })).toContain('unknown-user');
    expect((await app.api('GET', '/v1/overrides?cancelled=true')).json()).toEqual({ overrides: [] });
  });

  it('put nobody on call who has no way to be paged', async () => {
    const findPeople = () => ({ people: [], problems: ['Fay has no way to be paged'] });
    const app = await schedulesApp(await opened(await place()), { findPeople });
    const { status, error } = await make(app);
    expect([status, error.code, error.problems]).toEqual([
      400,
      'nobody-reachable',
      [{ path: 'user', message: 'fay has no way to be paged.' }],
    ]);
  });

  it('that began already begin now: what has been stays', async () => {
    const app = await schedulesApp(await opened(await place()));
    const { body } = await make(app, { from: '2026-11-24 08:00' });
    expect(body.overrides[0]?.from).toBe(berlin('11:00'));
    expect(await primaryAt(app, '2026-11-24 10:00')).toBe('alice');
  });

  it('are taken back: from then on they do not count, and doing it twice is fine', async () => {
    const app = await schedulesApp(await opened(await place()));
    const { body } = await make(app);
    const id = body.overrides[0]?.id ?? '';
    app.clock.at = berlin('14:00');
    const dry = (await app.api('POST', `/v1/overrides/${id}/cancel`, { dryRun: true })).json<Change>();
    expect([who(dry.before), who(dry.after), dry.dryRun]).toEqual([['fay/bob'], ['alice/bob'], true]);
    expect(await primaryAt(app, '2026-11-24 15:00')).toBe('fay');
    const done = await app.api('POST', `/v1/overrides/${id}/cancel`, { by: 'bob' });
    expect(done.json<Change>().overrides).toMatchObject([
      { id, cancelledAt: berlin('14:00'), cancelledBy: 'bob' },
    ]);
    const again = await app.api('POST', `/v1/overrides/${id}/cancel`);
    expect([again.statusCode, again.json<Change>().overrides]).toEqual([200, done.json<Change>().overrides]);
    expect(await primaryAt(app, '2026-11-24 13:59')).toBe('fay');
    expect(await primaryAt(app, '2026-11-24 14:00')).toBe('alice');
    expect((await app.api('POST', '/v1/overrides/ov-none/cancel')).json<ErrorAnswer>().error.code).toBe(
      'override-not-found',
    );
    const { body: other } = await make(app, { from: '2026-11-24 15:00', to: '2026-11-24 16:00' });
    app.clock.at = berlin('16:00');
    const over = await app.api('POST', `/v1/overrides/${other.overrides[0]?.id ?? ''}/cancel`);
    expect([over.statusCode, over.json<ErrorAnswer>().error.code]).toEqual([409, 'override-over']);
  });

  it('are listed in pages, by filters', async () => {
    const app = await schedulesApp(await opened(await place()));
    const hours = [12, 13, 14, 15, 16];
    for (const hour of hours)
      await make(app, {
        user: hour === 14 ? 'erin' : 'fay',
        from: `2026-11-24 ${hour}:00`,
        to: `2026-11-24 ${hour + 1}:00`,
      });
    interface Page {
      readonly overrides: readonly ShownOverride[];
      readonly next?: string;
    }
    const list = async (query: string) => (await app.api('GET', `/v1/overrides?${query}`)).json<Page>();
    const seen: number[] = [];
    let page = await list('limit=2');
    for (let pages = 0; pages < 3; pages += 1) {
      seen.push(...page.overrides.map(({ from }) => from));
      if (page.next === undefined) break;
      page = await list(`limit=2&cursor=${page.next}`);
    }
    expect(seen).toEqual(hours.map((hour) => berlin(`${hour}:00`)));
    const { next = '' } = await list('limit=2');
    const wrong = await app.api('GET', `/v1/overrides?limit=2&user=fay&cursor=${next}`);
    expect(wrong.json<ErrorAnswer>().error.problems[0]?.path).toBe('cursor');
    expect((await list('user=erin')).overrides.map(({ from }) => from)).toEqual([berlin('14:00')]);
    expect(
      (await list('schedule=payments&from=2026-11-24 14:00&to=2026-11-24 15:00')).overrides,
    ).toHaveLength(1);
    expect((await list('schedule=none')).overrides).toEqual([]);
    app.clock.at = berlin('15:00');
    expect((await list('')).overrides).toHaveLength(2);
  });

  it('make swaps, of which both halves are taken back together', async () => {
    const app = await schedulesApp(await opened(await place()));
    const body = {
      schedule: 'payments',
      first: { user: 'alice', at: '2026-11-25 12:00' },
      second: { user: 'bob', from: '2026-12-01 00:00', to: '2026-12-02 00:00' },
      reason: 'holidays',
      by: 'alice',
    };
    const key = { 'idempotency-key': 'a-swap' };
    const dry = (await app.api('POST', '/v1/swaps', { ...body, dryRun: true })).json<Change>();
    expect([who(dry.before), who(dry.after)]).toEqual([
      ['alice/bob', 'bob/alice'],
      ['bob/alice', 'alice/bob'],
    ]);
    const made = await app.api('POST', '/v1/swaps', body, key);
    expect([made.statusCode, made.json<Change>().sentence]).toEqual([
      201,
      'bob is primary of payments from Tue 24 Nov, 11:00 CET until Mon 30 Nov, 09:00 CET, instead of alice; alice is primary of payments from Tue 1 Dec, 00:00 CET until Wed 2 Dec, 00:00 CET, instead of bob.',
    ]);
    expect(await primaryAt(app, '2026-11-26')).toBe('bob');
    expect(await primaryAt(app, '2026-12-01 12:00')).toBe('alice');
    expect((await app.api('POST', '/v1/swaps', body, key)).statusCode).toBe(201);
    const other = { ...body, second: { user: 'erin', at: '2026-12-01' } };
    const refused = await app.api('POST', '/v1/swaps', other);
    expect([refused.statusCode, refused.json<ErrorAnswer>().error.problems]).toEqual([
      409,
      [
        {
          path: 'second.at',
          message: 'erin does not have this place then: alice is primary of payments.',
        },
      ],
    ]);
    // The week is bob's by now.
    const twice = await app.api('POST', '/v1/swaps', {
      ...body,
      first: { user: 'alice', slot: 'primary', from: '2026-11-25', to: '2026-11-26' },
    });
    expect(twice.json<ErrorAnswer>().error).toMatchObject({
      code: 'swap-refused',
      problems: [
        {
          path: 'first',
          message: 'alice is not primary from Wed 25 Nov, 00:00 CET until Thu 26 Nov, 00:00 CET.',
        },
      ],
    });
    const [half] = made.json<Change>().overrides;
    const cancelled = await app.api('POST', `/v1/overrides/${half?.id ?? ''}/cancel`);
    expect(cancelled.json<Change>().overrides).toHaveLength(2);
    expect(await primaryAt(app, '2026-11-26')).toBe('alice');
    expect(await primaryAt(app, '2026-12-01 12:00')).toBe('bob');
  });

  it('stand in the final schedule with why, also in its past', async () => {
    const app = await schedulesApp(await opened(await place()));
    const { body } = await make(app);
    const id = body.overrides[0]?.id ?? '';
    app.clock.at = berlin('14:00');
    await app.api('POST', `/v1/overrides/${id}/cancel`);
    app.clock.at += 40 * 86_400_000;
    const answer = await app.api(
      'GET',
      '/v1/schedules/payments/shifts?from=2026-11-24&to=2026-11-25T00:00:00%2B01:00',
    );
    expect(answer.json()).toMatchObject({
      zone: 'Europe/Berlin',
      stale: false,
      overrides: [{ id }],
      shifts: [
        {
          from: berlin('00:00'),
          to: berlin('12:00'),
          primary: 'alice',
          why: { primary: { kind: 'rotation' } },
        },
        { to: berlin('14:00'), primary: 'fay', why: { primary: { kind: 'override', id } } },
        { primary: 'alice' },
      ],
    });
    // Longer ago than paging has to know.
    const at = await app.api('GET', '/v1/oncall?at=2026-11-24T13:00');
    expect(at.json()).toMatchObject({ schedules: [{ primary: 'fay' }], overrides: [{ id }] });
  });
});

describe('schedules over HTTP', () => {
  it('are listed, and asked for only as far as they go', async () => {
    const app = await schedulesApp(await opened(await embedded()));
    expect((await app.api('GET', '/v1/schedules')).json()).toEqual({
      schedules: [
        {
          id: 'payments',
          zone: 'Europe/Berlin',
          rotations: [{ name: 'rotation', zone: 'Europe/Berlin', participants: ['alice', 'bob'] }],
          secondary: { kind: 'next' },
        },
      ],
    });
    const refused = async (path: string) => {
      const { code, problems } = (await app.api('GET', path)).json<ErrorAnswer>().error;
      return [code, problems?.[0]?.path];
    };
    expect(await refused('/v1/schedules/none/shifts')).toEqual(['schedule-not-found', undefined]);
    expect(await refused('/v1/oncall?schedule=none')).toEqual(['invalid-query', 'schedule']);
    expect(await refused('/v1/oncall?at=x')).toEqual(['invalid-query', 'at']);
    const shifts = '/v1/schedules/payments/shifts';
    expect(await refused(`${shifts}?from=2026-12-01&to=2026-12-01`)).toEqual(['invalid-query', 'to']);
    expect(await refused(`${shifts}?from=2026-12-01&to=2028-01-06`)).toEqual(['invalid-query', 'to']);
    expect((await app.api('GET', `${shifts}?from=2026-12-01&to=2028-01-05`)).statusCode).toBe(200);
  });

  it('go on from what is known while the store is away, marked; what needs it says so', async () => {
    const store = await opened(await embedded());
    const app = await schedulesApp(store);
    await make(app);
    await store.close();
    app.clock.at = berlin('12:30');
    expect((await app.api('GET', '/v1/oncall')).json()).toMatchObject({
      schedules: [{ primary: 'fay' }],
      overridesAsOf: berlin('11:00'),
      stale: true,
    });
    expect((await app.api('GET', '/v1/schedules/payments/shifts')).json()).toMatchObject({
      shifts: [{ primary: 'fay' }, { primary: 'alice' }, {}, {}, {}, {}],
      stale: true,
    });
    for (const [method, path, body] of [
      ['GET', '/v1/overrides', undefined],
      ['POST', '/v1/overrides', { ...AFTERNOON, to: undefined, for: '1h' }],
      ['POST', '/v1/overrides/ov-1/cancel', {}],
      ['GET', '/v1/schedules/payments/shifts?from=2026-11-01&to=2026-11-02', undefined],
      [
        'POST',
        '/v1/swaps',
        {
          schedule: 'payments',
          first: { user: 'alice', at: 'now' },
          second: { user: 'bob', at: '2026-12-01' },
          reason: 'x',
        },
      ],
    ] as const) {
      const answer = await app.api(method, path, body);
      expect([path, answer.statusCode, answer.json<ErrorAnswer>().error.code]).toEqual([
        path,
        503,
        'store-away',
      ]);
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.json<ErrorAnswer>().error.remedy).toBeTruthy();
    }
  });

  it('without a store are those of the configuration, and overrides are refused with what to do', async () => {
    const app = createTestApp();
    const on = (await app.api('GET', '/v1/oncall')).json<object>();
    expect(on).not.toHaveProperty('stale');
    expect(on).not.toHaveProperty('overridesAsOf');
    const answer = await app.api('GET', '/v1/overrides');
    expect([answer.statusCode, answer.json<ErrorAnswer>().error]).toMatchObject([
      503,
      { code: 'no-store', remedy: expect.stringContaining('DATABASE_URL') as string },
    ]);
  });
});
