import { createServer } from 'node:net';
import { once } from 'node:events';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen, shownAddress } from '../../../api/listen.js';
import { createCleanups } from '../../../cli/up/cleanups.js';
import { createPrintedLog } from '../../../cli/up/logger.js';
import { openProcess, type ProcessOptions } from '../../../cli/up/one-process.js';
import { checkedEnvironment, signingSecrets } from '../../../cli/up/settings.js';
import { loadEnvironment } from '../../../config/environment.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { freePort } from '../../../temporal-config/server/ports.js';

function options(env: Readonly<Record<string, string>>): ProcessOptions {
  return {
    environment: checkedEnvironment({ XDG_CONFIG_HOME: '/nowhere', HOME: '/nowhere', ...env }, '/'),
    cwd: '/',
    now: () => 0,
    log: createPrintedLog('silent', () => undefined),
    cleanups: createCleanups(
      () => undefined,
      () => undefined,
    ),
    signal: new AbortController().signal,
    progress: () => undefined,
    warn: () => undefined,
    onReload: () => undefined,
  };
}

const SHARED = {
  TOCSIN_CONFIG: 'oncall',
  TOCSIN_SECRET: 'a-secret-of-sixteen-characters',
  TOCSIN_PUBLIC_URL: 'https://tocsin.example.com',
};

describe('one of several processes', () => {
  it('names every setting in which all must agree and that is missing, and no other', async () => {
    for (const name of Object.keys(SHARED)) {
      const others = Object.keys(SHARED).filter((other) => other !== name);
      const env = { ...SHARED, TEMPORAL_ADDRESS: '127.0.0.1:1', [name]: '' };
      const failure = await openProcess(options(env)).catch((error: Error) => error);
      expect(failure).toMatchObject({ code: 'bad-setting', exitCode: 2 });
      const { message } = failure as Error;
      expect(message).toContain(`${name}:`);
      for (const other of others) expect(message).not.toContain(`${other}:`);
      expect(message).not.toContain(SHARED.TOCSIN_SECRET);
    }
  });

  it('is told how to name a Temporal', async () => {
    await expect(openProcess(options(SHARED))).rejects.toMatchObject({
      code: 'no-temporal',
      exitCode: 2,
      remedy: expect.stringContaining('TEMPORAL_ADDRESS=host:7233') as string,
    });
  });
});

describe('the settings of several processes', () => {
  it('have their defaults, units and bounds', () => {
    expect(loadEnvironment({})).toMatchObject({ ok: true, environment: { healthPort: 3002, drainMs: 0 } });
    const set = loadEnvironment({ TOCSIN_HEALTH_PORT: '0', TOCSIN_DRAIN_SECONDS: '2.5' });
    expect(set).toMatchObject({ ok: true, environment: { healthPort: 0, drainMs: 2_500 } });
    for (const wrong of [
      { TOCSIN_HEALTH_PORT: '65536' },
      { TOCSIN_HEALTH_PORT: 'many' },
      { TOCSIN_DRAIN_SECONDS: '-1' },
      { TOCSIN_DRAIN_SECONDS: '301' },
    ]) {
      const [name = ''] = Object.keys(wrong);
      expect(loadEnvironment(wrong)).toMatchObject({
        ok: false,
        problems: [expect.stringContaining(name)],
      });
    }
  });
});

describe('a change of the secret', () => {
  const [old, fresh] = ['the-old-secret-0001', 'the-new-secret-0002'];
  const tokensOf = (env: Readonly<Record<string, string>>) =>
    createTokens(signingSecrets(checkedEnvironment(env, '/')));
  const claims = { p: 'link', o: '0123456789abcdef0123-01234567', u: 'alice', e: 60_000 } as const;

  it('breaks no link where the other secret is told as the previous one, whichever process wrote it', () => {
    const before = tokensOf({ TOCSIN_SECRET: old, TOCSIN_SECRET_PREVIOUS: fresh });
    const after = tokensOf({ TOCSIN_SECRET: fresh, TOCSIN_SECRET_PREVIOUS: old });
    const done = tokensOf({ TOCSIN_SECRET: fresh });
    expect(after.verify(before.sign(claims), 0)).toMatchObject({ ok: true });
    expect(before.verify(after.sign(claims), 0)).toMatchObject({ ok: true });
    expect(done.verify(after.sign(claims), 0)).toMatchObject({ ok: true });
    expect(done.verify(before.sign(claims), 0)).toMatchObject({ ok: false, why: 'forged' });
  });
});

describe('listening', () => {
  it('tells the port that was taken by chance, and says in one sentence why it can’t', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    const words = { taken: 'It is taken.', setting: '--health-port' };
    const port = await listen(app, { host: '127.0.0.1', port: 0, ...words });
    expect(port).toBeGreaterThan(0);
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    onTestFinished(() => void blocker.close());
    const address = blocker.address();
    const busy = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(listen(Fastify(), { host: '127.0.0.1', port: busy, ...words })).rejects.toMatchObject({
      name: 'ListenError',
      code: 'EADDRINUSE',
      message: 'It is taken.',
    });
    await expect(
      listen(Fastify(), { host: '203.0.113.7', port: await freePort(), ...words }),
    ).rejects.toThrow('HOST=203.0.113.7 is not an address of this machine');
  });

  it('shows an address that a person can open', () => {
    expect(['127.0.0.1', '0.0.0.0', '::', '::1', '10.0.0.5'].map(shownAddress)).toEqual([
      'localhost',
      'localhost',
      'localhost',
      '[::1]',
      '10.0.0.5',
    ]);
  });
});
