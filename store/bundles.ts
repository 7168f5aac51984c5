import { sql } from 'kysely';
import type { Channel, DeliveryReport } from '../domain/incident/event.js';
import { BUNDLE_PAGES, type BundledPage } from '../domain/messages/message.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';

/** A page that is about to leave. */
export interface PageToMark {
  readonly userId: string;
  readonly methodId: string;
  readonly channel: Channel;
  /** How long after a message the next one is gathered with what else comes. */
  readonly withinMs: Milliseconds;
  /** How long a bundle stays open. */
  readonly gatherMs: Milliseconds;
  /** The id of the bundle, should this page open one: new for each page. */
  readonly newId: string;
}

/** Whether a page goes at once, or with others. */
export type Marked =
  | { readonly kind: 'first' }
  /** To be joined now; it closes after so long. */
  | { readonly kind: 'bundle'; readonly id: string; readonly closesInMs: Milliseconds };

/** What a bundle's message says of one page, but for its link, which is made where it is sent. */
export type KeptPage = Omit<BundledPage, 'url' | 'openingId'> & {
  /** How long it is worth delivering. */
  readonly validForMs: Milliseconds;
  /** How urgent it is beside others: activities/pacing/precedence.ts. Absent in what older versions kept. */
  readonly handicapMs?: Milliseconds;
};

export interface BundleMember {
  /** Names one try of one delivery: its idempotency key. */
  readonly key: string;
  readonly openingId: string;
  readonly deliveryId: string;
  readonly page: KeptPage;
}

/** What became of a bundle's message: true of each of its deliveries. `cancelled`: nobody wanted any of it any more. */
export type BundleReport = DeliveryReport extends infer R
  ? R extends { readonly status: 'sent' | 'failed' | 'cancelled' }
    ? Omit<R, 'deliveryId'>
    : never
  : never;

/** Where a closed bundle stands for one of its members. */
export type Turn =
  /** It is this one's to send, and nobody else's for the length of the lease. `takes` above 1: somebody had it before, who may have sent it. */
  | { readonly kind: 'sender'; readonly members: readonly BundleMember[]; readonly takes: number }
  | { readonly kind: 'waiting' }
  /** It is out of it: its sender saw in time that it is answered. */
  | { readonly kind: 'left' }
  | { readonly kind: 'over'; readonly report: BundleReport; readonly pages: number }
  /** Nothing is known of it. */
  | { readonly kind: 'unknown' };

/** A message about several incidents that left. */
export interface SentBundle {
  readonly id: string;
  readonly openingIds: readonly string[];
  readonly sentAt: Instant;
  /** Worth answering until then. */
  readonly validUntil: Instant;
}

/** Several pages to one person that go out as one message. All times are those of the database, so that clocks need not agree. */
export interface Bundles {
  /** One atomic statement: of pages at one moment exactly one is the first, whichever processes they are of. */
  mark(page: PageToMark, options?: CallOptions): Promise<Marked>;
  /** False: it has been closed meanwhile. */
  join(bundleId: string, member: BundleMember, options?: CallOptions): Promise<boolean>;
  /** Takes a page out. False: too late, somebody sends it. */
  leave(bundleId: string, key: string, options?: CallOptions): Promise<boolean>;
  /** The bundle that this try of a delivery joined before its worker died; null: none. */
  bundleOf(key: string, options?: CallOptions): Promise<string | null>;
  /** Asked once a bundle's time is up, and again until it is over: the first who asks closes and sends it; one who died is replaced. */
  take(bundleId: string, key: string, leaseMs: Milliseconds, options?: CallOptions): Promise<Turn>;
  /** The sender lives. Resolves to the keys of the pages in it that nobody has answered yet. */
  extend(
    bundleId: string,
    key: string,
    leaseMs: Milliseconds,
    options?: CallOptions,
  ): Promise<readonly string[]>;
  /** The sender takes pages out that are answered: nobody is told of them. */
  drop(bundleId: string, key: string, dropped: readonly string[], options?: CallOptions): Promise<void>;
  /** The sender goes, and has sent nothing: another may take it at once, as if this one had never had it. */
  giveBack(bundleId: string, key: string, options?: CallOptions): Promise<void>;
  /** Says what became of it. */
  finish(
    bundleId: string,
    key: string,
    outcome: { readonly report: BundleReport; readonly pages: number; readonly validForMs: Milliseconds },
    options?: CallOptions,
  ): Promise<void>;
  /** A page of it is answered. True: so are all the others, and nobody needs its message or its call any more. */
  withdraw(
    bundleId: string,
    page: { readonly openingId: string; readonly deliveryId: string },
    options?: CallOptions,
  ): Promise<boolean>;
  /** The last message by which this person was paged on this channel, if it was about several and is still valid at `at`. */
  lastOf(userId: string, channel: Channel, at: Instant, options?: CallOptions): Promise<SentBundle | null>;
  /** Forgets what is older. */
  forget(before: Instant, options?: CallOptions): Promise<void>;
}

