import { entriesFrom, type RecordBatch, type ReviewRecordView } from '../records/batch.js';
import { deliveriesTold } from '../records/deliveries.js';
import { reviewViewOf } from './machine.js';
import type { ReviewState } from './state.js';

/**
 * What happened in the review and is not in the store yet; null: nothing. A review that owes nothing closes as it begins and
 * leaves no record of its own: that of its incident says as much.
 */
export function reviewBatch(
  state: ReviewState,
  from: number = state.recordedThrough ?? 0,
): RecordBatch | null {
  if (state.dueAt === null) return null;
  const dropped = state.timelineDropped ?? 0;
  // Only the oldest ever go.
  const timelineNumbers = state.timeline.map((_, index) => index + dropped);
  const entries = entriesFrom({ timeline: state.timeline, timelineDropped: dropped, timelineNumbers }, from);
  if (entries.length === 0) return null;
  const { timeline: _happened, deadlines: _ahead, ...view } = reviewViewOf(state);
  const recorded: ReviewRecordView = view;
  const revision = state.timeline.length + dropped;
  return {
    facts: { part: 'review', revision, view: recorded },
    entries,
    through: revision,
    deliveries: deliveriesTold(state, entries),
  };
}
