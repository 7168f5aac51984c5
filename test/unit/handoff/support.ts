import { createHash } from 'node:crypto';
import { zoneRules } from '../../../config/zones.js';
import type { PlanDeps } from '../../../domain/handoff/planner.js';
import { codeOf } from '../../../domain/incident/code.js';
import type { Override } from '../../../domain/oncall/override.js';
import { MINUTE } from '../../../domain/time/instant.js';

export const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 20);

/** 22:00 to 07:00. */
export const NIGHT = { from: 22 * 60, to: 7 * 60 };

/** Everybody lives in this zone unless they are named. */
export function planDeps(zone: string, others: Readonly<Record<string, string>> = {}): PlanDeps {
  return {
    zoneOf: (userId) => zoneRules(others[userId] ?? zone),
    night: NIGHT,
    hash,
    codeOf,
  };
}

let made = 0;

export function overrideOf(
  changes: Pick<Override, 'schedule' | 'userId' | 'from' | 'to'> & Partial<Override>,
): Override {
  made += 1;
  return {
    id: `override-${made}`,
    slot: 'primary',
    insteadOf: null,
    reason: 'test',
    by: 'erin',
    createdAt: changes.from - 30 * 24 * 60 * MINUTE,
    swapId: null,
    ...changes,
  };
}
