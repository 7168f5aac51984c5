import { type AwayReason, StoreAway, StoreTooNew } from './errors.js';
import { DeadlinePassed } from './deadline.js';

/** The driver failed, not the statement: there is no answer of the database at all, or it ended the session. */
export class LinkLost extends Error {
  constructor(cause: unknown) {
    super(wordsOf(cause), { cause });
    this.name = 'LinkLost';
  }
}

/**
 * What PostgreSQL's codes mean for whoever asked, by code or by its class (first two characters). Absent: the statement was
 * wrong, which is a mistake of ours. Source: PostgreSQL 18, appendix A.
 */
const REASONS: Readonly<Record<string, AwayReason>> = {
  '08': 'unreachable', // connection exception
  '57P': 'unreachable', // admin shutdown, crash shutdown, cannot connect now, database dropped, idle session
  '53300': 'unreachable', // too many connections
  '58': 'unreachable', // system error: the server's input and output
  XX: 'unreachable', // internal error, damaged data
  '53100': 'disk-full',
  '53': 'slow', // insufficient resources
  '57014': 'slow', // cancelled: statement_timeout
  '55P03': 'slow', // lock_timeout
  '40': 'slow', // deadlock, serialization
  '25P03': 'slow', // idle in transaction
  '28': 'refused', // login
  '3D': 'refused', // no such database
  '42501': 'refused', // no right
  '25006': 'refused', // read-only: a standby
};

/** The five characters of a database's error; null: it is none. */
export function sqlState(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code) ? code : null;
}

/** Whether the session can't be used after this error. */
export function isLost(error: unknown): boolean {
  if (error instanceof StoreAway || error instanceof StoreTooNew) return false;
  const code = sqlState(error);
  if (code === null) return true;
  const severity = (error as { readonly severity?: unknown }).severity;
  return severity === 'FATAL' || severity === 'PANIC';
}

/** Why the store could not do it; null: the statement was wrong, which no waiting mends. */
export function awayReason(error: unknown): AwayReason | null {
  if (error instanceof StoreAway) return error.reason;
  if (error instanceof StoreTooNew) return null;
  if (error instanceof DeadlinePassed) return 'slow';
  const code = sqlState(error instanceof LinkLost ? error.cause : error);
  if (code !== null) {
    const known = REASONS[code] ?? REASONS[code.slice(0, 3)] ?? REASONS[code.slice(0, 2)];
    if (known !== undefined) return known;
  }
  return error instanceof LinkLost ? 'unreachable' : null;
}

/** What went wrong in one line. Several addresses tried in vain are told by the first. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').trim() || 'no answer';
}
