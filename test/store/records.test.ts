import { describe, expect, it } from 'vitest';
import { apply } from '../../domain/incident/machine.js';
import { incidentBatch } from '../../domain/incident/outbox.js';
import { viewOf } from '../../domain/incident/machine.js';
import type { IncidentState } from '../../domain/incident/state.js';
import { inPieces, type RecordBatch } from '../../domain/records/batch.js';
import { openReview } from '../../domain/review/machine.js';
import { reviewBatch } from '../../domain/review/outbox.js';
import { reviewInputOf } from '../../domain/incident/review-input.js';
import { MINUTE } from '../../domain/time/instant.js';
import { incident as virtual } from '../unit/incident/fixtures.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

const OPENING = '0123456789abcdef0123-00c0ffee';
const WORKFLOW = 'incident:0123456789abcdef0123';

/** Everything there is to record of it. */
function whole(state: IncidentState): RecordBatch {
  const batch = incidentBatch(state, WORKFLOW, 0);
  if (batch === null) throw new Error('Nothing happened.');
  return batch;
}

/** An incident that paged two tiers and was acknowledged: at its beginning, and at its end. */
function told(openingId = OPENING) {
  const it = virtual({ openingId });
  const early = it.state();
  it.advanceTo('6:00');
  it.acknowledge('bob');
  const late = it.state();
  return { early, late };
}

/** As the API shows it, without what is not kept. */
function shown(state: IncidentState) {
  return { ...viewOf(state, WORKFLOW), deadlines: [] };
}

