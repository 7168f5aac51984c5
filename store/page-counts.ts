import { sql } from 'kysely';
import { NIGHT_PAGES_KEPT_MS, type NightPage } from '../domain/oncall/night.js';
import type { Instant } from '../domain/time/instant.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';
import { commit, raiseVersion, undo, versionOf, write } from './write.js';

/** A page with the night it counts for. */
export interface CountedPage extends NightPage {
  /** When that night began where the person is. */
  readonly nightFrom: Instant;
}

/** Who was paged for which incidents at night, kept for three days. No audit: nobody decided it. */
export interface PageCounts {
  /** Each person, night and incident counts once, the earliest time stays. Forgets what is too old to count. */
  note(pages: readonly CountedPage[], options?: CallOptions): Promise<void>;
  /** Those at `at` or later, oldest first. */
  since(at: Instant, options?: CallOptions): Promise<readonly NightPage[]>;
  /** Rises with every page that is new. */
  version(options?: CallOptions): Promise<number>;
}

/** Rows of one statement: PostgreSQL takes 65,535 parameters. */
const ROWS = 1_000;

export function createPageCounts(call: Call): PageCounts {
  return {
    note: async (pages, options) => {
      // In one order, whoever writes: two statements that lock the same rows crosswise would end one of them.
      const rows = [...pages].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).map(toRow);
      for (let from = 0; from < rows.length; from += ROWS) {
        const part = rows.slice(from, from + ROWS);
        const newest = part.reduce((latest, { at }) => Math.max(latest, Date.parse(at)), 0);
        await call(
          (db) =>
            write(db, async (trx) => {
              await raiseVersion(trx, 'page-counts');
              const added = await trx
                .insertInto('page_counts')
                .values(part)
                .onConflict((conflict) => conflict.doNothing())
                .returning('user_id')
                .execute();
              // Nothing new: nobody has to read it all again.
              if (added.length === 0) return undo(undefined);
              await trx
                .deleteFrom('page_counts')
                .where('at', '<', instant(newest - NIGHT_PAGES_KEPT_MS))
                .execute();
              return commit(undefined);
            }),
          { ...options, writes: true },
        );
      }
    },
    since: (at, options) =>
      call(async (db) => {
        const rows = await db
          .selectFrom('page_counts')
          .select(['user_id', 'opening_id', 'at'])
          .where('at', '>=', instant(at))
          .orderBy('at')
          .execute();
        return rows.map((row): NightPage => ({
          userId: row.user_id,
          openingId: row.opening_id,
          at: row.at.getTime(),
        }));
      }, options),
    version: (options) => call((db) => versionOf(db, 'page-counts'), options),
  };
}

/** The same for the same person, night and incident. */
export function keyOf({ userId, nightFrom, openingId }: CountedPage): string {
  return `${nightFrom} ${openingId} ${userId}`;
}

function instant(at: Instant) {
  return sql<Date>`${iso(at)}::timestamptz`;
}

function toRow({ userId, openingId, nightFrom, at }: CountedPage) {
  return { user_id: userId, opening_id: openingId, night_from: iso(nightFrom), at: iso(at) };
}
