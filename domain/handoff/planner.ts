import { onCallAt, shifts, type PreparedSchedule } from '../oncall/on-call.js';
import { nightAt, type NightHours } from '../oncall/night.js';
import type { Slot } from '../oncall/schedule.js';
import type { ZoneRules } from '../oncall/zone.js';
import { HOUR, type Instant } from '../time/instant.js';
import { DIGEST_BEFORE_MS, type Change, type PlannedHandoff } from './handoff.js';

/** A digest in the evening comes so long before the reader's night: at 20:00 where that begins at 22:00. */
const BEFORE_NIGHT_MS = 2 * HOUR;

/** A confirmation counts for so long after the change, unless the place changes hands again before. */
const CONFIRM_WITHIN_MS = 12 * HOUR;

const SLOTS: readonly Slot[] = ['primary', 'secondary'];

/** The changes of a schedule in `[from, to)`, by time, primary before secondary. Equal people are no change. */
export function changesOf(schedule: PreparedSchedule, from: Instant, to: Instant): readonly Change[] {
  // What was just before `from`: a change at `from` itself counts.
  const spans = shifts(schedule, from - 1, to);
  const changes: Change[] = [];
  for (const [index, span] of spans.entries()) {
    const before = spans[index - 1];
    if (before === undefined) continue;
    for (const slot of SLOTS) {
      const [leaving, coming] = [before[slot], span[slot]];
      if (leaving !== coming) changes.push({ schedule: schedule.id, slot, at: span.from, leaving, coming });
    }
  }
  return changes;
}

/** Whether the schedule, with the overrides that are known now, still has this change. */
export function isStillSo(schedule: PreparedSchedule, { slot, at, leaving, coming }: Change): boolean {
  return onCallAt(schedule, at - 1)[slot] === leaving && onCallAt(schedule, at)[slot] === coming;
}

/** The same instant; when it falls into the night of whoever lives in this zone, the evening before. */
export function awakeAt(zone: ZoneRules, night: NightHours, at: Instant): Instant {
  const dark = nightAt(zone, night, at);
  return dark === null ? at : dark.from - BEFORE_NIGHT_MS;
}

/**
 * When a person reads of a change: 30 minutes before it; in the evening before when that, or the change itself, falls into their
 * night.
 */
export function digestAt(zone: ZoneRules, night: NightHours, at: Instant): Instant {
  const usual = at - DIGEST_BEFORE_MS;
  const dark = nightAt(zone, night, usual) ?? nightAt(zone, night, at);
  return dark === null ? usual : dark.from - BEFORE_NIGHT_MS;
}

/** What is needed to plan beside the schedule. */
export interface PlanDeps {
  /** Of a person; null: the config has none of that id. */
  readonly zoneOf: (userId: string) => ZoneRules | null;
  readonly night: NightHours;
  /** 20 hex digits that follow from a text. */
  readonly hash: (text: string) => string;
  readonly codeOf: (id: string) => string;
}

/** The hand-over of a change. */
export function planOf(schedule: PreparedSchedule, change: Change, deps: PlanDeps): PlannedHandoff {
  const { slot, at, leaving, coming } = change;
  const id = deps.hash(JSON.stringify([schedule.id, slot, at, leaving, coming]));
  const read = (userId: string | null): Instant | null => {
    const zone = userId === null ? null : deps.zoneOf(userId);
    return zone === null ? null : digestAt(zone, deps.night, at);
  };
  // The next primary reads of the hand-over of that place: another letter about the one they leave would say less.
  const movesUp = slot === 'secondary' && leaving !== null && onCallAt(schedule, at).primary === leaving;
  const next = shifts(schedule, at, at + CONFIRM_WITHIN_MS).find((span) => span[slot] !== coming);
  return {
    ...change,
    id,
    code: deps.codeOf(id),
    digestAt: { leaving: movesUp ? null : read(leaving), coming: read(coming) },
    until: next?.from ?? at + CONFIRM_WITHIN_MS,
  };
}

/** When the first of the two reads of it; the change itself when neither does. */
export function beginsAt({ digestAt: { leaving, coming }, at }: PlannedHandoff): Instant {
  return Math.min(leaving ?? at, coming ?? at);
}

/**
 * Whether who comes takes over what who leaves has: a primary always hands over to the next one; a secondary unless they are
 * primary now, since then they are still on duty.
 */
export function handsOver(schedule: PreparedSchedule, { slot, at, leaving, coming }: Change): boolean {
  if (leaving === null || coming === null) return false;
  return slot === 'primary' || onCallAt(schedule, at).primary !== leaving;
}

/** Who is in the other place after the change, and is not who comes: told when nobody confirms. */
export function besideAfter(schedule: PreparedSchedule, { slot, at, coming }: Change): string | null {
  const { primary, secondary } = onCallAt(schedule, at);
  const other = slot === 'primary' ? secondary : primary;
  return other === coming ? null : other;
}
