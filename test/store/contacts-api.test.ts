import pino from 'pino';
import { onTestFinished, describe, expect, it } from 'vitest';
import type { AppDeps } from '../../api/deps.js';
import type { LetterOutcome } from '../../api/contacts/letters.js';
import { startMarkRenewal } from '../../api/contacts/renew-marks.js';
import type { LetterStart } from '../../domain/messages/letter-report.js';
import { DAY, MINUTE } from '../../domain/time/instant.js';
import { StoreAway } from '../../store/errors.js';
import { createKnownVerified } from '../../store/known-verified.js';
import type { KnownApiKeys } from '../../store/known-api-keys.js';
import { apiKeyFrom, hashOfApiKey } from '../../tokens/api-key.js';
import { codesOf, marksOf } from '../../tokens/contact-proof.js';
import { createTokens } from '../../tokens/signed-token.js';
import { API_KEY } from '../api/support/test-config.js';
import { createTestApp, NOW } from '../api/support/test-app.js';
import { configOf } from '../unit/config/support.js';
import { silent } from './support/overrides.js';
import {
  embeddedOfFile,
  freshDatabase,
  freshFolder,
  opened,
  postgresOfFile,
  type Place,
} from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];
const tokens = createTokens('a secret of the tests, long enough');
const ALICES = 'alices-key-of-the-tests-01';

function people(phone: string) {
  return configOf(
    {
      apiKeys: '\n  ops: { key: { env: API_KEY } }\n  desk: { key: { env: DESK_KEY }, scope: respond }',
      users: `
  alice: { name: Alice, phone: "${phone}", email: alice@example.com, push: a-long-topic-of-alice }
  bob: { name: Bob, methods: [{ channel: sms, to: "+12025550102", trusted: true }] }
  erin: { name: Erin, phone: "+12025550105" }`,
      providers: '{ ntfy: { kind: ntfy, url: https://ntfy.example.com } }',
    },
    { API_KEY, DESK_KEY: ALICES },
  );
}

const PHONE = '+12025550101';

async function api(changes: Partial<AppDeps> = {}, place: Promise<Place> = freshDatabase(postgres())) {
  const store = await opened(await place);
  const world = {
    phone: PHONE,
    now: NOW,
    outcome: (_: LetterStart): LetterOutcome => ({ status: 'under-way' }),
  };
  let config = people(PHONE);
  const written: { readonly id: string; readonly start: LetterStart }[] = [];
  const verified = createKnownVerified({
    store,
    file: `${await freshFolder()}/verified-methods.json`,
    now: () => world.now,
    log: silent,
  });
  onTestFinished(() => verified.stop());
  await verified.loaded;
  const app = createTestApp({
    config: () => config,
    store,
    verified,
    letters: {
      write: (id, start) => {
        written.push({ id, start });
        return Promise.resolve(world.outcome(start));
      },
    },
    now: () => world.now,
    tokens,
    ...changes,
  });
  const sms = '/v1/users/alice/methods/sms-1/verification';
  return {
    ...app,
    call: (...args: Parameters<typeof app.api>) => app.api(...args),
    ...{ store, verified, world, written, sms },
    movesTo: (phone: string) => {
      config = people(phone);
    },
    /** The code that the last letter leads to. */
    code: (methodId = 'sms-1', address = PHONE): string => {
      const nonce = written.at(-1)?.start.verification?.nonce ?? '';
      const [code = ''] = codesOf(tokens, { nonce, userId: 'alice', methodId, address });
      return code;
    },
    standings: async (user = 'alice') => {
      const { user: told } = (await app.api('GET', `/v1/users/${user}`)).json<{
        user: { methods: { id: string; standing: string }[]; reachable: string };
      }>();
      return [...told.methods.map(({ id, standing }) => `${id} ${standing}`), told.reachable];
    },
  };
}

