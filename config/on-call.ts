import type { CivilDay } from '../domain/oncall/civil.js';
import { prepare, type PreparedSchedule } from '../domain/oncall/on-call.js';
import type { Layers, Rotation, SecondaryRule } from '../domain/oncall/schedule.js';
import { DAY, HOUR, type Milliseconds } from '../domain/time/instant.js';
import type { WrittenRotation, WrittenSchedule } from './schema/root.js';
import { civilDayOf, dayNumbers, minuteOfDay } from './wall-clock.js';
import { zoneRules } from './zones.js';

/** Dates by the id of their list, as `holidays` has them. */
export type WrittenHolidays = Readonly<Record<string, readonly string[]>>;

const UNIT: Readonly<Record<WrittenRotation['type'], Milliseconds>> = {
  hourly: HOUR,
  daily: DAY,
  weekly: 7 * DAY,
};

/** What the rotations of a schedule have in common. */
interface Surroundings {
  /** Of rotations that name none. */
  readonly zone: string;
  readonly holidays: WrittenHolidays;
}

function daysOf(list: string | undefined, holidays: WrittenHolidays): ReadonlySet<CivilDay> | null {
  return list === undefined ? null : new Set((holidays[list] ?? []).map(civilDayOf));
}

function toRotation(written: WrittenRotation, name: string, { zone, holidays }: Surroundings): Rotation {
  return {
    name: written.name ?? name,
    zone: zoneRules(written.zone ?? zone),
    participants: written.participants,
    start: civilDayOf(written.start),
    handover: minuteOfDay(written.handover),
    shiftLength: UNIT[written.type] * (written.every ?? 1),
    until: written.until === undefined ? null : civilDayOf(written.until),
    restrict:
      written.restrict?.map((hours) => ({
        days: hours.days === undefined ? null : dayNumbers(hours.days),
        from: minuteOfDay(hours.from),
        to: minuteOfDay(hours.to),
      })) ?? null,
    only: daysOf(written.only, holidays),
    except: daysOf(written.except, holidays),
  };
}

/** Rotations without a name are told apart by their place. */
function toLayers(written: readonly WrittenRotation[], word: string, around: Surroundings): Layers {
  return written.map((rotation, index) =>
    toRotation(rotation, written.length === 1 ? word : `${word} ${index + 1}`, around),
  );
}

function toSecondary(written: WrittenSchedule['secondary'], around: Surroundings): SecondaryRule {
  if (written === undefined || written === 'next') return { kind: 'next' };
  if (written === 'none') return { kind: 'none' };
  const rotations = 'rotations' in written ? written.rotations : [written];
  return { kind: 'own', layers: toLayers(rotations, 'secondary rotation', around) };
}

/**
 * Makes a schedule of what the files say, without overrides: `prepare` of domain/oncall adds them. `defaultZone` is for schedules
 * without one. Throws a RangeError for a zone that does not exist; the checks have looked for it.
 */
export function toSchedule(
  id: string,
  written: WrittenSchedule,
  defaultZone: string,
  holidays: WrittenHolidays = {},
): PreparedSchedule {
  const around = { zone: written.zone ?? defaultZone, holidays };
  const rotations = [
    ...(written.rotation === undefined ? [] : [written.rotation]),
    ...(written.rotations ?? []),
  ];
  const layers = toLayers(rotations, 'rotation', around);
  return prepare({ id, layers, secondary: toSecondary(written.secondary, around) }, []);
}
