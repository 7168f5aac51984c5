import { onCallAt, shifts, type PreparedSchedule } from '../oncall/on-call.js';
import type { Override } from '../oncall/override.js';
import { DAY, type Instant, type Milliseconds } from '../time/instant.js';
import type { Change } from './handoff.js';

/** A shift is announced so long before it begins. Source: spec/product.md, "Schedules". */
export const ANNOUNCE_BEFORE_MS: Milliseconds = DAY;

/** Why somebody is written to. `coming`: they are on call from then on; `relieved`: they would have been, and another is. */
export type AnnouncedRole = 'coming' | 'relieved';

/** What an announcement workflow is started with: ids and instants, nothing personal. */
export interface PlannedAnnouncement extends Pick<Change, 'schedule' | 'slot' | 'at'> {
  /** 20 hex digits: the same news is announced once. */
  readonly id: string;
  /** When it is sent; past: at once. */
  readonly sendAt: Instant;
  /** Whom it is about: on call from `at` on. */
  readonly coming: string;
  /** `rotation`: the turn comes; `override`: somebody arranged it within the day; `cancelled`: somebody took such back. */
  readonly why: 'rotation' | 'override' | 'cancelled';
  readonly to: readonly { readonly userId: string; readonly role: AnnouncedRole }[];
}

/** What is needed beside the schedule. */
export interface AnnounceDeps {
  /** 20 hex digits that follow from a text. */
  readonly hash: (text: string) => string;
  /** An instant, or, when it falls into this person's night, the evening before. */
  readonly awakeAt: (userId: string, at: Instant) => Instant;
}

/**
 * The announcement of a change; null: there is none. Who had the place within the day before knows of it, unless an override
 * that was made later than a day ahead says so: then all whom it concerns hear of it. `bare` is the schedule without overrides.
 */
export function announcementOf(
  schedule: PreparedSchedule,
  bare: PreparedSchedule,
  overrides: readonly Override[],
  { slot, at, coming }: Change,
  { hash, awakeAt }: AnnounceDeps,
): PlannedAnnouncement | null {
  if (coming === null) return null;
  const dayBefore = at - ANNOUNCE_BEFORE_MS;
  const sendAt = awakeAt(coming, dayBefore);
  const why = onCallAt(schedule, at).why[slot];
  const override = why?.kind === 'override' ? overrides.find(({ id }) => id === why.id) : undefined;
  const isLate = override !== undefined && override.createdAt > sendAt;
  if (!isLate && shifts(schedule, dayBefore, at).some((span) => span[slot] === coming)) return null;
  return {
    ...{ schedule: schedule.id, slot, at, sendAt, coming },
    id: hash(JSON.stringify(['announcement', schedule.id, slot, at, coming, override?.id ?? null])),
    why: isLate ? 'override' : 'rotation',
    to: peopleOf(coming, isLate ? onCallAt(bare, at)[slot] : null),
  };
}

/**
 * What was taken back within the day before it would have begun: who was relieved by it is on call after all, and who would have
 * come need not. Only what is still ahead at `now`.
 */
export function cancellationsOf(
  schedule: PreparedSchedule,
  overrides: readonly Override[],
  now: Instant,
  { hash, awakeAt }: AnnounceDeps,
): readonly PlannedAnnouncement[] {
  return overrides.flatMap((each): readonly PlannedAnnouncement[] => {
    const { id, slot, from: at, userId, createdAt, cancelledAt } = each;
    if (each.schedule !== schedule.id || cancelledAt === undefined || at <= now || cancelledAt > at)
      return [];
    if (cancelledAt <= awakeAt(userId, at - ANNOUNCE_BEFORE_MS) || cancelledAt <= createdAt) return [];
    const coming = onCallAt(schedule, at)[slot];
    if (coming === null || coming === userId) return [];
    return [
      {
        ...{ schedule: schedule.id, slot, at, sendAt: cancelledAt, coming, why: 'cancelled' },
        id: hash(JSON.stringify(['cancelled', id])),
        to: peopleOf(coming, userId),
      },
    ];
  });
}

/** Whether the schedule, with the overrides that are known now, still has this person on call then. */
export function isStillAnnounced(
  schedule: PreparedSchedule,
  { slot, at, coming }: PlannedAnnouncement,
): boolean {
  return onCallAt(schedule, at)[slot] === coming;
}

/** Whether somebody was on call by this schedule, in either place, in `[from, to)`. */
export function wasOnCall(schedule: PreparedSchedule, userId: string, from: Instant, to: Instant): boolean {
  return shifts(schedule, from, to).some(
    ({ primary, secondary }) => primary === userId || secondary === userId,
  );
}

function peopleOf(coming: string, other: string | null): PlannedAnnouncement['to'] {
  const relieved = other === null || other === coming ? [] : [{ userId: other, role: 'relieved' as const }];
  return [{ userId: coming, role: 'coming' }, ...relieved];
}
