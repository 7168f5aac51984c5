import { refusal, type Refusal } from './twilio-errors.js';

/** How fast the booth takes what is sent. Twilio itself would take a part of what is beyond, and let it wait. */
export interface Rates {
  /** Null: taken; else why not (429 with 20429). What is refused does not count. */
  take(kind: 'calls' | 'segments', from: string, count: number): Refusal | null;
}

/** What is counted together. */
const SECOND_MS = 1_000;
/** The way here takes now more, now less time: so much early is not too early. */
const TOLERANCE_MS = 100;

/** `calls` of all numbers together, `segments` of each number, in a second; absent: as many as come. */
export function createRates(
  limits: { readonly callsPerSecond?: number; readonly segmentsPerSecond?: number } = {},
  now: () => number = () => performance.now(),
): Rates {
  const paid = new Map<string, number>();
  return {
    take: (kind, from, count) => {
      const perSecond = kind === 'calls' ? limits.callsPerSecond : limits.segmentsPerSecond;
      if (perSecond === undefined) return null;
      const key = kind === 'calls' ? kind : `${kind} ${from}`;
      const takesMs = (count * SECOND_MS) / perSecond;
      const paidUntil = paid.get(key) ?? -Infinity;
      // As much as a second holds may come at once; something bigger when nothing came for as long as it takes.
      const tooEarlyMs = paidUntil - now() - Math.max(0, SECOND_MS - takesMs);
      if (tooEarlyMs > TOLERANCE_MS)
        return { ...refusal(20429), retryAfterSeconds: Math.ceil(tooEarlyMs / SECOND_MS) };
      paid.set(key, Math.max(paidUntil, now()) + takesMs);
      return null;
    },
  };
}