// The whole way on both; what is the same for any store, on the quicker one.
describe.each(PLACES)('confirming a contact method by the API, on %s', (_name, place) => {
  it('sends a code that is nowhere but with the person, and counts once it is typed back', async () => {
    const { call, written, code, sms, standings, store, logged } = await api({}, place());
    expect(await standings()).toEqual([
      'sms-1 unverified',
      'voice-1 unverified',
      'push-1 trusted',
      'email-1 unverified',
      'yes',
    ]);
    const sent = await call('POST', sms, { by: 'alice' });
    expect([sent.statusCode, sent.json()]).toEqual([
      202,
      { sent: { method: 'sms-1', channel: 'sms', outcome: 'under-way' }, goodUntil: NOW + 10 * MINUTE },
    ]);
    expect(written).toHaveLength(1);
    expect(written[0]?.start).toMatchObject({
      userId: 'alice',
      by: { kind: 'method', id: 'sms-1' },
      letter: { topic: 'verification', short: expect.stringContaining('{code}') as string },
    });
    for (const told of [JSON.stringify(written), sent.body, logged.join('\n')]) {
      expect(told).not.toContain(code());
      expect(told).not.toContain('2025550101');
    }

    const [first, ...rest] = code();
    const wrong = `${(Number(first) + 1) % 10}${rest.join('')}`;
    const refused = await call('POST', `${sms}/confirm`, { code: wrong, by: 'alice' });
    expect([refused.statusCode, refused.json<{ error: { code: string } }>().error.code]).toEqual([
      400,
      'wrong-code',
    ]);
    expect(refused.body).toContain('4 more of the five tries');

    const spaced = `${code().slice(0, 3)} ${code().slice(3)}`;
    const confirmed = await call('POST', `${sms}/confirm`, { code: spaced, by: 'alice' });
    expect(confirmed.statusCode).toBe(200);
    // The number was confirmed: the call to it counts, too.
    expect(await standings()).toEqual([
      'sms-1 verified',
      'voice-1 verified',
      'push-1 trusted',
      'email-1 unverified',
      'yes',
    ]);
    const user = (await call('GET', '/v1/users/alice')).json<{ user: { methods: object[] } }>().user;
    expect(user.methods[0]).toEqual({
      ...{ id: 'sms-1', channel: 'sms', address: '+12•••••01', standing: 'verified' },
      ...{ since: NOW, by: 'alice' },
    });
    expect(JSON.stringify((await store.audit.list({ limit: 20 })).entries)).not.toContain(code());
  });

  it('says on the clock of the person when the next code can be asked for', async () => {
    const { call, sms } = await api({}, place());
    for (let sent = 0; sent < 5; sent += 1) expect((await call('POST', sms)).statusCode).toBe(202);
    const refused = await call('POST', sms);
    expect([refused.statusCode, refused.json<{ error: { remedy: string } }>().error.remedy]).toEqual([
      429,
      expect.stringMatching(
        /^The next one can be asked for at \w{3} \d+ \w{3}, \d\d:\d\d [A-Z]+\. The last one/,
      ),
    ]);
  });

  it('is taken back, with a code that is still on its way', async () => {
    const { call, code, sms, standings } = await api({}, place());
    await call('POST', sms);
    await call('POST', `${sms}/confirm`, { code: code() });
    await call('POST', sms);
    expect((await call('POST', `${sms}/forget`)).statusCode).toBe(200);
    expect(await standings()).toContain('sms-1 unverified');
    const stale = await call('POST', `${sms}/confirm`, { code: code() });
    expect([stale.statusCode, stale.json<{ error: { message: string } }>().error.message]).toEqual([
      410,
      'The contact method was forgotten after its last code was sent.',
    ]);
    expect(await standings()).toContain('sms-1 unverified');
  });
});

