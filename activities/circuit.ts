import type { FailureReason } from '../domain/incident/event.js';

/** `closed`: all is well. `open`: tried last. `half-open`: one delivery may try it first, to see whether it is back. */
export type CircuitState = 'closed' | 'half-open' | 'open';

/** Failures in a row after which a provider is tried last. */
export const FAILURES_TO_OPEN = 3;
/** How long it stays so before one delivery tries it first again; doubled by each try that fails. */
export const FIRST_OPEN_MS = 30_000;
export const LONGEST_OPEN_MS = 300_000;
/** What the one delivery that tries it may wait for it while another provider could have it. */
export const PROBE_TIMEOUT_MS = 2_000;

/** Failures that are the provider's: the next message would most likely meet the same. */
const ITS_OWN: ReadonlySet<string> = new Set<FailureReason>([
  'unauthorized',
  'rate-limited',
  'unavailable',
  'timed-out',
  'not-configured',
]);

/** What one process has seen of one provider. */
export interface Circuit {
  state(now: number): CircuitState;
  /** Claims the one try that a half-open circuit allows; false when another delivery has it. */
  probe(now: number): boolean;
  /** Notes how a try ended; says when that opened or closed the circuit. */
  note(outcome: 'sent' | 'cancelled' | FailureReason, now: number): 'opened' | 'closed' | null;
  /** Why it is not closed, as seen last; null while it is. */
  reason(): FailureReason | null;
}

/** A circuit that is closed. Forgotten with the process: a new one finds out within three messages. */
export function createCircuit(): Circuit {
  let failures = 0;
  let openedAt: number | null = null;
  let openForMs = FIRST_OPEN_MS;
  let isProbing = false;
  let why: FailureReason | null = null;

  const state = (now: number): CircuitState => {
    if (openedAt === null) return 'closed';
    return now < openedAt + openForMs ? 'open' : 'half-open';
  };
  return {
    state,
    probe: (now) => {
      if (state(now) !== 'half-open' || isProbing) return false;
      isProbing = true;
      return true;
    },
    note: (outcome, now) => {
      const before = state(now);
      isProbing = false;
      if (outcome === 'sent') {
        failures = 0;
        openedAt = null;
        openForMs = FIRST_OPEN_MS;
        why = null;
        return before === 'closed' ? null : 'closed';
      }
      if (!ITS_OWN.has(outcome)) return null;
      why = outcome === 'cancelled' ? why : outcome;
      failures += 1;
      if (before === 'half-open') {
        openForMs = Math.min(LONGEST_OPEN_MS, openForMs * 2);
        openedAt = now;
      } else if (before === 'closed' && failures >= FAILURES_TO_OPEN) {
        openedAt = now;
        return 'opened';
      }
      return null;
    },
    reason: () => (openedAt === null ? null : why),
  };
}
