import type { DeliveryReport } from '../../domain/incident/event.js';
import type { TokenClaims, TokenMember } from '../../tokens/signed-token.js';
import type { Incidents } from '../incidents/incidents.js';

/** A report without the delivery it belongs to. */
export type ReportOfMessage = DeliveryReport extends infer R
  ? R extends DeliveryReport
    ? Omit<R, 'deliveryId'>
    : never
  : never;

/** The deliveries that a message stands for: one, or several of as many incidents. Empty: the token names none. */
export function deliveriesIn({ o, d, m = [] }: TokenClaims): readonly TokenMember[] {
  return d === undefined ? [] : [{ o, d }, ...m];
}

/**
 * Tells each incident what became of the message that was about it. `none-open`: all of them are over. When one can't be told it
 * rejects, once all others were: the provider says it again, and what was told twice counts once.
 */
export async function reportToEach(
  incidents: Pick<Incidents, 'report'>,
  deliveries: readonly TokenMember[],
  report: ReportOfMessage,
): Promise<'delivered' | 'none-open'> {
  const told = await Promise.allSettled(
    deliveries.map(({ o, d }) => incidents.report(o, { ...report, deliveryId: d })),
  );
  const failed = told.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return told.some((each) => each.status === 'fulfilled' && each.value === 'delivered')
    ? 'delivered'
    : 'none-open';
}