describe('what counts of a contact method', () => {
  it('counts a changed number as unverified again', async () => {
    const { call, code, sms, standings, movesTo } = await api();
    await call('POST', sms);
    await call('POST', `${sms}/confirm`, { code: code() });
    movesTo('+12025550109');
    expect(await standings()).toContain('sms-1 unverified');
    // A code for the old number proves nothing of the new one.
    const stale = await call('POST', `${sms}/confirm`, { code: code() });
    expect([stale.statusCode, stale.json<{ error: { code: string } }>().error.code]).toEqual([
      410,
      'code-over',
    ]);
    movesTo(PHONE);
    expect(await standings()).toContain('sms-1 verified');
  });

  it('says why a code does not count: too old, used up, none', async () => {
    const { call, code, sms, world } = await api();
    const why = async (typed: string) => {
      const answer = await call('POST', `${sms}/confirm`, { code: typed });
      return `${answer.statusCode} ${answer.json<{ error: { message: string } }>().error.message}`;
    };
    expect(await why('123456')).toBe('410 No code was sent to this contact method, as it is now.');
    expect(await why('12345')).toContain('400 ');
    await call('POST', sms);
    const right = code();
    world.now += 10 * MINUTE + 1;
    expect(await why(right)).toBe('410 The code that was sent last is more than ten minutes old.');
    await call('POST', sms);
    for (let number = 0; number < 5; number += 1) await call('POST', `${sms}/confirm`, { code: right });
    expect(await why(code())).toBe('410 Five wrong codes were typed: the code that was sent is void.');
  });

  it('sends five codes a day, once for each Idempotency-Key', async () => {
    const { call, sms, written, world } = await api();
    const again = { 'idempotency-key': 'k-1' };
    await call('POST', sms, {}, again);
    await call('POST', sms, {}, again);
    expect(new Set(written.map(({ id }) => id)).size).toBe(1);
    expect(new Set(written.map(({ start }) => start.verification?.nonce)).size).toBe(1);
    for (let number = 0; number < 4; number += 1) await call('POST', sms);
    const refused = await call('POST', sms);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, String(DAY / 1_000)]);
    expect(written).toHaveLength(6);
    world.now += DAY;
    expect((await call('POST', sms)).statusCode).toBe(202);
  });

  it('is taken back twice as well as once, and is nothing to ask of what is trusted or unknown', async () => {
    const { call, code, sms, standings } = await api();
    await call('POST', sms);
    await call('POST', `${sms}/confirm`, { code: code() });
    expect((await call('POST', `${sms}/forget`)).statusCode).toBe(200);
    expect((await call('POST', `${sms}/forget`)).statusCode).toBe(200);
    expect(await standings()).toContain('sms-1 unverified');
    const status = async (path: string) =>
      (await call('POST', path)).json<{ error: { code: string } }>().error.code;
    expect(await status('/v1/users/alice/methods/push-1/verification')).toBe('nothing-to-verify');
    expect(await status('/v1/users/bob/methods/sms-1/verification')).toBe('nothing-to-verify');
    expect(await status('/v1/users/alice/methods/sms-9/verification')).toBe('contact-method-not-found');
    expect(await status('/v1/users/nobody/methods/sms-1/verification')).toBe('user-not-found');
  });

  it('goes on by what was known last while the store is away, and says so to whoever confirms', async () => {
    const { call, code, sms, standings, store } = await api();
    await call('POST', sms);
    await call('POST', `${sms}/confirm`, { code: code() });
    await store.close();
    expect(await standings()).toContain('sms-1 verified');
    const refused = await call('POST', sms);
    expect([refused.statusCode, refused.json<{ error: { code: string } }>().error.code]).toEqual([
      503,
      'store-away',
    ]);
  });

  it('lets everything count where there is no store', async () => {
    const app = createTestApp({ config: () => people(PHONE), tokens });
    const { verification, users } = (await app.api('GET', '/v1/users')).json<{
      verification: string;
      users: { reachable: string; methods: { standing: string }[] }[];
    }>();
    expect(verification).toBe('no-store');
    expect(users.flatMap(({ methods }) => methods.map(({ standing }) => standing))).not.toContain(
      'unverified',
    );
    const refused = await app.api('POST', '/v1/users/alice/methods/sms-1/verification');
    expect(refused.json<{ error: { code: string } }>().error.code).toBe('no-store');
  });

  it('tells who can be reached by methods that count', async () => {
    const { standings } = await api();
    expect(await standings('erin')).toEqual(['sms-1 unverified', 'voice-1 unverified', 'unproven']);
    expect(await standings('bob')).toEqual(['sms-1 trusted', 'yes']);
  });
});

