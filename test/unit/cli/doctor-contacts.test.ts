import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkContacts } from '../../../cli/doctor/check-contacts.js';
import type { AskedProcess } from '../../../cli/doctor/check-processes.js';
import type { ContactProof } from '../../../domain/contacts/proof.js';
import { marksOf } from '../../../tokens/contact-proof.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { createTestApp } from '../../api/support/test-app.js';
import { API_KEY, testConfig } from '../../api/support/test-config.js';
import { recording } from '../../support/command-line.js';
import { configOf } from '../config/support.js';

const OURS = configOf();
const tokens = createTokens('a secret of the tests, long enough');
const { context } = recording({
  env: { TOCSIN_DATA_DIR: join(tmpdir(), 'no-tocsin-here'), TOCSIN_API_KEY: API_KEY },
});

function proof(userId: string, address: string): ContactProof {
  const [mark = ''] = marksOf(tokens, { userId, address });
  return { userId, methodId: 'sms-1', mark, at: 0, by: userId };
}

/** An API that listens, whose store says this; null: it has none. */
async function api(proofs: readonly ContactProof[] | null, config = OURS): Promise<AskedProcess> {
  const current = () => ({ proofs: proofs ?? [], asOf: 1, isStale: false });
  const { app } = createTestApp({
    config: () => ({ ...config, apiKeys: testConfig().apiKeys }),
    tokens,
    ...(proofs === null ? {} : { verified: { current, refresh: () => Promise.resolve() } }),
  });
  onTestFinished(() => app.close());
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), expected: 'process' };
}

async function found(asked: readonly AskedProcess[], config: typeof OURS | null = OURS) {
  const findings = await checkContacts(config, asked, {}, context);
  return findings.map(({ name, status, detail, remedy }) => ({
    line: `${status} ${name}: ${detail}`,
    remedy,
  }));
}

describe('contact methods, as tocsin doctor tells them', () => {
  it('names who has confirmed none for pages, with the command that sends a code', async () => {
    const [one, ...more] = await found([await api([proof('alice', '+12025550101')])]);
    expect(more).toEqual([]);
    expect(one?.line).toBe(
      'warn Contacts: bob, erin confirmed no contact method for pages: the next step is paged at once as well',
    );
    expect(one?.remedy).toContain('tocsin contact verify bob sms-1');
  });

  it('is content with one that counts, and names the others', async () => {
    const config = configOf({
      users: `
  alice: { name: Alice, phone: "+12025550101", email: alice@example.com }
  bob: { name: Bob, phone: "+12025550102", trusted: true }`,
      groups: '\n  ops-room: { contacts: [{ channel: sms, to: "+12025550199" }] }',
    });
    const told = await found([await api([proof('alice', '+12025550101')], config)]);
    expect(told.map(({ line }) => line)).toEqual([
      'ok Contacts: everybody has one that counts; not confirmed: alice email-1',
    ]);
  });

  it('says that all count, and why, where there is no store', async () => {
    const without = await api(null);
    expect((await found([without])).map(({ line }) => line)).toEqual([
      `ok Contacts: all of them count, since ${without.url} has no store to keep confirmations in`,
    ]);
    const trusted = configOf({ defaults: '{ contactMethods: trusted }' });
    expect((await found([await api([], trusted)])).map(({ line }) => line)).toEqual([
      'ok Contacts: all of them count',
    ]);
  });

  it('says who knows where no API answers, and nothing where nobody needs a code', async () => {
    const silent: AskedProcess = { url: 'http://127.0.0.1:1', expected: 'API' };
    expect((await found([silent])).map(({ line }) => line)).toEqual([
      'ok Contacts: whose are confirmed only a running Tocsin knows: http://127.0.0.1:1 did not tell',
    ]);
    expect(await found([silent], configOf({ defaults: '{ contactMethods: trusted }' }))).toEqual([]);
    expect(await found([silent], null)).toEqual([]);
  });
});
