import type { ColumnType, Generated } from 'kysely';

/** A point in time: ISO 8601 in, `Date` out. */
type At = ColumnType<Date, string, string>;
/** JSON as text in, parsed out. */
type Json = ColumnType<unknown, string | null, string | null>;

/** The rows as PostgreSQL has them after all migrations. */
export interface Tables {
  overrides: OverrideRow;
  versions: { name: string; version: ColumnType<string | number, number, number> };
  audit: AuditRow;
  beats: { id: string; at: At };
  calendars: CalendarRow;
}

export interface OverrideRow {
  id: string;
  schedule: string;
  slot: string;
  user_id: string;
  instead_of: string | null;
  from_at: At;
  to_at: At;
  reason: string;
  by: string;
  created_at: At;
  swap_id: string | null;
  cancelled_at: ColumnType<Date | null, string | null, string | null>;
  cancelled_by: string | null;
}

export interface CalendarRow {
  id: string;
  kind: string;
  subject_id: string;
  token_hash: string;
  created_at: At;
  created_by: string;
  revoked_at: ColumnType<Date | null, string | null, string | null>;
  revoked_by: string | null;
}

export interface AuditRow {
  id: Generated<string | number>;
  at: At;
  actor: string;
  action: string;
  subject_kind: string;
  subject_id: string;
  before: Json;
  after: Json;
  via: string;
  address: string | null;
}
