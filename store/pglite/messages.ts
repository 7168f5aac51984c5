import type { Answer } from '../database.js';

/** What the thread is started with. */
export interface ThreadData {
  readonly directory: string;
}

/** To the thread. */
export type Asked =
  | { readonly kind: 'query'; readonly id: number; readonly sql: string; readonly parameters: unknown[] }
  | { readonly kind: 'close' };

/** An error of the database, as far as it can be sent. */
export interface SentError {
  readonly message: string;
  /** SQLSTATE; absent when the database itself broke. */
  readonly code?: string;
  readonly severity?: string;
}

/** From the thread. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: SentError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'error'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'closed' };