describe.each(PLACES)('records on %s', (_name, place) => {
  it('are what the incident was, whole and in order, however it came in and how often', async () => {
    const store = await opened(await place());
    const { early, late } = told();
    expect(await store.records.incident(OPENING)).toBeNull();
    const first = whole(early);
    expect(await store.records.keep(first)).toBe(first.entries.length);
    expect(await store.records.incident(OPENING)).toEqual(shown(early));
    const all = whole(late);
    // In small pieces, the last one first; then all of it again.
    for (const piece of [...inPieces(all, 300)].reverse()) await store.records.keep(piece);
    expect(await store.records.incident(OPENING)).toEqual(shown(late));
    expect(await store.records.keep(all)).toBe(0);
    // What comes late from before changes nothing.
    expect(await store.records.keep(first)).toBe(0);
    expect(await store.records.incident(OPENING)).toEqual(shown(late));
  });

  it('say how many entries are missing where some were never kept', async () => {
    const store = await opened(await place());
    const { late } = told();
    const all = whole(late);
    const entries = all.entries.filter(({ seq }) => seq !== 2 && seq !== 3);
    await store.records.keep({ ...all, entries });
    const kept = await store.records.incident(OPENING);
    expect(kept?.timelineDropped).toBe(2);
    expect(kept?.timeline).toEqual(entries.map(({ entry }) => entry));
    // They come after all: nothing is missing.
    await store.records.keep(all);
    expect((await store.records.incident(OPENING))?.timelineDropped).toBe(0);
  });

  it('of several incidents and of their reviews are apart', async () => {
    const store = await opened(await place());
    const other = '0123456789abcdef0123-0badcafe';
    const { late } = told();
    const second = told(other).early;
    await store.records.keep(whole(late));
    await store.records.keep(whole(second));
    const { state } = openReview(
      reviewInputOf({ ...late, resolvedAt: late.openedAt + MINUTE }),
      late.openedAt,
    );
    const review = reviewBatch(state);
    if (review === null) throw new Error('Nothing happened.');
    expect(await store.records.keep(review)).toBe(review.entries.length);
    expect(await store.records.keep(review)).toBe(0);
    expect(await store.records.incident(OPENING)).toEqual(shown(late));
    expect(await store.records.incident(other)).toEqual(shown(second));
    expect(await store.records.review(OPENING)).toMatchObject({
      openingId: OPENING,
      timeline: state.timeline,
    });
    expect(await store.records.review(other)).toBeNull();
  });

  it('are found by code, the latest first', async () => {
    const store = await opened(await place());
    const { late } = told();
    await store.records.keep(whole(late));
    const again = { ...late, openingId: '0123456789abcdef0123-00000001', openedAt: late.openedAt + 1 };
    await store.records.keep(whole(again));
    const found = await store.records.byCode(late.code);
    expect(found.map(({ openingId }) => openingId)).toEqual([again.openingId, OPENING]);
    expect(found[1]?.view).toMatchObject({ title: late.title, owner: { id: 'bob' } });
    expect(await store.records.byCode('ZZZZ')).toEqual([]);
  });

  it('tell who was called on when, by which incident, and leave out who was only told', async () => {
    const store = await opened(await place());
    const { late } = told();
    await store.records.keep(whole(late));
    await store.records.keep(whole(late));
    const { openedAt } = late;
    const paged = late.timeline.flatMap((entry) =>
      entry.type === 'paged' ? [{ userId: entry.userId, openingId: OPENING, at: entry.at }] : [],
    );
    expect(paged.map(({ userId }) => userId)).toEqual(['alice', 'bob']);
    expect(await store.records.pages({ from: openedAt, to: openedAt + 6 * MINUTE })).toEqual(paged);
    expect(await store.records.pages({ from: openedAt, to: openedAt + 5 * MINUTE })).toEqual(
      paged.slice(0, 1),
    );
    const informed = {
      ...late,
      openingId: '0123456789abcdef0123-00000002',
      timeline: late.timeline.map((entry) =>
        entry.type === 'paged' ? { ...entry, reason: 'for-information' as const } : entry,
      ),
    };
    await store.records.keep(whole(informed));
    expect(await store.records.pages({ from: openedAt, to: openedAt + 6 * MINUTE })).toEqual(paged);
  });

  it('have every message that a provider took, with what became of it last', async () => {
    const store = await opened(await place());
    const { early } = told();
    await store.records.keep(whole(early));
    const before = await store.records.deliveries(OPENING);
    expect(before.length).toBeGreaterThan(0);
    for (const delivery of before)
      expect(delivery).toMatchObject({ userId: 'alice', outcome: 'sent', sentAt: early.openedAt });
    const [first] = Object.values(early.deliveries);
    if (first?.providerId === undefined) throw new Error('Nothing was sent.');
    const report = { deliveryId: first.id, provider: 'stand-in', status: 'delivered' } as const;
    const after = apply(early, { type: 'delivery', report }, early.openedAt + 1_000).state;
    // Only what is new: when it was sent is known already.
    const seen = early.timeline.length;
    const news = incidentBatch(after, WORKFLOW, seen);
    if (news === null) throw new Error('Nothing happened.');
    await store.records.keep(news);
    // An older word comes late.
    await store.records.keep(whole(early));
    const now = await store.records.deliveries(OPENING);
    expect(now.find(({ providerId }) => providerId === first.providerId)).toMatchObject({
      outcome: 'delivered',
      sentAt: early.openedAt,
    });
    expect(now).toHaveLength(before.length);
  });

  it('keep the words of alerts to the letter, but for what no database takes', async () => {
    const store = await opened(await place());
    const { late } = told();
    const nasty = `'); drop table records; -- \\u0000 \\ "Zahnärztin" 🦷 ${'\0'} half ${'\ud83e'}`;
    const odd: IncidentState = {
      ...late,
      title: nasty,
      timeline: [...late.timeline, { at: late.openedAt, type: 'remark', text: nasty }],
    };
    await store.records.keep(whole(odd));
    const cleaned = nasty.replace('\0', '\ufffd').replace(/\ud83e$/, '\ufffd');
    const kept = await store.records.incident(OPENING);
    expect(kept?.title).toBe(cleaned);
    expect(kept?.timeline.at(-1)).toMatchObject({ text: cleaned });
  });

  it('are kept by two at once without a quarrel', async () => {
    const store = await opened(await place());
    const { early, late } = told();
    const added = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.records.keep(whole(index % 2 === 0 ? late : early))),
    );
    expect(added.reduce((sum, count) => sum + count, 0)).toBe(late.timeline.length);
    expect(await store.records.incident(OPENING)).toEqual(shown(late));
  });
});
