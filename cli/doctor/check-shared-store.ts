import { safe } from '../output/safe.js';
import { ok, warn, type Finding } from './finding.js';

/** Which store a process has. */
export type StoreTold =
  /** It was started without one. */
  { readonly kind: 'none' } | { readonly kind: 'pglite' | 'postgres'; readonly fingerprint: string };

/** A process that answered, and what it says of its store; null: it is of a version that does not tell. */
export interface StoreOf {
  readonly url: string;
  readonly store: StoreTold | null;
}

const NAME = 'Shared store';

/**
 * Whether all processes have the same store. One without it, or with another, goes by other overrides than the rest: it pages,
 * foresees and shows other people, and a worker misses beats that others were sent.
 */
export function checkSharedStore(processes: readonly StoreOf[]): readonly Finding[] {
  const told = processes.flatMap(({ url, store }) =>
    store === null ? [] : [{ url, kind: store.kind, words: wordsOf(store) }],
  );
  const [first] = told;
  // That there is none at all is fine, and nothing to tell.
  if (first === undefined || told.length < 2 || told.every(({ kind }) => kind === 'none')) return [];
  if (told.every(({ words }) => words === first.words))
    return [ok(NAME, `all ${told.length} processes have ${first.words}`)];
  return [
    warn(
      NAME,
      `not all processes have the same: ${told.map(({ url, words }) => `${url} has ${words}`).join(', ')}`,
      'Set the same DATABASE_URL for every worker and API: without it overrides do not count there, and a worker misses heartbeats and pages for them.',
    ),
  ];
}

function wordsOf(store: StoreTold): string {
  switch (store.kind) {
    case 'none':
      return 'none';
    case 'pglite':
      return `an embedded one (${safe(store.fingerprint)})`;
    case 'postgres':
      return `PostgreSQL (${safe(store.fingerprint)})`;
    default:
      return store satisfies never;
  }
}
