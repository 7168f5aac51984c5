import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chooseConfig, keyNames, keyPlaces } from '../../../cli/up/config-choice.js';
import { createCleanups } from '../../../cli/up/cleanups.js';
import { beganAt } from '../../../cli/up/foreground.js';
import { portFrom, portSetting, requireFreePort } from '../../../cli/up/ports.js';
import { providerVariables, standInsFor } from '../../../cli/up/stand-ins.js';
import { keyShower } from '../../../cli/up/running-config.js';
import { tryIt } from '../../../cli/up/try-it.js';
import { installationRoot } from '../../../cli/context.js';
import { loadConfig } from '../../../config/load.js';
import { createProviders } from '../../../activities/providers/create-providers.js';
import { checkPublicUrl } from '../../../cli/doctor/check-providers.js';
import { alertmanager } from '../../../api/intake/alertmanager.js';

const small = join(installationRoot(), 'examples', 'small');

async function listening(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('the configuration that is run', () => {
  it('is the smallest example when none is named, and only examples get made-up keys', () => {
    expect(chooseConfig(undefined, '/somewhere')).toEqual({ path: small, isExample: true });
    expect(chooseConfig('oncall', '/somewhere')).toEqual({ path: '/somewhere/oncall', isExample: false });
    expect(chooseConfig('examples/follow-the-sun', installationRoot()).isExample).toBe(true);
    expect(chooseConfig('examples', installationRoot()).isExample).toBe(false);
  });

  it('names the variables that hold its keys', async () => {
    expect(await keyNames(small)).toEqual([
      'TOCSIN_API_KEY',
      'TOCSIN_KEY_ALERTMANAGER',
      'TOCSIN_KEY_GENERIC',
    ]);
    expect(await keyNames('/nowhere')).toEqual([]);
    expect((await keyPlaces(small)).get('TOCSIN_KEY_GENERIC')).toEqual(['integrations.generic']);
  });
});

describe('ports', () => {
  it('are the next free ones, and never the same twice', async () => {
    const taken = await listening('127.0.0.1');
    const next = await portFrom(taken);
    expect(next).not.toBe(taken);
    expect(await portFrom(next, [next])).not.toBe(next);
  });

  it('that are busy end in one sentence, also where only `localhost` would meet the other program', async () => {
    const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
      list?.some(({ address }) => address === '::1'),
    );
    for (const host of ['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])]) {
      const port = await listening(host);
      await expect(requireFreePort(port, '127.0.0.1')).rejects.toThrow(
        `Port ${port}, meant for Tocsin's API, is taken by another program`,
      );
    }
  });

  it('set by a variable are checked', () => {
    expect(portSetting({ X: '7233' }, 'X')).toBe(7233);
    expect(portSetting({ X: '' }, 'X')).toBeNull();
    expect(() => portSetting({ X: 'abc' }, 'X')).toThrow('X is not a port');
  });
});

describe('stand-ins', () => {
  it('are used for phone and mail separately', () => {
    expect(standInsFor({})).toEqual({ phone: true, mail: true });
    expect(standInsFor({ TWILIO_ACCOUNT_SID: 'AC', SMTP_URL: ' ' })).toEqual({ phone: false, mail: true });
  });

  it.each([
    [{ TWILIO_AUTH_TOKEN: 'a'.repeat(32), TWILIO_FROM: '+15550100200' }, 'TWILIO_ACCOUNT_SID is missing'],
    [{ TWILIO_FROM: '+15550100200' }, 'TWILIO_AUTH_TOKEN is missing'],
    [{ MAIL_FROM: 'ops@example.com' }, 'SMTP_URL is missing'],
  ])('never hide that a provider is set up by half: %j', (env, problem) => {
    const booth = { httpUrl: 'http://127.0.0.1:3001', smtpUrl: 'smtp://127.0.0.1:2525' };
    const variables = providerVariables({ BOOTH_AUTH_TOKEN: 'a'.repeat(32) }, standInsFor(env), booth);
    expect(() => createProviders({ ...env, ...variables })).toThrow(problem);
  });

  it('are providers like any other to the product', () => {
    const env = { SMTP_URL: 'smtp://mail.example.com:587', MAIL_FROM: 'ops@example.com' };
    const booth = { httpUrl: 'http://127.0.0.1:3001', smtpUrl: 'smtp://127.0.0.1:2525' };
    const variables = providerVariables({ BOOTH_AUTH_TOKEN: 'a'.repeat(32) }, standInsFor(env), booth);
    expect(variables).not.toHaveProperty('SMTP_URL');
    expect(createProviders({ ...env, ...variables }).map(({ name }) => name)).toEqual([
      'twilio-sms',
      'twilio-voice',
      'smtp',
    ]);
  });

  it('have no rate, since a booth takes as many as come, unless one is set to see what a real number lets through', () => {
    const booth = { httpUrl: 'http://127.0.0.1:3001', smtpUrl: 'smtp://127.0.0.1:2525' };
    const rates = (given: Record<string, string>) => {
      const made = providerVariables({ BOOTH_AUTH_TOKEN: 'a'.repeat(32) }, standInsFor(given), booth, given);
      return [made['TWILIO_SEGMENTS_PER_SECOND'], made['TWILIO_CALLS_PER_SECOND']];
    };
    expect(rates({})).toEqual(['unlimited', 'unlimited']);
    expect(rates({ TWILIO_SEGMENTS_PER_SECOND: '1' })).toEqual(['1', 'unlimited']);
  });
});

describe('the alert to try', () => {
  it('is a command that a shell passes on whole, and that the intake takes', async () => {
    const env = {
      TOCSIN_KEY_ALERTMANAGER: 'alertmanager-key',
      TOCSIN_KEY_GENERIC: 'generic-key-0000',
      TOCSIN_API_KEY: 'api-key-00000000',
    };
    const loaded = await loadConfig(small, env);
    if (!loaded.ok) throw new Error('the example is broken');
    const trial = tryIt(loaded.config, 'http://localhost:3000', ({ key }) => ({ text: key }), Date.now());
    expect(trial?.firstUser).toBe('alice');
    expect(trial?.story[0]).toContain('Alice Abel');
    // The shell's own reading of it: a function in place of curl prints its arguments.
    const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${trial?.curl ?? ''}`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script]);
    const words = stdout.split('\0');
    expect(words.slice(0, 4)).toEqual([
      '-sS',
      'http://localhost:3000/v1/alerts/alertmanager',
      '-H',
      'Authorization: Bearer alertmanager-key',
    ]);
    const body: unknown = JSON.parse(words[words.indexOf('-d') + 1] ?? '');
    expect(alertmanager.parse(body)).toMatchObject({ ok: true, groups: [{ title: '5% of checkouts fail' }] });
  });
});

describe('a key in what is printed', () => {
  it('is itself only when it was made up here', () => {
    const integration = { id: 'a', kind: 'generic', key: 'the-key-of-before' } as const;
    const show = (secrets: Record<string, string>, set: Record<string, string>) =>
      keyShower(['KEY_A'], secrets, set)(integration);
    expect(show({ KEY_A: 'the-key-of-before' }, {})).toEqual({ text: 'the-key-of-before' });
    expect(show({ KEY_A: 'the-key-of-before' }, { KEY_A: 'the-key-of-before' })).toEqual({
      variable: 'KEY_A',
    });
    expect(show({ OTHER: 'the-key-of-before' }, {})).toEqual({ text: '<the key of integration a>' });
  });
});

describe('the time that a start took', () => {
  it('counts from the command, which may have installed and built before', () => {
    const now = Date.now();
    expect(beganAt({ TOCSIN_BEGAN_AT: String(now - 104_000) })).toBe(now - 104_000);
    for (const wrong of [undefined, '', 'x', '-1', String(now + 60_000)])
      expect(beganAt({ TOCSIN_BEGAN_AT: wrong })).toBeGreaterThanOrEqual(now);
  });
});

describe('ending', () => {
  it('goes last begun first, once, and one failure keeps nothing else from ending', async () => {
    const ended: string[] = [];
    const failures: string[] = [];
    const cleanups = createCleanups(
      () => undefined,
      (words) => failures.push(words),
    );
    cleanups.add('first', () => void ended.push('first'));
    cleanups.add('second', () => Promise.reject(new Error('no')));
    cleanups.add('third', () => void ended.push('third'));
    await Promise.all([cleanups.run(), cleanups.run()]);
    expect(ended).toEqual(['third', 'first']);
    expect(failures).toEqual(['second']);
  });
});

describe('the doctor', () => {
  it('says that real phones cannot reach a loopback address', () => {
    expect(checkPublicUrl('http://localhost:3000', true).status).toBe('fail');
    expect(checkPublicUrl('http://localhost:3000', false).status).toBe('ok');
    expect(checkPublicUrl('http://tocsin.example.com', true).status).toBe('warn');
    expect(checkPublicUrl('https://tocsin.example.com', true).status).toBe('ok');
  });
});
