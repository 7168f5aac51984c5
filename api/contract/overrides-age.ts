import { z } from 'zod';
import { instant } from './timeline.js';

/** How old the overrides of an answer are. */
export const overridesAge = {
  overridesAsOf: instant
    .nullable()
    .describe(
      'When the store was asked for them; null: it has never answered, and none are known. Absent: none are counted.',
    )
    .exactOptional(),
  stale: z
    .boolean()
    .describe('The store is away: there may be newer overrides. Paging goes by the same ones.')
    .exactOptional(),
};
