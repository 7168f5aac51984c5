import type { DigestFacts, DigestNote } from '../domain/handoff/digest.js';
import type { PlannedHandoff } from '../domain/handoff/handoff.js';
import type { HandoffWorld } from '../domain/handoff/ports.js';
import { dutyAt, type PreparedSchedule } from '../domain/oncall/on-call.js';
import { DAY, type Instant } from '../domain/time/instant.js';
import type { Log } from './create-activities.js';

/** Looks back no further than this, and no less than a day. */
const LONGEST_LOOK_MS = 7 * DAY;

/** When the shift began that ends with this change. */
export function shiftBegan(schedule: PreparedSchedule, { slot, at, leaving }: PlannedHandoff): Instant {
  const began = leaving === null ? null : (dutyAt(schedule, slot, at - 1)?.from ?? null);
  return Math.min(at - DAY, Math.max(at - LONGEST_LOOK_MS, began ?? at - DAY));
}

/** What is asked for one digest. */
export interface FactsAsked {
  readonly world: HandoffWorld;
  readonly notes: () => Promise<readonly DigestNote[]>;
  readonly services: readonly string[];
  readonly since: Instant;
  readonly log: Log;
}

/** All that a digest tells. What can't be looked up is named in it instead: a digest without it is better than none. */
export async function gatherFacts({ world, notes, services, since, log }: FactsAsked): Promise<DigestFacts> {
  const unknown: string[] = [];
  const attempt = async <T>(what: string, asking: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await asking();
    } catch (error) {
      log.warn({ why: error instanceof Error ? error.name : typeof error }, `${what} could not be looked up`);
      unknown.push(what);
      return [];
    }
  };
  const none = services.length === 0;
  const [open, recent, duties, left] = await Promise.all([
    none ? [] : attempt('The open incidents', () => world.open(services)),
    none ? [] : attempt('The incidents of this shift', () => world.recent(services, since)),
    none ? [] : attempt('The postmortems', () => world.duties(services)),
    attempt('The notes', notes),
  ]);
  return { open, recent, duties, notes: left, unknown };
}
