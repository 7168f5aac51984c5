import { createHash } from 'node:crypto';
import type { Span } from '../../domain/oncall/cover.js';
import { prepare, shifts } from '../../domain/oncall/on-call.js';
import type { Override } from '../../domain/oncall/override.js';
import type { Why } from '../../domain/oncall/places.js';
import type { Schedule, Slot } from '../../domain/oncall/schedule.js';
import { DAY, type Instant } from '../../domain/time/instant.js';

/** One person's uninterrupted time in one place of a schedule, by the rotations or by one override. */
export interface ShiftEvent extends Span {
  /** The same for the same schedule, place, person and beginning, whenever and wherever it is asked for. */
  readonly uid: string;
  readonly schedule: string;
  readonly slot: Slot;
  readonly userId: string;
  /** Null: by the rotations. */
  readonly override: Override | null;
}

/** The time that calendars show: what overlaps it, whole. */
export interface FeedWindow extends Span {
  /**
   * How far shifts are looked at to find their true beginnings and ends. These are beginnings of years, so that a duty that
   * reaches further (a rotation of one person) has the same beginning all year long.
   */
  readonly look: Span;
}

const DAYS_BACK = 14;
/** Twelve months, also when one of them is 29 February. */
const DAYS_AHEAD = 366;

/** Changes once a day, at midnight UTC. */
export function windowAt(now: Instant): FeedWindow {
  const today = Math.floor(now / DAY) * DAY;
  const from = today - DAYS_BACK * DAY;
  const to = today + DAYS_AHEAD * DAY;
  const look = {
    from: Date.UTC(new Date(from).getUTCFullYear() - 1, 0, 1),
    to: Date.UTC(new Date(to).getUTCFullYear() + 1, 0, 1),
  };
  return { from, to, look };
}

/** The events of a schedule, first all primaries in order, then all secondaries. Overrides of others may be among them. */
export function shiftEvents(
  schedule: Schedule,
  overrides: readonly Override[],
  window: FeedWindow,
): readonly ShiftEvent[] {
  const spans = shifts(prepare(schedule, overrides), window.look.from, window.look.to);
  const byId = new Map(overrides.map((each) => [each.id, each]));
  return (['primary', 'secondary'] as const).flatMap((slot) =>
    dutiesOf(slot, spans)
      .filter(({ from, to }) => to > window.from && from < window.to)
      .map(({ userId, by, from, to }) => ({
        uid: uidOf(schedule.id, slot, userId, from),
        schedule: schedule.id,
        slot,
        userId,
        from,
        to,
        override: by === null ? null : (byId.get(by) ?? null),
      })),
  );
}

interface Duty extends Span {
  readonly userId: string;
  /** Id of an override; null: by the rotations, whichever of them, since that is nothing to stop for. */
  readonly by: string | null;
}

function dutiesOf(slot: Slot, spans: ReturnType<typeof shifts>): readonly Duty[] {
  const duties: { -readonly [key in keyof Duty]: Duty[key] }[] = [];
  for (const { from, to, why, [slot]: userId } of spans) {
    if (userId === null) continue;
    const by = overrideIn(why[slot]);
    const last = duties.at(-1);
    if (last?.to === from && last.userId === userId && last.by === by) last.to = to;
    else duties.push({ userId, by, from, to });
  }
  return duties;
}

function overrideIn(why: Why | null): string | null {
  return why?.kind === 'override' ? why.id : null;
}

/** Hashed: an id may be a name, and a calendar is handed on. */
function uidOf(schedule: string, slot: Slot, userId: string, from: Instant): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([schedule, slot, userId, from]))
    .digest('hex');
  return `${hash.slice(0, 32)}@tocsin`;
}
