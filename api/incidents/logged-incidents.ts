import type { Logger } from 'pino';
import type { Incidents } from './incidents.js';

/** The same incidents, with a line in the log for whatever people ask of one: which, what, by which way, and what came of it. */
export function withLog(incidents: Incidents, log: Logger): Incidents {
  return {
    ...incidents,
    act: async (action) => {
      const began = Date.now();
      const result = await incidents.act(action);
      log.info(
        {
          openingId: action.openingId,
          action: action.action,
          via: action.via,
          outcome: result.kind === 'answered' ? result.answer.outcome : result.kind,
          tookMs: Date.now() - began,
        },
        'action',
      );
      return result;
    },
  };
}
