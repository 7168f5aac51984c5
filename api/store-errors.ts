import { StoreAway, StoreTooNew } from '../store/errors.js';
import { ApiError, RETRY_AFTER_SECONDS, type ErrorCode } from './errors.js';

/** Errors of what needs the store, for contracts. */
export const STORE_ERRORS = [
  'no-store',
  'store-away',
  'store-too-new',
] as const satisfies readonly ErrorCode[];

const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };

/**
 * The store of this app.
 * @throws ApiError `no-store`
 */
export function requireStore<S>(store: S | undefined): S {
  if (store !== undefined) return store;
  throw new ApiError('no-store', 'This Tocsin has no store, in which that would be kept.', {
    remedy:
      'Set DATABASE_URL for every worker and API (docs/store.md), or ask the one that `tocsin up` runs.',
    headers,
  });
}

/**
 * What a call of the store says.
 * @throws ApiError `store-away` or `store-too-new`
 */
export async function asked<T>(call: Promise<T>, kind: 'read' | 'write'): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw storeError(error, kind) ?? error;
  }
}

/** What the store's refusal is answered with; null: the error is another. Hosts and folders stay in the log. */
export function storeError(error: unknown, kind: 'read' | 'write' = 'write'): ApiError | null {
  if (error instanceof StoreTooNew)
    return new ApiError(
      'store-too-new',
      'The store was brought up to date by a newer Tocsin: nothing was done.',
      {
        remedy: 'Start that newer version; the log of this one says more.',
        headers,
        cause: error,
      },
    );
  if (!(error instanceof StoreAway)) return null;
  // Only then the store may have heard it: lost in the middle of a write, nobody knows.
  const mayCount = kind === 'write' && (error.reason === 'slow' || error.reason === 'unreachable');
  return new ApiError(
    'store-away',
    mayCount
      ? `The store did not answer (${error.reason}): what you asked for may still count. Paging goes on with what was known.`
      : `The store is away (${error.reason}): nothing was done. Paging goes on with what was known.`,
    {
      remedy: mayCount
        ? 'Send it again with the same Idempotency-Key: then it counts once. Without one, list what there is first.'
        : `Send it again in ${RETRY_AFTER_SECONDS} seconds; if it stays so, see /readyz and the log for what is wrong with the store.`,
      headers,
      cause: error,
    },
  );
}
