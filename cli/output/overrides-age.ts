import { z } from 'zod';
import type { Context } from '../context.js';
import { clockWords, terminalZone } from './times.js';

/** How sure an answer is of its overrides. */
export const certainty = {
  overridesAsOf: z.number().nullable().optional(),
  stale: z.boolean().optional(),
};

/** Says so when there may be newer overrides. */
export function tellStale(
  {
    stale,
    overridesAsOf,
  }: { readonly stale?: boolean | undefined; readonly overridesAsOf?: number | null | undefined },
  context: Context,
): void {
  if (stale !== true) return;
  const known =
    overridesAsOf === undefined || overridesAsOf === null
      ? 'no overrides are known'
      : `overrides as of ${clockWords(overridesAsOf, context.now(), terminalZone())}, as paging goes by them`;
  context.say(`${context.errorColours.yellow('!')} The store is away: ${known}.`);
}
