import { describe, expect, it } from 'vitest';
import { coverageSource } from '../../../config/duty.js';
import { createStandings, withVerified } from '../../../config/verified.js';
import type { ContactProof, ProofsAsOf } from '../../../domain/contacts/proof.js';
import { coverageOf } from '../../../domain/oncall/coverage.js';
import { DAY } from '../../../domain/time/instant.js';
import { marksOf } from '../../../tokens/contact-proof.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { configOf, load, utc, yamlWith } from './support.js';

const tokens = createTokens('a-secret-of-sixteen-characters');
const marks = (contact: { readonly userId: string; readonly address: string }) => marksOf(tokens, contact);
const AT = utc('2026-01-06 12:00');
const primary = { kind: 'schedule', id: 'payments', slot: 'primary' } as const;

function proof(userId: string, address: string, methodId = 'sms-1'): ContactProof {
  const [mark = ''] = marks({ userId, address });
  return { userId, methodId, mark, at: AT, by: userId };
}

function following(config: ReturnType<typeof configOf>, proofs: readonly ContactProof[] | null) {
  const known: ProofsAsOf = proofs === null ? { proofs: [], asOf: null } : { proofs, asOf: AT };
  return withVerified(
    () => config,
    () => known,
    marks,
  );
}

const unproven = (config: ReturnType<typeof configOf>) =>
  config.findPeople([primary], 'high', AT).people.map((person) => person.unproven ?? false);

const PHONE = '+12025550101';

describe('a contact method', () => {
  const needs = (sections: Record<string, string>) =>
    configOf(sections, { HOOK_SECRET: 'a-secret-of-sixteen-characters' })
      .users.get('alice')
      ?.methods.map(({ id, needsProof }) => `${id} ${needsProof === true}`);

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['by default', {}, ['sms-1 true', 'voice-1 true', 'email-1 true']],
    [
      'where the defaults trust',
      { defaults: '{ contactMethods: trusted }' },
      ['sms-1 false', 'voice-1 false', 'email-1 false'],
    ],
    [
      'of somebody who is trusted',
      {
        users: `\n  alice: { name: Alice, phone: "${PHONE}", trusted: true }\n  bob: { name: Bob, phone: "+12025550102" }`,
      },
      ['sms-1 false', 'voice-1 false'],
    ],
    [
      'where it says so itself',
      {
        defaults: '{ contactMethods: trusted }',
        providers:
          '{ ntfy: { kind: ntfy, url: https://ntfy.example.com }, hooks: { kind: webhook, secret: { env: HOOK_SECRET } } }',
        users: `\n  alice: { name: Alice, methods: [{ channel: sms, to: "${PHONE}", trusted: false }, { channel: push, to: topic, trusted: false }, { channel: webhook, to: "https://example.com/x" }, { channel: email, to: a@example.com }] }\n  bob: { name: Bob, phone: "+12025550102" }`,
      },
      ['sms-1 true', 'push-1 false', 'webhook-1 false', 'email-1 false'],
    ],
  ])('needs a code or not: %s', (_, sections, expected) => {
    expect(
      needs({ groups: '\n  ops-room: { contacts: [{ channel: sms, to: "+12025550199" }] }', ...sections }),
    ).toEqual(expected);
  });

  it('of a group is trusted', () => {
    expect(configOf().person('group:ops-room')?.methods[0]).not.toHaveProperty('needsProof');
  });

  it('is trusted or verified in no other words', () => {
    const result = load(yamlWith({ defaults: '{ contactMethods: sometimes }' }));
    expect(result.ok).toBe(false);
    if (!result.ok)
      expect(result.problems[0]).toMatchObject({ path: 'defaults.contactMethods', level: 'error' });
  });
});

