import { LONGEST_WINDOW } from '../../domain/maintenance/window.js';
import { DAY, type Instant } from '../../domain/time/instant.js';
import { parseDuration } from '../duration.js';
import { momentIn } from '../moments.js';
import type { Path } from '../problems.js';
import { entriesOf, entryOf, textsOf } from '../raw.js';
import { isZone } from '../schema/leaves.js';
import { maintenance } from '../schema/maintenance.js';
import { dayNumbers } from '../wall-clock.js';
import { checkMatch } from './response.js';
import type { Check, Report } from './check.js';

const DAYS = Math.round(LONGEST_WINDOW / DAY);

const TOO_LONG = {
  message: `lasts longer than ${DAYS} days`,
  remedy: `Write an end within ${DAYS} days; what is never to page is better not sent, or given a severity that pages nobody.`,
};

function checkOnce(entry: unknown, at: Path, zone: string, now: Instant | undefined, report: Report): void {
  const read = (key: 'from' | 'to'): Instant | null => {
    const text = maintenance.shape[key].safeParse(entryOf(entry, key)).data;
    return text === undefined ? null : momentIn(zone, text, 0);
  };
  for (const key of ['days', 'at'])
    if (entryOf(entry, key) !== undefined)
      report('error', [...at, key], 'key', {
        message: 'stands beside from, which is for a window that comes once',
        remedy: 'Write from and to, or days, at and for.',
      });
  const [to, lasts] = [entryOf(entry, 'to'), entryOf(entry, 'for')];
  if ((to === undefined) === (lasts === undefined)) {
    report('error', at, 'key', {
      message: to === undefined ? 'has no end' : 'has both to and for',
      remedy: 'Write to: with the time at which it ends, or for: with how long it lasts.',
    });
    return;
  }
  const from = read('from');
  const length = typeof lasts === 'string' ? parseDuration(lasts) : null;
  const end = to === undefined ? (from === null || length === null ? null : from + length) : read('to');
  if (from === null || end === null) return;
  const place = to === undefined ? 'for' : 'to';
  if (end <= from)
    report('error', [...at, place], 'value', {
      message: 'is not after from',
      remedy: 'Write the time at which it ends, later than from.',
    });
  else if (end - from > LONGEST_WINDOW) report('error', [...at, place], 'value', TOO_LONG);
  else if (now !== undefined && end <= now)
    report('warning', at, 'key', { message: 'is over', remedy: 'Remove it, or write the coming one.' });
}

function checkWeekly(entry: unknown, at: Path, report: Report): void {
  for (const key of ['days', 'at', 'for'])
    if (entryOf(entry, key) === undefined) {
      report('error', at, 'key', {
        message: `has no ${key}, and no from`,
        remedy:
          'Write from: and to: for a window that comes once; days: [sun], at: "02:00" and for: 2h for one that comes each week.',
      });
      return;
    }
  if (entryOf(entry, 'to') !== undefined)
    report('error', [...at, 'to'], 'key', {
      message: 'has no meaning in a window that comes each week',
      remedy: 'Write for: with how long it lasts.',
    });
  const days = maintenance.shape.days.safeParse(entryOf(entry, 'days')).data;
  const text = entryOf(entry, 'for');
  const lasts = typeof text === 'string' ? parseDuration(text) : null;
  if (days === undefined || lasts === null) return;
  if (lasts >= (7 * DAY) / dayNumbers(days).size)
    report('error', [...at, 'for'], 'value', {
      message:
        'is so long that one window begins before the one before it ends, so that nobody is ever paged',
      remedy: 'Write a shorter time, or fewer days; what is never to page is better not sent.',
    });
}

/** Windows that are over are only told of when the present is known. */
export function maintenanceChecks(now: Instant | undefined): readonly Check[] {
  return [
    (raw, report) => {
      const defaultZone = entryOf(entryOf(raw, 'defaults'), 'zone');
      for (const [id, entry] of entriesOf(entryOf(raw, 'maintenance'))) {
        const at = ['maintenance', id];
        checkMatch(entryOf(entry, 'match'), [...at, 'match'], report);
        const isForNobody =
          textsOf(entryOf(entry, 'services')).length === 0 && entriesOf(entryOf(entry, 'match')).length === 0;
        if (isForNobody)
          report('error', at, 'key', {
            message: 'names neither services nor labels, so that nothing at all would page',
            remedy: 'Write services: [payments], or match: { cluster: staging }, or both.',
          });
        const zone = [entryOf(entry, 'zone'), defaultZone].find(
          (name): name is string => typeof name === 'string' && isZone(name),
        );
        if (entryOf(entry, 'from') === undefined) checkWeekly(entry, at, report);
        else checkOnce(entry, at, zone ?? 'UTC', now, report);
      }
    },
  ];
}
