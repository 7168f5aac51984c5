import type { IncidentView, ReviewView } from '../incident/view.js';
import type { KeptTimeline } from '../incident/kept-timeline.js';
import { numbersOf } from '../incident/kept-timeline.js';
import type { TimelineEntry } from '../incident/timeline.js';
import type { RecordedDelivery } from './deliveries.js';

/** What an incident is recorded as, without what happened: no promises, since those are not kept for good. */
export type IncidentRecordView = Omit<IncidentView, 'timeline' | 'timelineDropped' | 'deadlines' | 'record'>;

/** The same of its review. */
export type ReviewRecordView = Omit<ReviewView, 'timeline' | 'deadlines'>;

/** An entry of a timeline with its number, counted from 0. */
export interface NumberedEntry {
  readonly seq: number;
  readonly entry: TimelineEntry;
}

/** How it stands with an incident, or with its review. `revision`: how many entries there had been by then. */
export type RecordFacts =
  | {
      readonly part: 'incident';
      readonly revision: number;
      /** Id of the service; the view has its name. */
      readonly serviceId: string;
      /** Version of the rules that drove it. */
      readonly rules: number;
      readonly view: IncidentRecordView;
    }
  | { readonly part: 'review'; readonly revision: number; readonly view: ReviewRecordView };

/** A part of a record on its way to the store. Kept twice it changes nothing. */
export interface RecordBatch {
  readonly facts: RecordFacts;
  /** In order of their numbers, all of the part's entries from the first of them to `through`, but for those that were dropped. */
  readonly entries: readonly NumberedEntry[];
  /** The number after the last. */
  readonly through: number;
  /** Messages of which the entries tell. */
  readonly deliveries: readonly RecordedDelivery[];
}

/** What became of a try to keep something. */
export type KeepAnswer =
  | { readonly kind: 'kept' }
  /** It is tried again later. */
  | { readonly kind: 'away'; readonly why: string }
  /** The process that was asked has no store. */
  | { readonly kind: 'no-store' };

/** The entries from this number on. */
export function entriesFrom(timeline: KeptTimeline, from: number): readonly NumberedEntry[] {
  const numbers = numbersOf(timeline);
  return timeline.timeline.flatMap((entry, index) => {
    const seq = numbers[index] ?? index;
    return seq < from ? [] : [{ seq, entry }];
  });
}

/** Characters of entries in one piece: about 100 kB of JSON, whatever the script. */
const PIECE_CHARACTERS = 50_000;

/** The same in pieces of about 100 kB, in order; a longer entry is a piece of its own. */
export function inPieces(batch: RecordBatch, most: number = PIECE_CHARACTERS): readonly RecordBatch[] {
  const pieces: NumberedEntry[][] = [];
  let room = 0;
  for (const numbered of batch.entries) {
    const size = JSON.stringify(numbered).length;
    const last = pieces.at(-1);
    if (last === undefined || size > room) {
      pieces.push([numbered]);
      room = most - size;
    } else {
      last.push(numbered);
      room -= size;
    }
  }
  return pieces.map((entries, index): RecordBatch => {
    const isLast = index === pieces.length - 1;
    return {
      facts: batch.facts,
      entries,
      through: isLast ? batch.through : (entries.at(-1)?.seq ?? 0) + 1,
      deliveries: isLast ? batch.deliveries : [],
    };
  });
}
