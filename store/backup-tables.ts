/** A table whose rows are in a backup. */
export interface BackupTable {
  readonly name: string;
  /** Columns of its primary key: in their order rows are written. */
  readonly key: readonly string[];
  /**
   * A running Tocsin fills it by itself (beats, records …), so that rows in it do not mean that the store is in use. Those that
   * exist stay: they are newer than the backup.
   */
  readonly fillsItself?: true;
  /**
   * Its key is a number that the database gives, so that the same number in two stores names two things. Where stores are merged a
   * row is the same when these columns are, and gets a number of its own otherwise.
   */
  readonly numbered?: { readonly column: string; readonly sameBy: readonly string[] };
}

/** Every table of a backup, in the order in which it is put in: what others refer to first. */
export const BACKUP_TABLES: readonly BackupTable[] = [
  { name: 'overrides', key: ['id'] },
  { name: 'calendars', key: ['id'] },
  { name: 'api_keys', key: ['id'] },
  { name: 'verified_methods', key: ['user_id', 'mark'] },
  { name: 'maintenance', key: ['id'] },
  { name: 'handoff_notes', key: ['id'] },
  { name: 'first_shifts', key: ['schedule', 'user_id'], fillsItself: true },
  { name: 'beats', key: ['id'], fillsItself: true },
  { name: 'page_counts', key: ['user_id', 'night_from', 'opening_id'], fillsItself: true },
  { name: 'records', key: ['opening_id'], fillsItself: true },
  { name: 'record_reviews', key: ['opening_id'], fillsItself: true },
  { name: 'record_entries', key: ['opening_id', 'part', 'seq'], fillsItself: true },
  { name: 'record_pages', key: ['opening_id', 'seq'], fillsItself: true },
  { name: 'record_deliveries', key: ['opening_id', 'provider', 'provider_id'], fillsItself: true },
  {
    name: 'audit',
    key: ['id'],
    numbered: { column: 'id', sameBy: ['at', 'actor', 'action', 'subject_kind', 'subject_id', 'via'] },
  },
];

/** Tables that are in no backup, and why. A test compares all of these with the tables that there are. */
export const NOT_IN_BACKUP: Readonly<Record<string, string>> = {
  tocsin_migrations: 'what was done to the tables: in the first line',
  tocsin_migrations_lock: 'only used while tables are brought up to date',
  versions: 'by these others see that something changed: restoring raises them',
  verification_codes: 'codes that were sent: good for minutes',
  slots: 'when a number is free again: seconds',
  page_marks: 'when a message to somebody left last: minutes',
  bundles: 'messages that are being sent',
  bundle_pages: 'messages that are being sent',
};
