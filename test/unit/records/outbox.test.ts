import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { incidentBatch } from '../../../domain/incident/outbox.js';
import { numbersOf } from '../../../domain/incident/kept-timeline.js';
import { BOUNDS } from '../../../domain/incident/state.js';
import type { TimelineEntry } from '../../../domain/incident/timeline.js';
import { inPieces, type RecordBatch } from '../../../domain/records/batch.js';
import { waitFor } from '../../../domain/records/pace.js';
import { applyReview, openReview } from '../../../domain/review/machine.js';
import { reviewBatch } from '../../../domain/review/outbox.js';
import { HOUR, MINUTE } from '../../../domain/time/instant.js';
import { createVirtualIncident, type VirtualIncident } from '../../support/virtual-incident.js';
import { planOf } from '../../support/plans.js';
import { INPUT } from '../review/virtual-review.js';
import { sms } from '../incident/fixtures.js';

const OPENED = Date.UTC(2026, 10, 24, 10);

function opened(): VirtualIncident {
  const rules = [{ afterMs: 0, methods: [sms] }];
  return createVirtualIncident({
    plan: planOf(),
    people: Object.fromEntries(
      ['alice', 'bob', 'carol', 'dan', 'erin'].map((id) => [id, { high: rules, low: rules, notice: [sms] }]),
    ),
    onCall: {},
    severity: 'SEV1',
    startsAt: OPENED,
  });
}

function unrecorded(incident: VirtualIncident): RecordBatch | null {
  return incidentBatch(incident.state(), 'incident:k');
}

/** A store that may be away, and answers that may get lost: what it has, by number. */
function createShelf(incident: VirtualIncident) {
  const kept = new Map<number, TimelineEntry>();
  const tryOnce = (fate: 'up' | 'away' | 'answer-lost' | 'half', size?: number): void => {
    const batch = unrecorded(incident);
    if (batch === null || fate === 'away') return;
    const pieces = inPieces(batch, size);
    for (const piece of fate === 'half' ? pieces.slice(0, Math.ceil(pieces.length / 2)) : pieces) {
      for (const { seq, entry } of piece.entries) {
        const before = kept.get(seq);
        // A number is one entry's for ever.
        if (before !== undefined) expect(entry).toEqual(before);
        kept.set(seq, entry);
      }
      if (fate !== 'answer-lost') incident.feed({ type: 'recorded', through: piece.through });
    }
  };
  return { kept, tryOnce };
}

type Op =
  | { readonly op: 'note' | 'flap' | 'page' }
  | { readonly op: 'wait'; readonly minutes: number }
  | { readonly op: 'keep'; readonly fate: 'up' | 'away' | 'answer-lost' | 'half'; readonly size: number };

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constantFrom('note' as const, 'flap' as const, 'page' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('keep' as const),
      fate: fc.constantFrom('up' as const, 'away' as const, 'answer-lost' as const, 'half' as const),
      size: fc.constantFrom(1, 500, 50_000),
    }),
  },
);

/** Everything that ever happened, by its number: seen the moment it did. */
function createWitness(incident: VirtualIncident) {
  const happened: TimelineEntry[] = [];
  return {
    happened,
    look(): void {
      const state = incident.state();
      const numbers = numbersOf(state);
      numbers.forEach((number, index) => {
        const entry = state.timeline[index];
        if (number >= happened.length && entry !== undefined) {
          expect(number, 'numbers go on without a gap').toBe(happened.length);
          happened.push(entry);
        } else if (entry !== happened[number]) expect(entry).toEqual(happened[number]);
      });
      expect(state.timeline.length + state.timelineDropped).toBe(happened.length);
    },
  };
}

