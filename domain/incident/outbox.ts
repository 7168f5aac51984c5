import { deliveriesTold } from '../records/deliveries.js';
import { entriesFrom, type IncidentRecordView, type RecordBatch } from '../records/batch.js';
import { viewOf } from './machine.js';
import { revisionOf } from './revision.js';
import type { IncidentState } from './state.js';

/**
 * What happened and is not in the store yet; null: nothing. What is dropped of a timeline that grew too long was kept before,
 * unless the store has been away for very long: then a number is missing in the record.
 */
export function incidentBatch(
  state: IncidentState,
  workflowId: string,
  from: number = state.recordedThrough ?? 0,
): RecordBatch | null {
  const entries = entriesFrom(state, from);
  if (entries.length === 0) return null;
  const {
    timeline: _happened,
    timelineDropped: _gone,
    deadlines: _ahead,
    ...view
  } = viewOf(state, workflowId);
  const recorded: IncidentRecordView = view;
  const revision = revisionOf(state);
  return {
    facts: {
      part: 'incident',
      revision,
      serviceId: state.plan.service.id,
      rules: state.rules,
      view: recorded,
    },
    entries,
    through: revision,
    deliveries: deliveriesTold(state, entries),
  };
}
