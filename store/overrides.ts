import type { Kysely } from 'kysely';
import type { Override } from '../domain/oncall/override.js';
import { type AuditContext, recordChanges } from './audit.js';
import type { Call } from './keep-open.js';
import {
  byIds,
  find,
  iso,
  overrideOf,
  type OverrideQuery,
  rowOf,
  type StoredOverride,
} from './override-rows.js';
import type { CallOptions } from './store.js';
import type { Tables } from './tables.js';
import { commit, raiseVersion, undo, versionOf, write } from './write.js';

/**
 * Says what is against new overrides; null: nothing. `existing` are those of the same schedules that overlap them in time and
 * were not taken back; nobody can add another while it looks. `wanted` are the new ones as they would be kept.
 */
export type OverrideCheck<Refusal> = (
  existing: readonly StoredOverride[],
  wanted: readonly Override[],
) => Refusal | null;

/** What came of adding. */
export type Added<Refusal> =
  | {
      readonly kind: 'added';
      /** As they are kept; `createdAt` may be later than asked, see {@link Overrides.add}. */
      readonly overrides: readonly StoredOverride[];
      readonly version: number;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What came of taking back. */
export interface Cancelled {
  readonly cancelled: readonly StoredOverride[];
  /** Those that somebody had taken back before. */
  readonly already: readonly StoredOverride[];
  /** Ids of which there is none: then nothing at all was taken back. */
  readonly unknown: readonly string[];
  readonly version: number;
}

/** The overrides of all schedules. */
export interface Overrides {
  /** By start, then id. */
  list(query?: OverrideQuery, options?: CallOptions): Promise<readonly StoredOverride[]>;
  get(id: string, options?: CallOptions): Promise<StoredOverride | null>;
  /**
   * Keeps all of them or none, after `check`. Where one was made no later than an existing one that it overlaps (a clock was
   * set back), it counts as made just after that: the newest wins. The same again, with the same ids, is done already: so a
   * call that was too slow to be sure of is simply repeated.
   */
  add<Refusal>(
    overrides: readonly Override[],
    audit: AuditContext,
    check: OverrideCheck<Refusal>,
    options?: CallOptions,
  ): Promise<Added<Refusal>>;
  /** Takes one back, or several that belong together (a swap), from `audit.at` on. */
  cancel(id: string | readonly string[], audit: AuditContext, options?: CallOptions): Promise<Cancelled>;
  /** Rises with every write. Ask for it before `list`, never after. */
  version(options?: CallOptions): Promise<number>;
}

const NAME = 'overrides';

export function createOverrides(call: Call): Overrides {
  return {
    list: (query = {}, options) => call((db) => find(db, query), options),
    get: (id, options) =>
      call(async (db) => {
        const row = await db.selectFrom('overrides').selectAll().where('id', '=', id).executeTakeFirst();
        return row === undefined ? null : overrideOf(row);
      }, options),
    version: (options) => call((db) => versionOf(db, NAME), options),
    add: <Refusal>(
      overrides: readonly Override[],
      audit: AuditContext,
      check: OverrideCheck<Refusal>,
      options?: CallOptions,
    ) =>
      call(
        (db) =>
          write<Added<Refusal>>(db, async (trx) => {
            const version = await raiseVersion(trx, NAME);
            const ids = overrides.map(({ id }) => id);
            const before = await byIds(trx, ids);
            if (ids.length > 0 && before.length === ids.length)
              return undo({ kind: 'added', overrides: before, version: version - 1 });
            const existing = await overlapping(trx, overrides);
            const wanted = overrides.map((each) => madeAfter(each, existing));
            const refusal = check(existing, wanted);
            if (refusal !== null) return undo({ kind: 'refused', refusal });
            if (wanted.length > 0) {
              await trx.insertInto('overrides').values(wanted.map(rowOf)).execute();
              await recordChanges(
                trx,
                audit,
                wanted.map((after) => ({
                  action: after.swapId === null ? 'override.add' : 'override.swap',
                  subject: { kind: 'override', id: after.id },
                  before: null,
                  after,
                })),
              );
            }
            return commit({ kind: 'added', overrides: wanted, version });
          }),
        { ...options, writes: true },
      ),
    cancel: (id, audit, options) =>
      call(
        (db) =>
          write<Cancelled>(db, async (trx) => {
            const version = await raiseVersion(trx, NAME);
            const ids = typeof id === 'string' ? [id] : [...id];
            const found = await byIds(trx, ids);
            const unknown = ids.filter((each) => !found.some((override) => override.id === each));
            const already = found.filter(({ cancelledAt }) => cancelledAt !== undefined);
            const standing = found.filter(({ cancelledAt }) => cancelledAt === undefined);
            if (unknown.length > 0 || standing.length === 0)
              return undo({ cancelled: [], already, unknown, version: version - 1 });
            await trx
              .updateTable('overrides')
              .set({ cancelled_at: iso(audit.at), cancelled_by: audit.actor })
              .where(
                'id',
                'in',
                standing.map((each) => each.id),
              )
              .execute();
            const cancelled = standing.map((each) => ({
              ...each,
              cancelledAt: audit.at,
              cancelledBy: audit.actor,
            }));
            await recordChanges(
              trx,
              audit,
              standing.map((before, index) => ({
                action: 'override.cancel',
                subject: { kind: 'override', id: before.id },
                before,
                after: cancelled[index],
              })),
            );
            return commit({ cancelled, already, unknown, version });
          }),
        { ...options, writes: true },
      ),
  };
}

async function overlapping(
  db: Kysely<Tables>,
  overrides: readonly Override[],
): Promise<readonly StoredOverride[]> {
  const found = new Map<string, StoredOverride>();
  for (const { schedule, from, to } of overrides)
    for (const each of await find(db, { schedule, from, to })) found.set(each.id, each);
  return [...found.values()];
}

function madeAfter(override: Override, existing: readonly Override[]): Override {
  const latest = existing
    .filter(
      ({ schedule, from, to }) => schedule === override.schedule && from < override.to && override.from < to,
    )
    .reduce((newest, { createdAt }) => Math.max(newest, createdAt), -Infinity);
  return latest < override.createdAt ? override : { ...override, createdAt: latest + 1 };
}
