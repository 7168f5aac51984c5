import type { Kysely } from 'kysely';
import type { Instant } from '../domain/time/instant.js';
import type { CallOptions } from './store.js';
import type { Call } from './keep-open.js';
import type { Tables } from './tables.js';

/** What was changed. */
export interface AuditSubject {
  /** E.g. `override`. */
  readonly kind: string;
  readonly id: string;
}

/** Who changes something, and how they came. */
export interface AuditContext {
  readonly at: Instant;
  /** Id of a user, or of an API key. */
  readonly actor: string;
  /** Way in: `api`, `cli`, `page`, … */
  readonly via: string;
  /** Network address; null: not by network. */
  readonly address: string | null;
}

/** One change. */
export interface AuditEntry extends AuditContext {
  readonly action: string;
  readonly subject: AuditSubject;
  /** As it was; null: it was not there. */
  readonly before: unknown;
  /** As it is; null: it is gone. */
  readonly after: unknown;
}

/** Which changes are wanted. */
export interface AuditQuery {
  readonly subject?: AuditSubject;
  readonly actor?: string;
  /** Those before a page's `next`. */
  readonly before?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** Changes, newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** For the page after this one; null: there are no more. */
  readonly next: string | null;
}

/** Who changed what. It is only ever added to. */
export interface AuditLog {
  /** @throws RangeError for a `before` that no page gave, or a limit out of range */
  list(query: AuditQuery, options?: CallOptions): Promise<AuditPage>;
}

const LARGEST_PAGE = 500;

export function createAuditLog(call: Call): AuditLog {
  return {
    list: async ({ subject, actor, before, limit }, options) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE)
        throw new RangeError(`Expected limit to be a whole number from 1 to ${LARGEST_PAGE}.`);
      if (before !== undefined && !/^[1-9]\d{0,17}$/.test(before))
        throw new RangeError('Expected before to be the `next` of a page.');
      const rows = await call(async (db) => {
        let query = db
          .selectFrom('audit')
          .selectAll()
          .orderBy('id', 'desc')
          // One more tells whether there are any.
          .limit(limit + 1);
        if (subject !== undefined)
          query = query.where('subject_kind', '=', subject.kind).where('subject_id', '=', subject.id);
        if (actor !== undefined) query = query.where('actor', '=', actor);
        if (before !== undefined) query = query.where('id', '<', before);
        return query.execute();
      }, options);
      const shown = rows.slice(0, limit);
      return {
        entries: shown.map((row) => ({
          at: row.at.getTime(),
          actor: row.actor,
          action: row.action,
          subject: { kind: row.subject_kind, id: row.subject_id },
          before: row.before,
          after: row.after,
          via: row.via,
          address: row.address,
        })),
        next: rows.length > limit ? String(shown.at(-1)?.id) : null,
      };
    },
  };
}

/** Writes down changes in the transaction that makes them. */
export async function recordChanges(
  db: Kysely<Tables>,
  { at, actor, via, address }: AuditContext,
  changes: readonly Pick<AuditEntry, 'action' | 'subject' | 'before' | 'after'>[],
): Promise<void> {
  const text = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  await db
    .insertInto('audit')
    .values(
      changes.map(({ action, subject, before, after }) => ({
        at: new Date(at).toISOString(),
        actor,
        action,
        subject_kind: subject.kind,
        subject_id: subject.id,
        before: text(before),
        after: text(after),
        via,
        address,
      })),
    )
    .execute();
}
