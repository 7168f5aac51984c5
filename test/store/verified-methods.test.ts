import { describe, expect, it } from 'vitest';
import { CODE_GOOD_MS, CODES_A_DAY, WRONG_TRIES } from '../../domain/contacts/proof.js';
import { DAY, MINUTE } from '../../domain/time/instant.js';
import type { VerifiedMethods } from '../../store/verified-methods.js';
import { by, NOON } from './support/overrides.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

const SMS = { userId: 'alice', methodId: 'sms-1', marks: ['mark-a'] } as const;
const is = (nonce: string) => (other: string) => other === nonce;

function ask(methods: VerifiedMethods, id: string, at = NOON, method: typeof SMS | object = {}) {
  return methods.askCode({ ...SMS, ...method, id, nonce: `n-${id}` }, by('alice', at));
}

describe.each(PLACES)('what people have confirmed, on %s', (_name, place) => {
  const proof = {
    userId: 'alice',
    methodId: 'sms-1',
    mark: 'mark-a',
    at: NOON + MINUTE,
    by: 'alice',
  } as const;

  it('is asked for, typed back, kept and forgotten, each with who it was, and no code or address anywhere', async () => {
    const { verifiedMethods, audit } = await opened(await place());
    expect(await verifiedMethods.version()).toBe(0);
    expect(await ask(verifiedMethods, 'c1')).toEqual({
      kind: 'to-send',
      nonce: 'n-c1',
      sentAt: NOON,
      goodUntil: NOON + CODE_GOOD_MS,
    });
    expect(await verifiedMethods.list()).toEqual([]);
    const confirm = (at: number) => verifiedMethods.confirm({ ...SMS, isCode: is('n-c1') }, by('alice', at));
    expect(await confirm(NOON + MINUTE)).toEqual({ kind: 'verified', proof });
    expect(await verifiedMethods.list()).toEqual([proof]);
    const version = await verifiedMethods.version();
    // Pressed twice.
    expect(await confirm(NOON + 2 * MINUTE)).toEqual({ kind: 'verified', proof });
    expect(await verifiedMethods.version()).toBe(version);

    expect(await verifiedMethods.forget(SMS, by('bob', NOON + 3 * MINUTE))).toEqual(proof);
    expect(await verifiedMethods.list()).toEqual([]);
    expect(await verifiedMethods.version()).toBeGreaterThan(version);
    expect(await verifiedMethods.forget(SMS, by('bob'))).toBeNull();
    // The code of before proves nothing any more.
    expect(await confirm(NOON + 4 * MINUTE)).toEqual({ kind: 'forgotten' });

    const subject = { kind: 'contact-method', id: 'alice/sms-1' };
    const { entries } = await audit.list({ limit: 10, subject });
    const shown = { at: NOON + MINUTE, by: 'alice' };
    expect(entries).toEqual([
      {
        ...by('bob', NOON + 3 * MINUTE),
        action: 'contact-method.forget',
        subject,
        before: shown,
        after: null,
      },
      { ...by('alice', NOON + MINUTE), action: 'contact-method.verify', subject, before: null, after: shown },
      { ...by('alice', NOON), action: 'contact-method.send-code', subject, before: null, after: null },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/n-c1|mark-a/);
  });

  it('is forgotten with every code that is still on its way, which count as sent in their day', async () => {
    const { verifiedMethods, audit } = await opened(await place());
    const confirm = (nonce: string, method: object = {}) =>
      verifiedMethods.confirm({ ...SMS, ...method, isCode: is(nonce) }, by('alice', NOON + MINUTE));
    await ask(verifiedMethods, 'c1');
    await ask(verifiedMethods, 'c2', NOON + 1, { methodId: 'voice-1' });
    await ask(verifiedMethods, 'others', NOON, { marks: ['mark-b'] });
    // Before anything was confirmed, too.
    expect(await verifiedMethods.forget(SMS, by('bob', NOON + 2))).toBeNull();
    expect(await confirm('n-c1')).toEqual({ kind: 'forgotten' });
    expect(await confirm('n-c2', { methodId: 'voice-1' })).toEqual({ kind: 'forgotten' });
    expect(await confirm('n-others', { marks: ['mark-b'] })).toMatchObject({ kind: 'verified' });
    await ask(verifiedMethods, 'c3', NOON + 3);
    expect(await confirm('n-c3')).toMatchObject({ kind: 'verified' });
    await ask(verifiedMethods, 'c4', NOON + 4);
    expect(await verifiedMethods.forget(SMS, by('bob', NOON + 5))).toMatchObject({ by: 'alice' });
    expect(await confirm('n-c4')).toEqual({ kind: 'forgotten' });
    expect((await verifiedMethods.list()).map(({ mark }) => mark)).toEqual(['mark-b']);
    expect(await ask(verifiedMethods, 'c5', NOON + 6)).toMatchObject({ kind: 'to-send' });
    expect(await ask(verifiedMethods, 'c6', NOON + 7)).toEqual({ kind: 'too-many', againAt: NOON + DAY });
    const { entries } = await audit.list({ limit: 20 });
    expect(entries.filter(({ action }) => action === 'contact-method.forget')).toHaveLength(2);
  });

  it('takes the code that was sent last, for ten minutes, and only by the method it went to', async () => {
    const { verifiedMethods } = await opened(await place());
    const confirm = (nonce: string, at: number, method: object = {}) =>
      verifiedMethods.confirm({ ...SMS, ...method, isCode: is(nonce) }, by('alice', at));
    expect(await confirm('n-c1', NOON)).toEqual({ kind: 'none' });
    await ask(verifiedMethods, 'c1');
    await ask(verifiedMethods, 'c2', NOON + MINUTE);
    expect(await confirm('n-c1', NOON + MINUTE)).toEqual({ kind: 'wrong', triesLeft: WRONG_TRIES - 1 });
    expect(await confirm('n-c2', NOON + MINUTE, { methodId: 'voice-1' })).toEqual({ kind: 'none' });
    expect(await confirm('n-c2', NOON + MINUTE, { userId: 'bob' })).toEqual({ kind: 'none' });
    expect(await confirm('n-c2', NOON + MINUTE, { marks: ['mark-b'] })).toEqual({ kind: 'none' });
    expect(await confirm('n-c2', NOON + MINUTE + CODE_GOOD_MS + 1)).toEqual({ kind: 'expired' });
    // A clock that was set back.
    expect(await confirm('n-c2', NOON - CODE_GOOD_MS)).toEqual({ kind: 'expired' });
    expect(await confirm('n-c2', NOON + MINUTE + CODE_GOOD_MS)).toMatchObject({ kind: 'verified' });
  });

  it('takes no code any more after five wrong ones, and the right one of a new request', async () => {
    const { verifiedMethods } = await opened(await place());
    await ask(verifiedMethods, 'c1');
    const confirm = (nonce: string) =>
      verifiedMethods.confirm({ ...SMS, isCode: is(nonce) }, by('alice', NOON + MINUTE));
    for (let left = WRONG_TRIES - 1; left >= 0; left -= 1)
      expect(await confirm('wrong')).toEqual({ kind: 'wrong', triesLeft: left });
    expect(await confirm('n-c1')).toEqual({ kind: 'used-up' });
    expect(await verifiedMethods.list()).toEqual([]);
    await ask(verifiedMethods, 'c2', NOON + MINUTE);
    expect(await confirm('n-c2')).toMatchObject({ kind: 'verified' });
  });

  it('counts wrong tries that come at one moment', async () => {
    const { verifiedMethods } = await opened(await place());
    await ask(verifiedMethods, 'c1');
    const tries = await Promise.all(
      Array.from({ length: 8 }, () =>
        verifiedMethods.confirm({ ...SMS, isCode: () => false }, by('mallory', NOON + MINUTE)),
      ),
    );
    expect(tries.filter(({ kind }) => kind === 'wrong')).toHaveLength(WRONG_TRIES);
    expect(tries.filter(({ kind }) => kind === 'used-up')).toHaveLength(8 - WRONG_TRIES);
  });

  it('sends five codes a day to one address, by whichever method, and the same request once', async () => {
    const { verifiedMethods } = await opened(await place());
    for (let number = 0; number < CODES_A_DAY; number += 1)
      expect(
        await ask(verifiedMethods, `c${number}`, NOON + number, {
          methodId: number % 2 === 0 ? 'sms-1' : 'voice-1',
        }),
      ).toMatchObject({ kind: 'to-send' });
    expect(await ask(verifiedMethods, 'c0', NOON + 9)).toMatchObject({
      kind: 'to-send',
      nonce: 'n-c0',
      sentAt: NOON,
    });
    expect(await ask(verifiedMethods, 'c5', NOON + 9)).toEqual({ kind: 'too-many', againAt: NOON + DAY });
    expect(await ask(verifiedMethods, 'other', NOON + 9, { marks: ['mark-b'] })).toMatchObject({
      kind: 'to-send',
    });
    expect(await ask(verifiedMethods, 'c6', NOON + DAY)).toMatchObject({ kind: 'to-send' });
    expect(await ask(verifiedMethods, 'c7', NOON + DAY)).toMatchObject({ kind: 'too-many' });
  });

  it('is known by every mark of the address, and kept under the newest', async () => {
    const { verifiedMethods } = await opened(await place());
    await ask(verifiedMethods, 'c1');
    await verifiedMethods.confirm({ ...SMS, isCode: is('n-c1') }, by('alice', NOON + MINUTE));
    const rotated = { ...SMS, marks: ['mark-new', 'mark-a'] } as const;
    await ask(verifiedMethods, 'c2', NOON + MINUTE, rotated);
    await verifiedMethods.confirm({ ...rotated, isCode: is('n-c2') }, by('alice', NOON + MINUTE));
    expect((await verifiedMethods.list()).map(({ mark }) => mark)).toEqual(['mark-new']);
  });

  it('is moved to the newest mark as it was, once', async () => {
    const { verifiedMethods, audit } = await opened(await place());
    await ask(verifiedMethods, 'c1');
    await verifiedMethods.confirm({ ...SMS, isCode: is('n-c1') }, by('alice', NOON + MINUTE));
    const rotated = { ...SMS, marks: ['mark-new', 'mark-a'] } as const;
    expect(await verifiedMethods.renew(SMS, by('tocsin'))).toBe(false);
    expect(await verifiedMethods.renew({ ...rotated, userId: 'bob' }, by('tocsin'))).toBe(false);
    expect(await verifiedMethods.renew(rotated, by('tocsin'))).toBe(true);
    expect(await verifiedMethods.renew(rotated, by('tocsin'))).toBe(false);
    expect(await verifiedMethods.list()).toEqual([{ ...proof, mark: 'mark-new' }]);
    expect((await audit.list({ limit: 1 })).entries).toMatchObject([{ action: 'contact-method.renew' }]);
  });
});
