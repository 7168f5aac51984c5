import type { Incidents, IncidentSummary } from '../incidents/incidents.js';
import type { IncidentRecordView } from '../../domain/records/batch.js';
import { keyOfOpening } from '../../temporal-config/names.js';
import { StoreAway, StoreTooNew } from '../../store/errors.js';
import type { Records } from '../../store/records.js';
import { storeError } from '../store-errors.js';

/** Somebody waits on the phone for what a code means. */
const LIMIT_MS = 1_000;

/** The same incidents, and those that Temporal no longer has, from their records. */
export function withRecords(incidents: Incidents, records: Pick<Records, 'incident' | 'byCode'>): Incidents {
  return {
    ...incidents,
    get: async (openingId) => {
      const live = await incidents.get(openingId);
      if (live !== null || keyOfOpening(openingId) === null) return live;
      try {
        const view = await records.incident(openingId, { limitMs: LIMIT_MS });
        return view === null
          ? null
          : { ...view, record: { asOf: view.timeline.at(-1)?.at ?? view.openedAt } };
      } catch (error) {
        // It may be there: that there is none would be a guess.
        throw storeError(error, 'read') ?? error;
      }
    },
    byCode: async (code, need) => {
      const live = await incidents.byCode(code, need);
      if (live.length > 0 || !/^[A-Za-z0-9]{4}$/.test(code)) return live;
      try {
        const found = await records.byCode(code.toUpperCase(), { limitMs: LIMIT_MS });
        return found.map(({ view }) => summaryOf(view));
      } catch (error) {
        // Whoever replies to a message is answered at once; whoever reads is not told that there is none.
        const isAway = error instanceof StoreAway || error instanceof StoreTooNew;
        if (isAway && need !== 'past') return live;
        throw storeError(error, 'read') ?? error;
      }
    },
  };
}

/** Whatever its phase: Temporal does not have it, so that it is over. */
function summaryOf(view: IncidentRecordView): IncidentSummary {
  const { openingId, code, title, service, severity, phase, owner, openedAt } = view;
  return {
    ...{ openingId, code, title, service, severity, phase },
    open: false,
    ...(owner === undefined ? {} : { owner: owner.id, ownerName: owner.name }),
    startedAt: openedAt,
  };
}
