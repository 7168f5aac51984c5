import { type Kysely, type Selectable, sql } from 'kysely';
import type { Override } from '../domain/oncall/override.js';
import type { Instant } from '../domain/time/instant.js';
import type { OverrideRow, Tables } from './tables.js';

/** An override with what only the store knows of it. */
export interface StoredOverride extends Override {
  /** Who took it back. Present together with `cancelledAt`. */
  readonly cancelledBy?: string;
}

/** Which overrides are wanted; absent: whichever. */
export interface OverrideQuery {
  readonly schedule?: string;
  /** Those that count at or after this instant. */
  readonly from?: Instant;
  /** Those that count before this instant. */
  readonly to?: Instant;
  /** Those that were taken back too, as long as they counted. Default: false. */
  readonly includeCancelled?: boolean;
}

/** By start, then id. */
export async function find(db: Kysely<Tables>, query: OverrideQuery): Promise<readonly StoredOverride[]> {
  const end = sql<Date>`least(to_at, coalesce(cancelled_at, to_at))`;
  let rows = db.selectFrom('overrides').selectAll().orderBy('from_at').orderBy('id');
  if (query.schedule !== undefined) rows = rows.where('schedule', '=', query.schedule);
  if (query.from !== undefined)
    // The first is what there is an index for.
    rows = rows.where('to_at', '>', at(query.from)).where(end, '>', at(query.from));
  if (query.to !== undefined) rows = rows.where('from_at', '<', at(query.to));
  if (query.includeCancelled !== true) rows = rows.where('cancelled_at', 'is', null);
  return (await rows.execute()).map(overrideOf);
}

/** Those that there are, by start, then id. */
export async function byIds(db: Kysely<Tables>, ids: readonly string[]): Promise<readonly StoredOverride[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('overrides')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('from_at')
    .orderBy('id')
    .execute();
  return rows.map(overrideOf);
}

/** As PostgreSQL reads it. */
export function iso(instant: Instant): string {
  return new Date(instant).toISOString();
}

/** A comparison's right side: text that PostgreSQL reads as an instant. */
function at(instant: Instant) {
  return sql<Date>`${iso(instant)}::timestamptz`;
}

/** As it is first written. */
export function rowOf(override: Override) {
  return {
    id: override.id,
    schedule: override.schedule,
    slot: override.slot,
    user_id: override.userId,
    instead_of: override.insteadOf,
    from_at: iso(override.from),
    to_at: iso(override.to),
    reason: override.reason,
    by: override.by,
    created_at: iso(override.createdAt),
    swap_id: override.swapId,
  };
}

export function overrideOf(row: Selectable<OverrideRow>): StoredOverride {
  return {
    id: row.id,
    schedule: row.schedule,
    slot: row.slot === 'secondary' ? 'secondary' : 'primary',
    userId: row.user_id,
    insteadOf: row.instead_of,
    from: row.from_at.getTime(),
    to: row.to_at.getTime(),
    reason: row.reason,
    by: row.by,
    createdAt: row.created_at.getTime(),
    swapId: row.swap_id,
    ...(row.cancelled_at === null ? {} : { cancelledAt: row.cancelled_at.getTime() }),
    ...(row.cancelled_by === null ? {} : { cancelledBy: row.cancelled_by }),
  };
}
