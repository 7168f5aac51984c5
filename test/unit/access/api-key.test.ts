import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  API_KEY_PATTERN,
  apiKeyFrom,
  hashOfApiKey,
  isWholeApiKey,
  looksLikeApiKey,
} from '../../../tokens/api-key.js';

describe('a key of the API', () => {
  it('has the prefix by which scanners find it, 256 bits, and a checksum', () => {
    const made = Array.from({ length: 200 }, () => apiKeyFrom());
    expect(new Set(made).size).toBe(200);
    for (const key of made) {
      expect(key).toMatch(API_KEY_PATTERN);
      expect(isWholeApiKey(key), key).toBe(true);
    }
    // The largest and the smallest number fit.
    expect(apiKeyFrom(Buffer.alloc(32, 0xff))).toMatch(API_KEY_PATTERN);
    expect(apiKeyFrom(Buffer.alloc(32))).toMatch(/^tocsin_0{43}/);
    expect(() => apiKeyFrom(randomBytes(31))).toThrow(RangeError);
  });

  it('is another for other bytes, and the same for the same', () => {
    const bytes = randomBytes(32);
    const other = Buffer.from(bytes);
    other[31] = (other[31] ?? 0) ^ 1;
    expect(apiKeyFrom(bytes)).toBe(apiKeyFrom(Buffer.from(bytes)));
    expect(apiKeyFrom(bytes)).not.toBe(apiKeyFrom(other));
  });

  it('that was cut off, mistyped or lengthened is found out without asking anybody', () => {
    const key = apiKeyFrom();
    for (let at = 'tocsin_'.length; at < key.length; at += 1) {
      const wrong = `${key.slice(0, at)}${key[at] === 'a' ? 'b' : 'a'}${key.slice(at + 1)}`;
      expect(isWholeApiKey(wrong), wrong).toBe(false);
    }
    for (const wrong of [key.slice(0, -1), `${key}x`, ` ${key}`, key.toUpperCase(), 'tocsin_', ''])
      expect(isWholeApiKey(wrong), wrong).toBe(false);
    expect(looksLikeApiKey(key.slice(0, 20))).toBe(true);
    expect(looksLikeApiKey('a key that somebody made up')).toBe(false);
  });

  it('is kept as its SHA-256', () => {
    // echo -n tocsin_x | sha256sum
    expect(hashOfApiKey('tocsin_x')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOfApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
