import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { masked } from '../../api/contacts/mask.js';
import { registerContactMetrics, unverifiedCheck } from '../../api/contacts/unverified.js';
import type { Channel } from '../../domain/incident/event.js';
import type { ContactProof } from '../../domain/contacts/proof.js';
import { marksOf } from '../../tokens/contact-proof.js';
import { createTokens } from '../../tokens/signed-token.js';
import { configOf } from '../unit/config/support.js';

const tokens = createTokens('a secret of the tests, long enough');

function proof(userId: string, address: string): ContactProof {
  const [mark = ''] = marksOf(tokens, { userId, address });
  return { userId, methodId: 'sms-1', mark, at: 0, by: userId };
}

function deps(proofs: readonly ContactProof[] | null, asOf: number | null = 1) {
  const config = configOf();
  const current = () => ({ proofs: proofs ?? [], asOf, isStale: false });
  const verified = { current, refresh: () => Promise.resolve() };
  return { config: () => config, tokens, ...(proofs === null ? {} : { verified }) };
}

const gauge = async (of: ReturnType<typeof deps>): Promise<string> => {
  const registry = new Registry();
  registerContactMetrics(registry, of);
  return (await registry.metrics()).split('\n').at(-2) ?? '';
};

describe('contact methods that nobody has confirmed', () => {
  it('are counted in readiness, without making anything unready, and in the metrics', async () => {
    // Three people with a phone, which is texted and called, and a mail address.
    const none = deps([]);
    expect(unverifiedCheck(none)).toEqual([
      { name: 'contact-methods', ok: true, detail: '9 contact methods are not verified, of 3 people' },
    ]);
    expect(await gauge(none)).toBe('tocsin_contact_methods_unverified 9');
    const people = ['alice', 'bob', 'erin'].map(
      (id, index) => [id, `+1202555010${[1, 2, 5][index]}`] as const,
    );
    const phones = deps(people.map(([id, phone]) => proof(id, phone)));
    expect(await gauge(phones)).toBe('tocsin_contact_methods_unverified 3');
    const all = deps(people.flatMap(([id, phone]) => [proof(id, phone), proof(id, `${id}@example.com`)]));
    expect(unverifiedCheck(all)).toEqual([{ name: 'contact-methods', ok: true }]);
  });

  it('are none where nothing can be known: without a store, or before it ever answered', async () => {
    expect(unverifiedCheck(deps(null))).toEqual([]);
    expect(await gauge(deps(null))).toBe('tocsin_contact_methods_unverified 0');
    expect(await gauge(deps([], null))).toBe('tocsin_contact_methods_unverified 0');
  });
});

it.each<[Channel, string, string]>([
  ['sms', '+12025550101', '+12•••••01'],
  ['voice', '+4930123', '+49•••••23'],
  ['sms', '+49301', '•••'],
  ['email', 'alice@example.com', 'a•••@example.com'],
  ['email', '@example.com', '•••'],
  ['push', 'a-secret-topic', '•••'],
  ['webhook', 'https://hooks.example.com:8443/secret?key=1', 'https://hooks.example.com:8443/•••'],
  ['webhook', '', '•••'],
])('an address of %s is shown to nobody: %s', (channel, address, shown) => {
  expect(masked({ channel, address })).toBe(shown);
});