function play(
  incident: VirtualIncident,
  step: Op,
  index: number,
  shelf: ReturnType<typeof createShelf>,
): void {
  switch (step.op) {
    case 'note':
      incident.acts('alice', { action: 'note', text: `note ${index}` });
      return;
    case 'flap':
      incident.fires(`alert-${index}`);
      return;
    case 'page':
      incident.escalate('alice', `reason ${index}`);
      return;
    case 'wait':
      incident.advanceTo(later(incident, step.minutes));
      return;
    case 'keep':
      return shelf.tryOnce(step.fate, step.size);
    default:
      return step satisfies never;
  }
}

function later(incident: VirtualIncident, minutes: number): `${number}:${number}` {
  const [now = 0] = incident.clock().split(':').map(Number);
  return `${now + minutes}:00`;
}

test('however often the store is away, and whatever answers get lost, everything that happened is kept once, in order', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60, size: 'max' }), (ops) => {
      const incident = opened();
      const shelf = createShelf(incident);
      const witness = createWitness(incident);
      witness.look();
      ops.forEach((step, index) => {
        play(incident, step, index, shelf);
        witness.look();
        if (step.op === 'keep' && step.fate === 'up') expect(unrecorded(incident)).toBeNull();
      });
      shelf.tryOnce('up');
      const inOrder = [...shelf.kept].sort(([one], [other]) => one - other);
      expect(inOrder).toEqual([...witness.happened.entries()]);
    }),
    { seed: 20_261_121, numRuns: 150 },
  );
});

describe('a timeline that grew too long', () => {
  it('loses nothing that the store did not have, when it is kept now and then', () => {
    const incident = opened();
    const shelf = createShelf(incident);
    const witness = createWitness(incident);
    for (let index = 0; index < 900; index += 1) {
      play(incident, { op: index % 3 === 0 ? 'flap' : 'note' }, index, shelf);
      witness.look();
      if (index % 90 === 0) shelf.tryOnce('up');
    }
    shelf.tryOnce('up');
    expect(incident.state().timelineDropped).toBeGreaterThan(300);
    expect(incident.state().timeline.length).toBeLessThanOrEqual(BOUNDS.timeline);
    expect([...shelf.kept].sort(([one], [other]) => one - other)).toEqual([...witness.happened.entries()]);
  });

  it('says how many are missing, where the store was away for all of it', () => {
    const incident = opened();
    const shelf = createShelf(incident);
    const witness = createWitness(incident);
    for (let index = 0; index < 700; index += 1) {
      play(incident, { op: 'note' }, index, shelf);
      witness.look();
    }
    shelf.tryOnce('up');
    const last = Math.max(...shelf.kept.keys());
    expect(last).toBe(witness.happened.length - 1);
    expect(last + 1 - shelf.kept.size).toBe(incident.state().timelineDropped);
    expect(shelf.kept.get(0)).toMatchObject({ type: 'opened' });
  });

  it('numbers what an earlier version dropped as well as can be', () => {
    const entry = (text: string): TimelineEntry => ({ at: 0, type: 'remark', text });
    const timeline = [entry('opening'), entry('b'), entry('c')];
    expect(numbersOf({ timeline, timelineDropped: 0 })).toEqual([0, 1, 2]);
    expect(numbersOf({ timeline, timelineDropped: 7 })).toEqual([0, 8, 9]);
  });
});

