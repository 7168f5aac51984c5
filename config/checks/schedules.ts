import { shifts } from '../../domain/oncall/on-call.js';
import { gapsOf } from '../../domain/oncall/shifts.js';
import { DAY, type Instant } from '../../domain/time/instant.js';
import { toSchedule } from '../on-call.js';
import type { Path } from '../problems.js';
import { entriesOf, entryOf, itemsOf, textsOf } from '../raw.js';
import {
  businessHours,
  holidays as holidaysSchema,
  rotation as rotationSchema,
  schedule as scheduleSchema,
} from '../schema/schedules.js';
import { isZone } from '../schema/leaves.js';
import { dayNumber, localDate, minuteOfDay } from '../wall-clock.js';
import type { Check, Report } from './check.js';

const DAY_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** How far ahead gaps are looked for. */
const COVERAGE_DAYS = 28;

function checkRotation(rotation: unknown, at: Path, report: Report): void {
  const start = rotationSchema.shape.start.safeParse(entryOf(rotation, 'start'));
  const day = rotationSchema.shape.day.safeParse(entryOf(rotation, 'day'));
  if (start.success && day.success && day.data !== undefined) {
    const startsOn = localDate(start.data).dayOfWeek;
    const type = entryOf(rotation, 'type');
    if (type === 'daily' || type === 'hourly') {
      report('error', [...at, 'day'], 'key', {
        message: `has no meaning in ${type === 'daily' ? 'a daily' : 'an hourly'} rotation`,
        remedy: 'Remove it, or write type: weekly.',
      });
    } else if (startsOn !== dayNumber(day.data)) {
      report('error', [...at, 'start'], 'value', {
        message: `is a ${DAY_NAMES[startsOn - 1] ?? ''}, but the hand-over is on ${day.data}`,
        remedy: `Write the date of a ${DAY_NAMES[dayNumber(day.data) - 1] ?? ''}, or change day.`,
      });
    }
  }
  const until = rotationSchema.shape.until.safeParse(entryOf(rotation, 'until'));
  if (start.success && until.success && until.data !== undefined && until.data <= start.data) {
    report('error', [...at, 'until'], 'value', {
      message: 'is not after start, so that the rotation never has anybody on call',
      remedy: 'Write the date at whose hand-over time it ends, later than start; or leave until out.',
    });
  }
  const only = entryOf(rotation, 'only');
  if (typeof only === 'string' && only === entryOf(rotation, 'except')) {
    report('error', [...at, 'except'], 'value', {
      message: 'is the same list as only, so that the rotation never has anybody on call',
      remedy: 'Keep one of the two.',
    });
  }
  itemsOf(entryOf(rotation, 'restrict')).forEach((hours, index) => {
    const from = entryOf(hours, 'from');
    if (typeof from === 'string' && from === entryOf(hours, 'to')) {
      report('error', [...at, 'restrict', index, 'to'], 'value', {
        message: 'is the same time as from',
        remedy: 'Write another time; for the whole day from: "00:00" and to: "24:00".',
      });
    }
  });
}

/** Of layers the first that covers has it: one below another that always covers is a slip, or the wrong way round. */
function checkLayers(rotations: unknown, at: Path, report: Report): void {
  const startOf = (rotation: unknown): string | undefined =>
    rotationSchema.shape.start.safeParse(entryOf(rotation, 'start')).data;
  const isUnbroken = (rotation: unknown): boolean =>
    ['restrict', 'only', 'except', 'until'].every((key) => entryOf(rotation, key) === undefined);
  for (const [index, rotation] of itemsOf(rotations).entries()) {
    const start = startOf(rotation);
    const above = itemsOf(rotations).findIndex((other, place) => {
      const begin = startOf(other);
      return (
        place < index && isUnbroken(other) && begin !== undefined && start !== undefined && begin <= start
      );
    });
    if (above === -1) continue;
    report('warning', [...at, index], 'value', {
      message: `nobody is ever on call by this rotation: number ${above + 1} of the list, which always covers, comes first`,
      remedy:
        'Put it above (the first that covers an instant has it), or give the other one restrict, only, except or until.',
    });
  }
}

