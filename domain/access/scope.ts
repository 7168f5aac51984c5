/** What a key of the API may do, from little to all: each may do what those before it may. */
export const ACCESS_SCOPES = ['read', 'respond', 'admin'] as const;

/**
 * - `read`: see everything
 * - `respond`: declare and act on incidents, make overrides and calendars
 * - `admin`: everything: keys, backups, maintenance, test pages to others
 */
export type AccessScope = (typeof ACCESS_SCOPES)[number];

/** What a key opens: the API, or the intake of one integration and nothing else. */
export type KeyScope = AccessScope | `integration:${string}`;

const INTEGRATION = 'integration:';

/** A scope as people and rows have it; null: there is no such scope. */
export function parseKeyScope(text: string): KeyScope | null {
  const access = ACCESS_SCOPES.find((scope) => scope === text);
  if (access !== undefined) return access;
  return text.startsWith(INTEGRATION) && text.length > INTEGRATION.length ? (text as KeyScope) : null;
}

/** The id of the integration whose alerts it lets in; null: it opens the API. */
export function integrationOfScope(scope: KeyScope): string | null {
  return isAccessScope(scope) ? null : scope.slice(INTEGRATION.length);
}

/** Whether a key with this scope may do what needs that one. Keys of integrations may do nothing of the kind. */
export function mayDo(has: KeyScope, needed: AccessScope): boolean {
  return isAccessScope(has) && ACCESS_SCOPES.indexOf(has) >= ACCESS_SCOPES.indexOf(needed);
}

function isAccessScope(scope: KeyScope): scope is AccessScope {
  return (ACCESS_SCOPES as readonly string[]).includes(scope);
}
