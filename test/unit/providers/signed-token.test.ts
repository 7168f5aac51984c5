import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokens, type TokenClaims } from '../../../tokens/signed-token.js';

const SECRET = 'a secret of more than 16 characters';
const NOW = Date.UTC(2026, 10, 24, 10);
const CLAIMS: TokenClaims = { p: 'link', o: '0123456789abcdef0123-89abcdef', u: 'alice', e: NOW + 60_000 };

const claims = fc.record(
  {
    p: fc.constantFrom('link', 'voice', 'delivery'),
    o: fc.oneof(fc.constant('0123456789abcdef0123-89abcdef'), fc.string({ unit: 'grapheme', maxLength: 40 })),
    u: fc.string({ unit: 'grapheme', maxLength: 40 }),
    d: fc.string({ unit: 'grapheme', maxLength: 40 }),
    m: fc.array(
      fc.record({
        o: fc.constantFrom('0123456789abcdef0123-89abcdef', 'an opening', ''),
        d: fc.string({ maxLength: 40 }),
      }),
      { maxLength: 20 },
    ),
    e: fc.integer({ min: 1, max: 4_000_000 }).map((seconds) => seconds * 1_000),
  },
  { requiredKeys: ['p', 'o', 'e'] },
);

describe('signed tokens', () => {
  const tokens = createTokens(SECRET);

  it('come back as they were signed', () => {
    fc.assert(
      fc.property(claims, (given) => {
        fc.pre([given.o, given.u ?? '', given.d ?? ''].every((id) => Buffer.byteLength(id) <= 255));
        expect(tokens.verify(tokens.sign(given), given.e)).toEqual({ ok: true, claims: given });
      }),
    );
  });

  it('of a message about ten incidents fit the address of a callback; of more than 21 there is none', () => {
    const o = '0123456789abcdef0123-89abcdef';
    const others = (count: number) => Array.from({ length: count }, (_none, n) => ({ o, d: `d${n}` }));
    expect(tokens.sign({ ...CLAIMS, p: 'voice', d: 'd12', m: others(9) }).length).toBeLessThan(320);
    expect(() => tokens.sign({ ...CLAIMS, m: others(21) })).toThrow(RangeError);
  });

  it('are short enough for a text message', () => {
    expect(tokens.sign(CLAIMS)).toHaveLength(56);
    expect(tokens.sign(CLAIMS)).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it('are not taken when one character changed, was lost or was added', () => {
    const token = tokens.sign(CLAIMS);
    fc.assert(
      fc.property(fc.nat({ max: token.length - 1 }), fc.constantFrom(...'AZaz09-_'), (at, character) => {
        fc.pre(token[at] !== character);
        expect(tokens.verify(token.slice(0, at) + character + token.slice(at + 1), NOW).ok).toBe(false);
        expect(tokens.verify(token.slice(0, at) + token.slice(at + 1), NOW).ok).toBe(false);
        expect(tokens.verify(token.slice(0, at) + character + token.slice(at), NOW).ok).toBe(false);
      }),
    );
  });

  it('of another secret are forged', () => {
    const other = createTokens('another secret of some length');
    expect(tokens.verify(other.sign(CLAIMS), NOW)).toEqual({ ok: false, why: 'forged' });
  });

  it('are good up to their last millisecond, and say what they were for afterwards', () => {
    const token = tokens.sign(CLAIMS);
    expect(tokens.verify(token, CLAIMS.e).ok).toBe(true);
    expect(tokens.verify(token, CLAIMS.e + 1)).toEqual({ ok: false, why: 'expired', claims: CLAIMS });
  });

  it('cannot be stretched: the age is checked after the signature', () => {
    const other = createTokens('another secret of some length');
    expect(tokens.verify(other.sign({ ...CLAIMS, e: 1_000 }), NOW)).toEqual({ ok: false, why: 'forged' });
  });

  it('of an older secret stay valid while it is among the secrets', () => {
    const rotated = createTokens(['the new secret of 2027 ……', SECRET]);
    expect(rotated.verify(tokens.sign(CLAIMS), NOW)).toEqual({ ok: true, claims: CLAIMS });
    expect(tokens.verify(rotated.sign(CLAIMS), NOW)).toEqual({ ok: false, why: 'forged' });
  });

  it.each(['', 'x', 'not a token', '../../etc/passwd', 'A'.repeat(5_000), `${tokens.sign(CLAIMS)}=`])(
    '%j is malformed',
    (text) => {
      expect(tokens.verify(text, NOW)).toEqual({ ok: false, why: 'malformed' });
    },
  );

  it('never throw, whatever they are given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(tokens.verify(Buffer.from(bytes).toString('base64url'), NOW).ok).toBe(false);
      }),
    );
  });

  it.each([[''], ['short'], [[]], [[SECRET, 'short']]])('are not made with %j', (secret) => {
    expect(() => createTokens(secret)).toThrow(/at least 16 characters/);
  });

  it('refuse claims that do not fit', () => {
    expect(() => tokens.sign({ ...CLAIMS, u: 'x'.repeat(256) })).toThrow(RangeError);
    expect(() => tokens.sign({ ...CLAIMS, e: Number.NaN })).toThrow(RangeError);
  });

  it('derives the same bytes again, others from another text or secret', () => {
    const [one, two] = ['the first secret of the tests', 'the second secret of the tests'];
    const [derived] = createTokens(one).derive('calendar', 'a');
    expect(derived).toMatch(/^[\w-]{43}$/);
    expect(createTokens(one).derive('calendar', 'a')).toEqual([derived]);
    expect(createTokens(one).derive('calendar', 'b')).not.toContain(derived);
    expect(createTokens(two).derive('calendar', 'a')).not.toContain(derived);
    expect(createTokens([two, one]).derive('calendar', 'a')[1]).toBe(derived);
  });
});
