import { type Kysely, type Selectable, sql } from 'kysely';
import type { Instant } from '../domain/time/instant.js';
import { type AuditContext, recordChanges } from './audit.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';
import type { MaintenanceRow, Tables } from './tables.js';
import { commit, raiseVersion, undo, versionOf, write } from './write.js';

/** What a label of an alert must be: as in the configuration. */
export type MatchValue = string | number | boolean;

/** A window in which alerts are recorded and page nobody, made while Tocsin runs. */
export interface StoredWindow {
  readonly id: string;
  /** Ids; empty: all services. */
  readonly services: readonly string[];
  /** Labels that an alert must have; null: whichever. */
  readonly match: Readonly<Record<string, MatchValue | MatchValue[]>> | null;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  readonly reason: string;
  /** What was being paged when it began rests, too. */
  readonly stopPages: boolean;
  /** Id of the user or API key. */
  readonly by: string;
  readonly createdAt: Instant;
  /** From then on it does not count, and who ended it. */
  readonly endedAt?: Instant;
  readonly endedBy?: string;
}

/** What came of ending one. */
export type Ended =
  | { readonly kind: 'ended' | 'already'; readonly window: StoredWindow }
  /** Its time was over before. */
  | { readonly kind: 'over'; readonly window: StoredWindow }
  | { readonly kind: 'unknown' };

/** The windows of all services. */
export interface Maintenance {
  /** Those whose time (as it was planned) reaches after this instant, by start, then id; ended ones as well. */
  list(query: { readonly from: Instant }, options?: CallOptions): Promise<readonly StoredWindow[]>;
  /** An id that there is already changes nothing: what is there is answered. */
  add(window: StoredWindow, audit: AuditContext, options?: CallOptions): Promise<StoredWindow>;
  /** From `audit.at` on it does not count. Again changes nothing. */
  end(id: string, audit: AuditContext, options?: CallOptions): Promise<Ended>;
  /** Rises with every write. Ask for it before `list`, never after. */
  version(options?: CallOptions): Promise<number>;
}

const NAME = 'maintenance';

export function createMaintenance(call: Call): Maintenance {
  return {
    version: (options) => call((db) => versionOf(db, NAME), options),
    list: ({ from }, options) =>
      call(async (db) => {
        const rows = await db
          .selectFrom('maintenance')
          .selectAll()
          .where('to_at', '>', sql<Date>`${iso(from)}::timestamptz`)
          .orderBy('from_at')
          .orderBy('id')
          .execute();
        return rows.map(windowOf);
      }, options),
    add: (window, audit, options) =>
      call(
        (db) =>
          write<StoredWindow>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const before = await byId(trx, window.id);
            if (before !== null) return undo(before);
            const { services, match, stopPages, from, to, createdAt, ...rest } = window;
            await trx
              .insertInto('maintenance')
              .values({
                id: rest.id,
                reason: rest.reason,
                by: rest.by,
                services: JSON.stringify(services),
                match: match === null ? null : JSON.stringify(match),
                stop_pages: stopPages,
                from_at: iso(from),
                to_at: iso(to),
                created_at: iso(createdAt),
                ended_at: null,
                ended_by: null,
              })
              .execute();
            const subject = { kind: NAME, id: window.id };
            await recordChanges(trx, audit, [
              { action: 'maintenance.start', subject, before: null, after: window },
            ]);
            return commit(window);
          }),
        { ...options, writes: true },
      ),
    end: (id, audit, options) =>
      call(
        (db) =>
          write<Ended>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const window = await byId(trx, id);
            if (window === null) return undo({ kind: 'unknown' });
            if (window.endedAt !== undefined) return undo({ kind: 'already', window });
            if (window.to <= audit.at) return undo({ kind: 'over', window });
            await trx
              .updateTable('maintenance')
              .set({ ended_at: iso(audit.at), ended_by: audit.actor })
              .where('id', '=', id)
              .execute();
            const ended = { ...window, endedAt: audit.at, endedBy: audit.actor };
            await recordChanges(trx, audit, [
              { action: 'maintenance.end', subject: { kind: NAME, id }, before: window, after: ended },
            ]);
            return commit<Ended>({ kind: 'ended', window: ended });
          }),
        { ...options, writes: true },
      ),
  };
}

async function byId(db: Kysely<Tables>, id: string): Promise<StoredWindow | null> {
  const row = await db.selectFrom('maintenance').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : windowOf(row);
}

function windowOf(row: Selectable<MaintenanceRow>): StoredWindow {
  return {
    id: row.id,
    services: row.services as StoredWindow['services'],
    match: row.match as StoredWindow['match'],
    from: row.from_at.getTime(),
    to: row.to_at.getTime(),
    reason: row.reason,
    stopPages: row.stop_pages,
    by: row.by,
    createdAt: row.created_at.getTime(),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.getTime() }),
    ...(row.ended_by === null ? {} : { endedBy: row.ended_by }),
  };
}