describe('a configuration that follows what people have confirmed', () => {
  it('marks whoever has confirmed nothing', () => {
    expect(unproven(following(configOf(), [])())).toEqual([true]);
    expect(unproven(following(configOf(), [proof('alice', PHONE)])())).toEqual([false]);
    expect(unproven(following(configOf(), [proof('alice', 'alice@example.com', 'email-1')])())).toEqual([
      false,
    ]);
  });

  it('counts a number for every method of the person that leads there, and for nobody else', () => {
    const only = (via: string) => ({
      users: `\n  alice: { name: Alice, phone: "${PHONE}", notify: { high: [{ after: 0s, via: [${via}] }] } }\n  bob: { name: Bob, phone: "+12025550102" }`,
      groups: '\n  ops-room: { contacts: [{ channel: sms, to: "+12025550199" }] }',
    });
    expect(unproven(following(configOf(only('voice')), [proof('alice', PHONE)])())).toEqual([false]);
    expect(unproven(following(configOf(only('voice')), [proof('bob', PHONE)])())).toEqual([true]);
  });

  it('knows a changed number as another one', () => {
    expect(unproven(following(configOf(), [proof('alice', '+12025550109')])())).toEqual([true]);
  });

  it('counts what was proven under a secret that was changed since', () => {
    const rotated = createTokens(['a-new-secret-of-16-characters', 'a-secret-of-sixteen-characters']);
    const after = withVerified(
      () => configOf(),
      () => ({ proofs: [proof('alice', PHONE)], asOf: AT }),
      (contact) => marksOf(rotated, contact),
    );
    expect(unproven(after())).toEqual([false]);
    const other = createStandings([proof('alice', PHONE)], (contact) =>
      marksOf(createTokens('quite-another-secret'), contact),
    );
    const [method] = configOf().users.get('alice')?.methods ?? [];
    if (method === undefined) throw new Error('Alice has no method.');
    expect(other('alice', method)).toEqual({ kind: 'unverified' });
  });

  it('lets everybody count as long as nothing is known, and where all are trusted', () => {
    const config = configOf();
    expect(following(config, null)()).toBe(config);
    const trusted = configOf({ defaults: '{ contactMethods: trusted }' });
    expect(following(trusted, [])()).toBe(trusted);
  });

  it('is the same object until something changes', () => {
    const current = following(configOf(), []);
    expect(current()).toBe(current());
  });

  it('asks for the methods of the urgency: a confirmed mail is nothing to whoever is only called', () => {
    const config = configOf({
      users: `\n  alice: { name: Alice, phone: "${PHONE}", email: a@example.com, notify: { high: [{ after: 0s, via: [sms] }] } }\n  bob: { name: Bob, phone: "+12025550102" }`,
      groups: '\n  ops-room: { contacts: [{ channel: sms, to: "+12025550199" }] }',
    });
    const current = following(config, [proof('alice', 'a@example.com', 'email-1')])();
    expect(unproven(current)).toEqual([true]);
    expect(current.findPeople([{ kind: 'user', id: 'alice' }], 'low', AT).people[0]).not.toHaveProperty(
      'unproven',
    );
  });

  it('counts whoever has confirmed nothing in its coverage, since they are paged, and says so', () => {
    const bare = configOf();
    const current = following(bare, [proof('alice', PHONE)])();
    expect(current.duty.person('alice')?.isUnverified).toEqual({ high: false, low: true });
    expect(current.duty.person('bob')?.isUnverified).toEqual({ high: true, low: true });
    expect(current.duty.person('group:ops-room')?.isUnverified).toEqual({ high: false, low: false });
    expect(current.duty.person('nobody')).toBeNull();
    const span = { from: AT, to: AT + 14 * DAY };
    const [files, found, nobodyKnown] = [bare, current, following(bare, [])()].map(({ duty }) =>
      coverageOf(coverageSource(duty, []), span),
    );
    expect(files?.summary).toMatchObject({ nobody: 0, gaps: 0, unreachable: 0, unverified: 0 });
    expect(found?.policies).toEqual(files?.policies);
    expect(nobodyKnown?.policies).toEqual(files?.policies);
    expect(found?.unverified.map(({ userId, urgencies }) => [userId, urgencies])).toEqual([
      ['alice', ['low']],
      ['bob', ['high', 'low']],
    ]);
    expect(found?.summary).toMatchObject({ nobody: 0, gaps: 0, unreachable: 0, unverified: 2 });
  });
});
