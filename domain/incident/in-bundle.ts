import type { Delivery, IncidentState } from './state.js';

/** For taking back a call that is about other incidents too. */
export function bundleOf(
  { openingId }: Pick<IncidentState, 'openingId'>,
  { bundle }: Pick<Delivery, 'bundle'>,
): { readonly bundle?: { readonly id: string; readonly openingId: string } } {
  return bundle === undefined ? {} : { bundle: { id: bundle, openingId } };
}
