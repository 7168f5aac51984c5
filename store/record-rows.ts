import { type Kysely, sql } from 'kysely';
import type { RecordBatch, RecordFacts } from '../domain/records/batch.js';
import { iso } from './override-rows.js';
import type { Tables } from './tables.js';

/** What PostgreSQL takes in no text: NUL, and halves of characters. They come in with the words of alerts. */
const NO_TEXT = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function clean(text: string): string {
  return text.replace(NO_TEXT, '\ufffd');
}

/** As a column of JSON takes it. */
function json(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) => (typeof each === 'string' ? clean(each) : each));
}

/** How it stands; what is older than what is there changes nothing. */
export async function keepFacts(db: Kysely<Tables>, facts: RecordFacts): Promise<void> {
  if (facts.part === 'review') {
    const { view, revision } = facts;
    const row = { opening_id: view.openingId, phase: view.phase, revision, view: json(view) };
    const { opening_id: _key, ...rest } = row;
    await db
      .insertInto('record_reviews')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('opening_id').doUpdateSet(rest).where('record_reviews.revision', '<=', revision),
      )
      .execute();
    return;
  }
  const { view, revision, rules, serviceId } = facts;
  const rest = {
    code: clean(view.code),
    title: clean(view.title),
    service_id: clean(serviceId),
    team: view.team === undefined ? null : clean(view.team),
    severity: clean(view.severity),
    phase: view.phase,
    opened_at: iso(view.openedAt),
    resolved_at: view.resolvedAt === undefined ? null : iso(view.resolvedAt),
    owner_id: view.owner === undefined ? null : clean(view.owner.id),
    policy_hash: view.policy.hash,
    rules,
    revision,
    view: json(view),
  };
  await db
    .insertInto('records')
    .values({ opening_id: view.openingId, ...rest })
    .onConflict((conflict) =>
      conflict.column('opening_id').doUpdateSet(rest).where('records.revision', '<=', revision),
    )
    .execute();
}

/** How many of them were new. */
export async function keepEntries(db: Kysely<Tables>, { facts, entries }: RecordBatch): Promise<number> {
  if (entries.length === 0) return 0;
  const { openingId } = facts.view;
  const added = await db
    .insertInto('record_entries')
    .values(
      entries.map(({ seq, entry }) => ({
        opening_id: openingId,
        part: facts.part,
        seq,
        at: iso(entry.at),
        type: entry.type,
        entry: json(entry),
      })),
    )
    .onConflict((conflict) => conflict.columns(['opening_id', 'part', 'seq']).doNothing())
    .returning('seq')
    .execute();
  const pages = entries.flatMap(({ seq, entry }) =>
    entry.type === 'paged'
      ? [
          {
            opening_id: openingId,
            seq,
            user_id: clean(entry.userId),
            at: iso(entry.at),
            reason: entry.reason,
          },
        ]
      : [],
  );
  if (facts.part === 'incident' && pages.length > 0)
    await db
      .insertInto('record_pages')
      .values(pages)
      .onConflict((conflict) => conflict.columns(['opening_id', 'seq']).doNothing())
      .execute();
  return added.length;
}

/** Messages that providers took, as they stood at this revision. */
export async function keepDeliveries(db: Kysely<Tables>, { facts, deliveries }: RecordBatch): Promise<void> {
  const rows = new Map(
    deliveries.map((each) => [
      `${each.provider} ${each.providerId}`,
      {
        opening_id: facts.view.openingId,
        provider: clean(each.provider),
        provider_id: clean(each.providerId),
        user_id: clean(each.userId),
        channel: each.channel,
        kind: each.kind,
        sent_at: each.sentAt === null ? null : iso(each.sentAt),
        outcome: each.outcome,
        possible_duplicate: each.possibleDuplicate,
        revision: facts.revision,
      },
    ]),
  );
  if (rows.size === 0) return;
  await db
    .insertInto('record_deliveries')
    .values([...rows.values()])
    .onConflict((conflict) =>
      conflict.columns(['opening_id', 'provider', 'provider_id']).doUpdateSet({
        sent_at: sql<string>`coalesce(record_deliveries.sent_at, excluded.sent_at)`,
        outcome: sql<string>`case when excluded.revision >= record_deliveries.revision then excluded.outcome else record_deliveries.outcome end`,
        possible_duplicate: sql<boolean>`record_deliveries.possible_duplicate or excluded.possible_duplicate`,
        revision: sql<number>`greatest(record_deliveries.revision, excluded.revision)`,
      }),
    )
    .execute();
}
