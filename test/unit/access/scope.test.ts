import { expect, it } from 'vitest';
import { ACCESS_SCOPES, integrationOfScope, mayDo, parseKeyScope } from '../../../domain/access/scope.js';

it('each scope includes those before it, and no integration’s includes any', () => {
  const table = ACCESS_SCOPES.map((has) => ACCESS_SCOPES.map((needed) => mayDo(has, needed)));
  expect(table).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
  for (const needed of ACCESS_SCOPES) {
    expect(mayDo('integration:prometheus', needed)).toBe(false);
    expect(mayDo(`integration:${needed}`, needed)).toBe(false);
  }
});

it('a scope is one of those, or names an integration', () => {
  expect(['read', 'respond', 'admin', 'integration:a:b'].map(parseKeyScope)).toEqual([
    'read',
    'respond',
    'admin',
    'integration:a:b',
  ]);
  for (const wrong of ['', 'Admin', 'admin ', 'integration:', 'integration', 'write'])
    expect(parseKeyScope(wrong), wrong).toBeNull();
  expect([integrationOfScope('integration:a:b'), integrationOfScope('admin')]).toEqual(['a:b', null]);
});