describe('what is kept of an incident', () => {
  it('is how it stands, what happened, and what its messages came to, by person', () => {
    const incident = opened();
    incident.acknowledge('alice');
    const batch = unrecorded(incident);
    expect(batch?.facts).toMatchObject({
      part: 'incident',
      serviceId: 'payments',
      view: { phase: 'acknowledged', owner: { id: 'alice' }, policy: { id: 'default' } },
    });
    expect(batch?.facts.view).not.toHaveProperty('timeline');
    expect(batch?.facts.view).not.toHaveProperty('deadlines');
    expect(batch?.deliveries).toEqual([
      {
        ...{ provider: 'stand-in', providerId: 'sms-1', userId: 'alice', channel: 'sms', kind: 'page' },
        ...{ sentAt: OPENED, outcome: 'sent', possibleDuplicate: false },
      },
    ]);
    incident.feed({ type: 'recorded', through: batch?.through ?? 0 });
    expect(unrecorded(incident)).toBeNull();
    // What came of a message is told anew, though it was sent before.
    const [delivery] = Object.values(incident.state().deliveries);
    incident.reports({ deliveryId: delivery?.id ?? '', provider: 'stand-in', status: 'delivered' });
    expect(unrecorded(incident)?.deliveries).toMatchObject([
      { providerId: 'sms-1', sentAt: null, outcome: 'delivered' },
    ]);
  });

  it('changes nothing else: no promise, no message, no line of the timeline, and an older answer takes nothing back', () => {
    const incident = opened();
    const before = incident.state();
    incident.feed({ type: 'recorded', through: 3 });
    incident.feed({ type: 'recorded', through: 1 });
    expect(incident.state()).toEqual({ ...before, recordedThrough: 3 });
  });

  it('goes in pieces of bounded size, in order, of which only the last has the messages', () => {
    const incident = opened();
    for (let index = 0; index < 40; index += 1)
      incident.acts('alice', { action: 'note', text: 'x'.repeat(1_000) });
    const batch = unrecorded(incident);
    if (batch === null) throw new Error('Nothing to record.');
    const pieces = inPieces(batch, 10_000);
    expect(pieces.length).toBeGreaterThan(3);
    for (const piece of pieces) expect(JSON.stringify(piece.entries).length).toBeLessThan(10_500);
    expect(pieces.flatMap(({ entries }) => entries)).toEqual(batch.entries);
    pieces.forEach((piece, index) => {
      const next = pieces[index + 1]?.entries[0]?.seq;
      expect(piece.through).toBe(next ?? batch.through);
      expect(piece.deliveries).toEqual(next === undefined ? batch.deliveries : []);
    });
  });
});

describe('what is kept of a review', () => {
  it('is its own timeline, numbered on its own', () => {
    const { state } = openReview(INPUT, INPUT.resolvedAt);
    const by = { kind: 'user', id: 'a', name: 'a' } as const;
    const batch = reviewBatch(state);
    expect(batch?.entries.map(({ seq, entry }) => `${seq} ${entry.type}`)).toEqual(['0 review-started']);
    const kept = applyReview(state, { type: 'recorded', through: 1 }, INPUT.resolvedAt).state;
    expect(reviewBatch(kept)).toBeNull();
    const { state: published } = applyReview(
      kept,
      {
        type: 'action',
        action: { action: 'publish-postmortem', requestId: 'r', by, url: 'https://x.example' },
      },
      INPUT.resolvedAt + HOUR,
    );
    const rest = reviewBatch(published);
    expect(rest?.entries.map(({ seq, entry }) => `${seq} ${entry.type}`)).toEqual([
      '1 postmortem-published',
      '2 closed',
    ]);
    expect(rest?.facts).toMatchObject({ part: 'review', revision: 3, view: { phase: 'closed' } });
  });
});

describe('the pace', () => {
  const first = '0123456789abcdef0123-00000000';
  const last = '0123456789abcdef0123-0000ffff';

  it.each([
    [0, 'kept', 1],
    [1, 'away', 1],
    [2, 'away', 2],
    [3, 'away', 4],
    [5, 'away', 16],
    [6, 'away', 30],
    [5_000, 'away', 30],
    [1, 'no-store', 360],
  ] as const)('after %i tries in vain, the last %s, is %i minutes', (tries, how, minutes) => {
    expect(waitFor(first, tries, how)).toBe(minutes * MINUTE);
    // Others come up to a quarter later: not all at one moment.
    const spread = waitFor(last, tries, how);
    expect(spread).toBeGreaterThan(minutes * MINUTE * 1.2);
    expect(spread).toBeLessThanOrEqual(minutes * MINUTE * 1.25);
  });
});
