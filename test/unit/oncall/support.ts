import type { Override } from '../../../domain/oncall/override.js';
import type { ZoneRules } from '../../../domain/oncall/zone.js';

export const UTC: ZoneRules = { id: 'UTC', offsetAt: () => 0, nextTransition: () => null };

/** An override of the primary of schedule `s` that always counts, with some of it replaced. */
export function override(own: Partial<Override>): Override {
  return {
    id: 'o',
    schedule: 's',
    slot: 'primary',
    userId: 'x',
    insteadOf: null,
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    reason: 'away',
    by: 'erin',
    createdAt: 0,
    swapId: null,
    ...own,
  };
}