/** A mark that lies further ahead was made by a clock that has been set back since. */
const AHEAD = sql`interval '1 minute'`;

function ms(length: Milliseconds) {
  return sql`(${length}::float8 * interval '1 millisecond')`;
}

export function createBundles(call: Call): Bundles {
  return {
    mark: (page, options) =>
      call(
        async (db) => {
          // What is there already is seen as it was, by all the cases alike; `now()` is the same in all of them.
          const joins = sql`(m.closes_at > now() and m.closes_at < now() + ${AHEAD} and m.pages < ${BUNDLE_PAGES}::int)`;
          const opens = sql`(m.last_at > now() - ${ms(page.withinMs)} and m.last_at < now() + ${AHEAD})`;
          const closes = sql`now() + ${ms(page.gatherMs)}`;
          const { rows } = await sql<{ bundle_id: string | null; left_ms: number | null }>`
            insert into page_marks as m
              (user_id, method_id, channel, last_at, bundle_id, previous_id, closes_at, pages)
            values (${page.userId}, ${page.methodId}, ${page.channel}, now(), null, null, null, 0)
            on conflict (user_id, method_id) do update set
              channel = excluded.channel,
              bundle_id = case when ${joins} then m.bundle_id when ${opens} then ${page.newId}::text end,
              previous_id = case when ${joins} then m.previous_id when ${opens} then m.bundle_id end,
              closes_at = case when ${joins} then m.closes_at when ${opens} then ${closes} end,
              pages = case when ${joins} then m.pages + 1 when ${opens} then 1 else 0 end,
              last_at = case when ${joins} then m.last_at when ${opens} then ${closes} else now() end
            returning bundle_id, (extract(epoch from closes_at - now()) * 1000)::float8 as left_ms`.execute(
            db,
          );
          const [row] = rows;
          const id = row?.bundle_id ?? null;
          return id === null
            ? { kind: 'first' }
            : { kind: 'bundle', id, closesInMs: Math.max(0, row?.left_ms ?? 0) };
        },
        { ...options, writes: true },
      ),

    join: (bundleId, { key, openingId, deliveryId, page }, options) =>
      call(
        async (db) => {
          // Who closes it changes the same row: a page is in before that, or not at all.
          const { rows } = await sql`
            with b as (
              insert into bundles as o (id, joined, opened_at, takes) values (${bundleId}, 1, now(), 0)
              on conflict (id) do update set joined = o.joined + 1 where o.sender is null
              returning o.id
            )
            insert into bundle_pages (key, bundle_id, opening_id, delivery_id, page, joined_at)
            select ${key}, b.id, ${openingId}, ${deliveryId}, ${JSON.stringify(page)}::jsonb, now() from b
            on conflict (key) do nothing
            returning key`.execute(db);
          return rows.length > 0;
        },
        { ...options, writes: true },
      ),

    leave: (bundleId, key, options) =>
      call(
        async (db) => {
          const { rows } = await sql`
            with b as (
              update bundles set joined = joined - 1 where id = ${bundleId} and sender is null returning id
            )
            update bundle_pages p set left_at = now() from b
            where p.key = ${key} and p.bundle_id = b.id and p.left_at is null
            returning p.key`.execute(db);
          return rows.length > 0;
        },
        { ...options, writes: true },
      ),

    bundleOf: (key, options) =>
      call(async (db) => {
        const row = await db
          .selectFrom('bundle_pages')
          .select('bundle_id')
          .where('key', '=', key)
          .where('left_at', 'is', null)
          .executeTakeFirst();
        return row?.bundle_id ?? null;
      }, options),

    take: (bundleId, key, leaseMs, options) =>
      call(
        async (db): Promise<Turn> => {
          const taken = await sql<{ takes: number }>`
            update bundles set sender = ${key}, lease_until = now() + ${ms(leaseMs)}, takes = takes + 1
            where id = ${bundleId} and report is null and (sender is null or lease_until < now())
            returning takes`.execute(db);
          const [mine] = taken.rows;
          if (mine !== undefined) {
            const members = await db
              .selectFrom('bundle_pages')
              .selectAll()
              .where('bundle_id', '=', bundleId)
              .where('left_at', 'is', null)
              .orderBy('joined_at')
              .orderBy('key')
              .execute();
            return {
              kind: 'sender',
              takes: mine.takes,
              members: members.map((row) => ({
                key: row.key,
                openingId: row.opening_id,
                deliveryId: row.delivery_id,
                page: row.page as KeptPage,
              })),
            };
          }
          const row = await db
            .selectFrom('bundles as b')
            .leftJoin('bundle_pages as p', (join) =>
              join.onRef('p.bundle_id', '=', 'b.id').on('p.key', '=', key),
            )
            .select(['b.report', 'b.pages', 'p.left_at'])
            .where('b.id', '=', bundleId)
            .executeTakeFirst();
          if (row === undefined) return { kind: 'unknown' };
          if (row.left_at !== null) return { kind: 'left' };
          return row.report === null
            ? { kind: 'waiting' }
            : { kind: 'over', report: row.report as BundleReport, pages: row.pages ?? 0 };
        },
        { ...options, writes: true },
      ),

    extend: (bundleId, key, leaseMs, options) =>
      call(
        async (db) => {
          await sql`
            update bundles set lease_until = now() + ${ms(leaseMs)}
            where id = ${bundleId} and sender = ${key}`.execute(db);
          const rows = await db
            .selectFrom('bundle_pages')
            .select('key')
            .where('bundle_id', '=', bundleId)
            .where('left_at', 'is', null)
            .where('withdrawn_at', 'is', null)
            .execute();
          return rows.map((row) => row.key);
        },
        { ...options, writes: true },
      ),

    drop: (bundleId, key, dropped, options) =>
      call(
        async (db) => {
          await sql`
            update bundle_pages p set left_at = now() from bundles b
            where b.id = ${bundleId} and b.sender = ${key} and p.bundle_id = b.id and p.left_at is null
              and p.key in (select jsonb_array_elements_text(${JSON.stringify(dropped)}::jsonb))`.execute(db);
        },
        { ...options, writes: true },
      ),

    giveBack: (bundleId, key, options) =>
      call(
        async (db) => {
          await sql`
            update bundles set sender = null, lease_until = null, takes = takes - 1
            where id = ${bundleId} and sender = ${key} and report is null`.execute(db);
        },
        { ...options, writes: true },
      ),

    finish: (bundleId, key, { report, pages, validForMs }, options) =>
      call(
        async (db) => {
          const sentAt = report.status === 'sent' ? sql`now()` : sql`null`;
          await sql`
            update bundles set report = ${JSON.stringify(report)}::jsonb, pages = ${pages}::int, sent_at = ${sentAt},
              valid_until = now() + ${ms(validForMs)}
            where id = ${bundleId} and sender = ${key} and report is null`.execute(db);
        },
        { ...options, writes: true },
      ),

    withdraw: (bundleId, { openingId, deliveryId }, options) =>
      call(
        async (db) => {
          await sql`
            update bundle_pages set withdrawn_at = now()
            where bundle_id = ${bundleId} and opening_id = ${openingId} and delivery_id = ${deliveryId}`.execute(
            db,
          );
          const { rows } = await sql<{ pages: number; wanted: number }>`
            select count(*)::int as pages, (count(*) filter (where withdrawn_at is null))::int as wanted
            from bundle_pages where bundle_id = ${bundleId} and left_at is null`.execute(db);
          const [row] = rows;
          return row !== undefined && row.pages > 0 && row.wanted === 0;
        },
        { ...options, writes: true },
      ),

    lastOf: (userId, channel, at, options) =>
      call(async (db) => {
        // One that still gathers has reached nobody: what the person has read is the one before it.
        const { rows } = await sql<{ id: string; sent_at: Date; valid_until: Date; openings: string[] }>`
          with last as (
            select bundle_id, previous_id from page_marks
            where user_id = ${userId} and channel = ${channel} order by last_at desc limit 1
          ), read as (
            select case when b.report is null then last.previous_id else b.id end as id
            from last left join bundles b on b.id = last.bundle_id
          )
          select b.id, b.sent_at, b.valid_until,
            (select array_agg(p.opening_id) from bundle_pages p where p.bundle_id = b.id and p.left_at is null) as openings
          from bundles b join read on read.id = b.id
          where b.sent_at is not null and b.pages > 1 and b.valid_until > ${iso(at)}::timestamptz`.execute(
          db,
        );
        const [row] = rows;
        return row === undefined
          ? null
          : {
              id: row.id,
              openingIds: row.openings,
              sentAt: row.sent_at.getTime(),
              validUntil: row.valid_until.getTime(),
            };
      }, options),

    forget: (before, options) =>
      call(
        async (db) => {
          await sql`delete from bundles where opened_at < ${iso(before)}::timestamptz`.execute(db);
          await sql`delete from page_marks where last_at < ${iso(before)}::timestamptz`.execute(db);
        },
        { ...options, writes: true },
      ),
  };
}
