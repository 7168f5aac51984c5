import { describe, expect, it } from 'vitest';
import { hasNestedRepetition } from '../../../config/regex.js';

describe('a repetition inside a repetition', () => {
  it.each([
    '/(a+)+b/',
    '/(a*)*/',
    '/((a+)b?)*/',
    '/(?:a+){2,}/',
    '/(?<name>x*)+/',
    '/(a{2,})+/',
    '/(a|a)*b/',
    '/(?:a|ab)+/',
    '/([a-z]+-)*x/',
    '/(a+)+?b/',
    '/^(\\)a+)+$/',
    '/(.*){10}/',
  ])('is in %s', (value) => {
    expect(hasNestedRepetition(value)).toBe(true);
  });

  it.each([
    '/pay.*/',
    '/shop-.*/',
    '/(?:prod|staging)-\\w+/',
    '/(a+)?b/',
    '/(a+)(b+)/',
    '/(ab)+/',
    '/[(+*)]+x*/',
    '/\\(a+\\)+/',
    '/(a?)+b/',
    '/(?:a+){1}/',
    '/(?:a+){0,1}/',
    '/\\d{3}-\\d{4}/',
    '/(?=a+)b/',
    '/(x|y)?z*/',
    '/a|b+/',
    '/[\\]+*]+/',
  ])('is not in %s', (value) => {
    expect(hasNestedRepetition(value)).toBe(false);
  });
});
