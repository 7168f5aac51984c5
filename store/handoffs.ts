import type { Kysely, Selectable } from 'kysely';
import type { Instant } from '../domain/time/instant.js';
import { type AuditContext, recordChanges } from './audit.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';
import type { HandoffNoteRow, Tables } from './tables.js';
import { commit, raiseVersion, undo, write } from './write.js';

/** What somebody wrote down for whoever comes next. */
export interface HandoffNote {
  readonly id: string;
  /** Id of the schedule. */
  readonly schedule: string;
  readonly text: string;
  /** Id of the user or API key. */
  readonly by: string;
  readonly createdAt: Instant;
}

/** Notes for hand-overs, and first shifts. */
export interface Handoffs {
  /** Those of a schedule that were written since then and not taken away, oldest first, at most 100. */
  notes(
    query: { readonly schedule: string; readonly since: Instant },
    options?: CallOptions,
  ): Promise<readonly HandoffNote[]>;
  /** Written at `audit.at` by `audit.actor`. An id that there is already changes nothing: what is there is answered. */
  addNote(
    note: Pick<HandoffNote, 'id' | 'schedule' | 'text'>,
    audit: AuditContext,
    options?: CallOptions,
  ): Promise<HandoffNote>;
  /** Takes one away; again changes nothing. Null: there is none. */
  removeNote(id: string, audit: AuditContext, options?: CallOptions): Promise<HandoffNote | null>;
  /** Whether no other announcement has told this person of a shift of this schedule before. The same again says the same. */
  isFirst(
    shift: {
      readonly schedule: string;
      readonly userId: string;
      readonly announcement: string;
      readonly at: Instant;
    },
    options?: CallOptions,
  ): Promise<boolean>;
}

const NAME = 'handoffs';
const MOST_NOTES = 100;

export function createHandoffs(call: Call): Handoffs {
  return {
    notes: ({ schedule, since }, options) =>
      call(async (db) => {
        const rows = await db
          .selectFrom('handoff_notes')
          .selectAll()
          .where('schedule', '=', schedule)
          .where('created_at', '>=', new Date(since))
          .where('removed_at', 'is', null)
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .limit(MOST_NOTES)
          .execute();
        return rows.map(noteOf).reverse();
      }, options),
    addNote: ({ id, schedule, text }, audit, options) =>
      call(
        (db) =>
          write(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const before = await byId(trx, id);
            if (before !== undefined) return undo(noteOf(before));
            const note = { id, schedule, text, by: audit.actor, createdAt: audit.at };
            await trx
              .insertInto('handoff_notes')
              .values({
                ...{ id, schedule, text, by: audit.actor, created_at: iso(audit.at) },
                removed_at: null,
                removed_by: null,
              })
              .execute();
            const subject = { kind: 'handoff-note', id };
            await recordChanges(trx, audit, [
              { action: 'handoff-note.add', subject, before: null, after: note },
            ]);
            return commit<HandoffNote>(note);
          }),
        { ...options, writes: true },
      ),
    removeNote: (id, audit, options) =>
      call(
        (db) =>
          write<HandoffNote | null>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const row = await byId(trx, id);
            if (row === undefined) return undo(null);
            const before = noteOf(row);
            if (row.removed_at !== null) return undo(before);
            await trx
              .updateTable('handoff_notes')
              .set({ removed_at: iso(audit.at), removed_by: audit.actor })
              .where('id', '=', id)
              .execute();
            const subject = { kind: 'handoff-note', id };
            await recordChanges(trx, audit, [
              { action: 'handoff-note.remove', subject, before, after: null },
            ]);
            return commit(before);
          }),
        { ...options, writes: true },
      ),
    isFirst: ({ schedule, userId, announcement, at }, options) =>
      call(
        async (db) => {
          await db
            .insertInto('first_shifts')
            .values({ schedule, user_id: userId, announcement, at: iso(at) })
            .onConflict((conflict) => conflict.columns(['schedule', 'user_id']).doNothing())
            .execute();
          const row = await db
            .selectFrom('first_shifts')
            .select('announcement')
            .where('schedule', '=', schedule)
            .where('user_id', '=', userId)
            .executeTakeFirstOrThrow();
          return row.announcement === announcement;
        },
        { ...options, writes: true },
      ),
  };
}

function byId(db: Kysely<Tables>, id: string): Promise<Selectable<HandoffNoteRow> | undefined> {
  return db.selectFrom('handoff_notes').selectAll().where('id', '=', id).executeTakeFirst();
}

function noteOf(row: Selectable<HandoffNoteRow>): HandoffNote {
  const { id, schedule, text, by, created_at: at } = row;
  return { id, schedule, text, by, createdAt: at.getTime() };
}
