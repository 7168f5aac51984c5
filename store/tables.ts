import type { ColumnType, Generated } from 'kysely';

/** A point in time: ISO 8601 in, `Date` out. */
type At = ColumnType<Date, string, string>;
/** JSON as text in, parsed out. */
type Json = ColumnType<unknown, string | null, string | null>;

/** A number that may grow large: PostgreSQL's driver reads it as text. */
type Count = ColumnType<string | number, number, number>;

/** The rows as PostgreSQL has them after all migrations. */
export interface Tables {
  overrides: OverrideRow;
  versions: { name: string; version: ColumnType<string | number, number, number> };
  audit: AuditRow;
  beats: { id: string; at: At };
  slots: { key: string; next_free_at: At };
  calendars: CalendarRow;
  handoff_notes: HandoffNoteRow;
  first_shifts: FirstShiftRow;
  page_marks: PageMarkRow;
  bundles: BundleRow;
  bundle_pages: BundlePageRow;
  records: RecordRow;
  record_reviews: { opening_id: string; phase: string; revision: Count; view: Json };
  record_entries: RecordEntryRow;
  record_pages: { opening_id: string; seq: Count; user_id: string; at: At; reason: string };
  record_deliveries: RecordDeliveryRow;
  page_counts: PageCountRow;
  api_keys: ApiKeyRow;
  maintenance: MaintenanceRow;
  verified_methods: VerifiedMethodRow;
  verification_codes: VerificationCodeRow;
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

export interface MaintenanceRow {
  id: string;
  services: ColumnType<unknown, string, string>;
  match: Json;
  from_at: At;
  to_at: At;
  reason: string;
  stop_pages: boolean;
  by: string;
  created_at: At;
  ended_at: ColumnType<Date | null, string | null, string | null>;
  ended_by: string | null;
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

export interface ApiKeyRow {
  id: string;
  name: string;
  key_hash: string;
  scope: string;
  user_id: string | null;
  created_at: At;
  created_by: string;
  expires_at: ColumnType<Date | null, string | null, string | null>;
  last_used_at: ColumnType<Date | null, string | null, string | null>;
  revoked_at: ColumnType<Date | null, string | null, string | null>;
  revoked_by: string | null;
}

export interface PageCountRow {
  user_id: string;
  opening_id: string;
  night_from: At;
  at: At;
}

export interface RecordRow {
  opening_id: string;
  code: string;
  title: string;
  service_id: string;
  team: string | null;
  severity: string;
  phase: string;
  opened_at: At;
  resolved_at: ColumnType<Date | null, string | null, string | null>;
  owner_id: string | null;
  policy_hash: string;
  rules: number;
  revision: Count;
  view: Json;
}

export interface RecordEntryRow {
  opening_id: string;
  part: string;
  seq: Count;
  at: At;
  type: string;
  entry: Json;
}

export interface RecordDeliveryRow {
  opening_id: string;
  provider: string;
  provider_id: string;
  user_id: string;
  channel: string;
  kind: string;
  sent_at: ColumnType<Date | null, string | null, string | null>;
  outcome: string;
  possible_duplicate: boolean;
  revision: Count;
}

export interface HandoffNoteRow {
  id: string;
  schedule: string;
  text: string;
  by: string;
  created_at: At;
  removed_at: ColumnType<Date | null, string | null, string | null>;
  removed_by: string | null;
}

export interface FirstShiftRow {
  schedule: string;
  user_id: string;
  announcement: string;
  at: At;
}

export interface VerifiedMethodRow {
  user_id: string;
  mark: string;
  method_id: string;
  at: At;
  by: string;
}

export interface VerificationCodeRow {
  id: string;
  user_id: string;
  method_id: string;
  mark: string;
  nonce: string;
  sent_at: At;
  wrong_tries: number;
  /** When it was typed back, or voided since its address was forgotten: from then on it proves nothing anew. */
  confirmed_at: ColumnType<Date | null, string | null, string | null>;
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

/** A point in time that may be missing. */
type MaybeAt = ColumnType<Date | null, string | null, string | null>;

export interface PageMarkRow {
  user_id: string;
  method_id: string;
  channel: string;
  last_at: At;
  bundle_id: string | null;
  previous_id: string | null;
  closes_at: MaybeAt;
  pages: number;
}

export interface BundleRow {
  id: string;
  joined: number;
  opened_at: At;
  sender: string | null;
  lease_until: MaybeAt;
  takes: number;
  report: Json;
  sent_at: MaybeAt;
  valid_until: MaybeAt;
  pages: number | null;
}

export interface BundlePageRow {
  key: string;
  bundle_id: string;
  opening_id: string;
  delivery_id: string;
  page: Json;
  joined_at: At;
  left_at: MaybeAt;
  withdrawn_at: MaybeAt;
}
