import type { Kysely, Selectable } from 'kysely';
import type { Instant } from '../domain/time/instant.js';
import { type AuditContext, recordChanges } from './audit.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';
import type { CalendarRow, Tables } from './tables.js';
import { commit, raiseVersion, undo, versionOf, write } from './write.js';

/** One address under which a calendar can be read. */
export interface StoredCalendar {
  readonly id: string;
  readonly kind: 'person' | 'schedule';
  /** Of the user, or of the schedule. */
  readonly subjectId: string;
  readonly createdAt: Instant;
  readonly createdBy: string;
  /** Present together with `revokedBy`: from then on it can't be read. */
  readonly revokedAt?: Instant;
  readonly revokedBy?: string;
}

/** An address that is to be made. */
export interface NewCalendar extends Pick<StoredCalendar, 'id' | 'kind' | 'subjectId'> {
  /** SHA-256 of the token, in hex. */
  readonly tokenHash: string;
}

/** Which are wanted; absent: whichever. */
export interface CalendarQuery extends Partial<Pick<StoredCalendar, 'kind' | 'subjectId'>> {
  /** Default: false. */
  readonly includeRevoked?: boolean;
}

/** The addresses of calendars. */
export interface Calendars {
  /** By what they are of, then by age. */
  list(query?: CalendarQuery, options?: CallOptions): Promise<readonly StoredCalendar[]>;
  /** Made at `audit.at` by `audit.actor`. An id that there is already changes nothing: what is there is answered. */
  add(
    calendar: NewCalendar,
    audit: AuditContext,
    options?: CallOptions,
  ): Promise<{ readonly calendar: StoredCalendar; readonly tokenHash: string }>;
  /** Takes one back, from `audit.at` on; one that was taken back before stays as it is. Null: there is none. */
  revoke(id: string, audit: AuditContext, options?: CallOptions): Promise<StoredCalendar | null>;
  /** Those that can be read, by the hashes of their tokens. */
  byTokenHash(options?: CallOptions): Promise<ReadonlyMap<string, StoredCalendar>>;
  /** Rises with every write. Ask for it before the others, never after. */
  version(options?: CallOptions): Promise<number>;
}

const NAME = 'calendars';

export function createCalendars(call: Call): Calendars {
  return {
    list: ({ kind, subjectId, includeRevoked = false } = {}, options) =>
      call(async (db) => {
        let rows = db
          .selectFrom('calendars')
          .selectAll()
          .orderBy('kind')
          .orderBy('subject_id')
          .orderBy('created_at')
          .orderBy('id');
        if (kind !== undefined) rows = rows.where('kind', '=', kind);
        if (subjectId !== undefined) rows = rows.where('subject_id', '=', subjectId);
        if (!includeRevoked) rows = rows.where('revoked_at', 'is', null);
        return (await rows.execute()).map(calendarOf);
      }, options),
    version: (options) => call((db) => versionOf(db, NAME), options),
    byTokenHash: (options) =>
      call(async (db) => {
        const rows = await db.selectFrom('calendars').selectAll().where('revoked_at', 'is', null).execute();
        return new Map(rows.map((row) => [row.token_hash, calendarOf(row)]));
      }, options),
    add: ({ id, kind, subjectId, tokenHash }, audit, options) =>
      call(
        (db) =>
          write(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const before = await byId(trx, id);
            if (before !== undefined)
              return undo({ calendar: calendarOf(before), tokenHash: before.token_hash });
            const calendar = { id, kind, subjectId, createdAt: audit.at, createdBy: audit.actor };
            await trx
              .insertInto('calendars')
              .values({
                id,
                kind,
                subject_id: subjectId,
                token_hash: tokenHash,
                created_at: iso(audit.at),
                created_by: audit.actor,
                revoked_at: null,
                revoked_by: null,
              })
              .execute();
            const subject = { kind: 'calendar', id };
            // Without the hash: who reads the audit log has no need of it.
            await recordChanges(trx, audit, [
              { action: 'calendar.create', subject, before: null, after: calendar },
            ]);
            return commit({ calendar, tokenHash });
          }),
        { ...options, writes: true },
      ),
    revoke: (id, audit, options) =>
      call(
        (db) =>
          write<StoredCalendar | null>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const row = await byId(trx, id);
            if (row === undefined) return undo(null);
            const before = calendarOf(row);
            if (before.revokedAt !== undefined) return undo(before);
            await trx
              .updateTable('calendars')
              .set({ revoked_at: iso(audit.at), revoked_by: audit.actor })
              .where('id', '=', id)
              .execute();
            const after = { ...before, revokedAt: audit.at, revokedBy: audit.actor };
            const subject = { kind: 'calendar', id };
            await recordChanges(trx, audit, [{ action: 'calendar.revoke', subject, before, after }]);
            return commit(after);
          }),
        { ...options, writes: true },
      ),
  };
}

function byId(db: Kysely<Tables>, id: string): Promise<Selectable<CalendarRow> | undefined> {
  return db.selectFrom('calendars').selectAll().where('id', '=', id).executeTakeFirst();
}

function calendarOf(row: Selectable<CalendarRow>): StoredCalendar {
  return {
    id: row.id,
    kind: row.kind as StoredCalendar['kind'],
    subjectId: row.subject_id,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at.getTime() }),
    ...(row.revoked_by === null ? {} : { revokedBy: row.revoked_by }),
  };
}