const shape: Check = (raw, report) => {
  for (const [id, schedule] of entriesOf(entryOf(raw, 'schedules'))) {
    const at = ['schedules', id];
    const one = entryOf(schedule, 'rotation');
    const several = entryOf(schedule, 'rotations');
    if ((one === undefined) === (several === undefined)) {
      report('error', at, 'key', {
        message: one === undefined ? 'has no rotation' : 'has both rotation and rotations',
        remedy:
          one === undefined
            ? 'Write rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }.'
            : 'Move the rotation into the list rotations; the first that covers an instant has it.',
      });
    }
    checkRotation(one, [...at, 'rotation'], report);
    itemsOf(several).forEach((rotation, index) =>
      checkRotation(rotation, [...at, 'rotations', index], report),
    );
    checkLayers(several, [...at, 'rotations'], report);
    const secondary = entryOf(schedule, 'secondary');
    checkLayers(entryOf(secondary, 'rotations'), [...at, 'secondary', 'rotations'], report);
    checkRotation(secondary, [...at, 'secondary'], report);
    itemsOf(entryOf(secondary, 'rotations')).forEach((rotation, index) =>
      checkRotation(rotation, [...at, 'secondary', 'rotations', index], report),
    );
  }
};

function checkHours(hours: unknown, at: Path, report: Report): void {
  const { from, to } = businessHours.shape;
  const opens = from.safeParse(entryOf(hours, 'from'));
  const closes = to.safeParse(entryOf(hours, 'to'));
  if (!opens.success || !closes.success) return;
  if (minuteOfDay(opens.data ?? '09:00') >= minuteOfDay(closes.data ?? '17:00')) {
    report('error', at, 'key', {
      message: 'close before they open',
      remedy: 'Write a from that is earlier than to, on one day: from: "09:00", to: "17:00".',
    });
  }
}

const businessHoursOpen: Check = (raw, report) => {
  checkHours(entryOf(raw, 'businessHours'), ['businessHours'], report);
  for (const [id, service] of entriesOf(entryOf(raw, 'services'))) {
    checkHours(entryOf(service, 'businessHours'), ['services', id, 'businessHours'], report);
  }
};

/** Warns of the times of the coming {@link COVERAGE_DAYS} days in which nobody is primary. */
function coverage(now: Instant): Check {
  return (raw, report) => {
    const zone = entryOf(entryOf(raw, 'defaults'), 'zone');
    const holidays = holidaysSchema.optional().safeParse(entryOf(raw, 'holidays'));
    // What a broken list would cover is unknown.
    if (!holidays.success) return;
    for (const [id, written] of entriesOf(entryOf(raw, 'schedules'))) {
      const parsed = scheduleSchema.safeParse(written);
      if (!parsed.success) continue;
      const schedule = toSchedule(
        id,
        parsed.data,
        typeof zone === 'string' && isZone(zone) ? zone : 'UTC',
        holidays.data,
      );
      if (schedule.layers.length === 0) continue;
      const gaps = gapsOf(shifts(schedule, now, now + COVERAGE_DAYS * DAY));
      const first = gaps[0];
      if (first === undefined) continue;
      const minute = (at: Instant): string =>
        `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
      report('warning', ['schedules', id], 'key', {
        message:
          `nobody is primary from ${minute(first.from)} to ${minute(first.to)}` +
          (gaps.length > 1
            ? `, and in ${gaps.length - 1} more gap${gaps.length === 2 ? '' : 's'} within ${COVERAGE_DAYS} days`
            : ''),
        remedy:
          'Widen restrict, begin earlier, or add a rotation; a gap is skipped and the next step is paged.',
      });
    }
  };
}

/** A list of holidays that has run out is found out on the first holiday that it lacks. */
function holidaysCome(now: Instant): Check {
  return (raw, report) => {
    const today = new Date(now).toISOString().slice(0, 10);
    for (const [id, list] of entriesOf(entryOf(raw, 'holidays'))) {
      const dates = textsOf(list);
      if (dates.length === 0 || dates.some((date) => date >= today)) continue;
      report('warning', ['holidays', id], 'key', {
        message: 'holds only dates that are over',
        remedy: 'Add the coming ones, or remove the list and what names it.',
      });
    }
  };
}

/** Coverage and holidays are only looked at when the present is known. */
export function scheduleChecks(now: Instant | undefined): readonly Check[] {
  return [shape, businessHoursOpen, ...(now === undefined ? [] : [holidaysCome(now), coverage(now)])];
}