describe('a test page', () => {
  it('goes by every method, calls included, marked, and tells each outcome without an address', async () => {
    const { call, written, world } = await api();
    world.outcome = ({ by }) => {
      if (by.kind !== 'method') throw new Error('A test page names its methods.');
      if (by.id === 'sms-1')
        return {
          status: 'sent',
          methodId: 'sms-1',
          channel: 'sms',
          provider: 'twilio-sms',
          providerId: 'SM1',
        };
      if (by.id === 'email-1')
        return {
          status: 'failed',
          tries: [
            {
              methodId: 'email-1',
              channel: 'email',
              reason: 'unauthorized',
              retryable: false,
              detail: 'SMTP 535',
            },
          ],
        };
      return { status: 'under-way' };
    };
    const answer = await call('POST', '/v1/users/alice/test-page', { by: 'bob' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        user: 'alice',
        sent: [
          { method: 'sms-1', channel: 'sms', outcome: 'sent', provider: 'twilio-sms' },
          { method: 'voice-1', channel: 'voice', outcome: 'under-way' },
          { method: 'push-1', channel: 'push', outcome: 'under-way' },
          {
            method: 'email-1',
            channel: 'email',
            outcome: 'failed',
            reason: 'unauthorized',
            detail: 'SMTP 535',
          },
        ],
      },
    ]);
    for (const { start } of written) {
      expect(start.letter.subject).toMatch(/^\[TEST\]/);
      expect(start.letter.short).toMatch(/^\[TEST\].*asked for by Bob/);
      expect(start.letter.body[0]).toMatch(/^\[TEST\]/);
    }
  });

  it('goes by the methods that are named, and no other', async () => {
    const { call, written } = await api();
    await call('POST', '/v1/users/alice/test-page', { methods: ['voice-1', 'voice-1'] });
    expect(written.map(({ start }) => start.by)).toEqual([{ kind: 'method', id: 'voice-1' }]);
    const refused = await call('POST', '/v1/users/alice/test-page', { methods: ['voice-9'] });
    expect(refused.statusCode).toBe(404);
  });

  it('goes to oneself with a key of one’s own', async () => {
    const key = apiKeyFrom();
    const mine = {
      id: 'k1',
      name: 'Alice’s laptop',
      scope: 'respond',
      userId: 'alice',
      hash: hashOfApiKey(key),
    } as const;
    const apiKeys: KnownApiKeys = {
      find: (hash) => (hash === mine.hash ? mine : null),
      findRevoked: () => null,
      isStale: () => false,
      used: () => undefined,
      revoked: () => undefined,
      loaded: Promise.resolve(),
      refresh: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
    const { call, written } = await api({ apiKeys });
    const headers = { authorization: `Bearer ${key}` };
    expect((await call('GET', '/v1/users', undefined, headers)).json()).toMatchObject({ you: 'alice' });
    const body = { methods: ['sms-1'] };
    expect((await call('POST', '/v1/users/alice/test-page', body, headers)).statusCode).toBe(200);
    expect((await call('POST', '/v1/users/erin/test-page', body, headers)).statusCode).toBe(403);
    expect(written.map(({ start }) => start.userId)).toEqual(['alice']);
    expect(written[0]?.start.letter.short).toContain('asked for by Alice.');
  });

  it('to somebody else needs an admin', async () => {
    const { call, written } = await api();
    const headers = { authorization: `Bearer ${ALICES}` };
    const refused = await call('POST', '/v1/users/alice/test-page', {}, headers);
    expect([refused.statusCode, refused.json<{ error: { code: string } }>().error.code]).toEqual([
      403,
      'scope-missing',
    ]);
    expect(written).toEqual([]);
  });
});

describe('a changed secret', () => {
  it('is followed by what was confirmed: the store comes late, and then it counts without the old secret', async () => {
    const { call, code, sms, store, verified, world } = await api();
    await call('POST', sms);
    await call('POST', `${sms}/confirm`, { code: code() });
    const config = people(PHONE);
    let isAway = true;
    const renewal = startMarkRenewal({
      config: () => config,
      tokens: createTokens(['a new secret, which is long enough', 'a secret of the tests, long enough']),
      now: () => world.now,
      log: pino({ level: 'silent' }),
      verified,
      store: {
        verifiedMethods: {
          ...store.verifiedMethods,
          renew: (...args) => {
            const answer = isAway
              ? Promise.reject(new StoreAway('unreachable', 'away'))
              : store.verifiedMethods.renew(...args);
            isAway = false;
            return answer;
          },
        },
      },
      againMs: 20,
    });
    onTestFinished(() => renewal.stop());
    const after = marksOf(createTokens('a new secret, which is long enough'), {
      userId: 'alice',
      address: PHONE,
    });
    await expect
      .poll(async () => (await store.verifiedMethods.list()).map(({ mark }) => mark))
      .toEqual(after);
    await expect.poll(() => verified.current().proofs.map(({ mark }) => mark)).toEqual(after);
  });
});
