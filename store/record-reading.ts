import { type Kysely, sql } from 'kysely';
import type { Channel } from '../domain/incident/event.js';
import type { TimelineEntry } from '../domain/incident/timeline.js';
import type { IncidentView, ReviewView } from '../domain/incident/view.js';
import type { IncidentRecordView, ReviewRecordView } from '../domain/records/batch.js';
import type { RecordedDelivery } from '../domain/records/deliveries.js';
import type { Instant } from '../domain/time/instant.js';
import type { Tables } from './tables.js';

/** A record as a list shows it. */
export interface RecordSummary {
  readonly openingId: string;
  readonly view: IncidentRecordView;
}

/** One time that somebody was called on. */
export interface RecordedPage {
  readonly userId: string;
  readonly openingId: string;
  readonly at: Instant;
}

/** What we wrote ourselves is as we wrote it: a newer version reads what an older one kept as it reads its histories. */
function asKept<T>(value: unknown): T {
  return value as T;
}

async function timelineOf(
  db: Kysely<Tables>,
  openingId: string,
  part: 'incident' | 'review',
): Promise<{ readonly timeline: readonly TimelineEntry[]; readonly missing: number }> {
  const rows = await db
    .selectFrom('record_entries')
    .select(['seq', 'entry'])
    .where('opening_id', '=', openingId)
    .where('part', '=', part)
    .orderBy('seq')
    .execute();
  const next = Number(rows.at(-1)?.seq ?? -1) + 1;
  return { timeline: rows.map(({ entry }) => asKept<TimelineEntry>(entry)), missing: next - rows.length };
}

export async function recordedIncident(db: Kysely<Tables>, openingId: string): Promise<IncidentView | null> {
  const row = await db
    .selectFrom('records')
    .select('view')
    .where('opening_id', '=', openingId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { timeline, missing } = await timelineOf(db, openingId, 'incident');
  const view = asKept<IncidentRecordView>(row.view);
  return { ...view, deadlines: [], timeline, timelineDropped: missing };
}

export async function recordedReview(db: Kysely<Tables>, openingId: string): Promise<ReviewView | null> {
  const row = await db
    .selectFrom('record_reviews')
    .select('view')
    .where('opening_id', '=', openingId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { timeline } = await timelineOf(db, openingId, 'review');
  return { ...asKept<ReviewRecordView>(row.view), deadlines: [], timeline };
}

/** As many as anybody reads of one code: there are a million codes. */
const MAX_FOUND = 50;

export async function recordsByCode(db: Kysely<Tables>, code: string): Promise<readonly RecordSummary[]> {
  const rows = await db
    .selectFrom('records')
    .select(['opening_id', 'view'])
    .where('code', '=', code)
    .orderBy('opened_at', 'desc')
    .limit(MAX_FOUND)
    .execute();
  return rows.map(({ opening_id, view }) => ({
    openingId: opening_id,
    view: asKept<IncidentRecordView>(view),
  }));
}

export async function deliveriesOf(
  db: Kysely<Tables>,
  openingId: string,
): Promise<readonly RecordedDelivery[]> {
  const rows = await db
    .selectFrom('record_deliveries')
    .selectAll()
    .where('opening_id', '=', openingId)
    .orderBy('sent_at')
    .orderBy('provider_id')
    .execute();
  return rows.map((row) => ({
    provider: row.provider,
    providerId: row.provider_id,
    userId: row.user_id,
    channel: asKept<Channel>(row.channel),
    kind: asKept<RecordedDelivery['kind']>(row.kind),
    sentAt: row.sent_at === null ? null : row.sent_at.getTime(),
    outcome: asKept<RecordedDelivery['outcome']>(row.outcome),
    possibleDuplicate: row.possible_duplicate,
  }));
}

export async function pagesBetween(
  db: Kysely<Tables>,
  from: string,
  to: string,
): Promise<readonly RecordedPage[]> {
  const rows = await db
    .selectFrom('record_pages')
    .select(['user_id', 'opening_id', 'at'])
    .where('at', '>=', sql<Date>`${from}::timestamptz`)
    .where('at', '<', sql<Date>`${to}::timestamptz`)
    .where('reason', '!=', 'for-information')
    .orderBy('at')
    .execute();
  return rows.map(({ user_id, opening_id, at }) => ({
    userId: user_id,
    openingId: opening_id,
    at: at.getTime(),
  }));
}
