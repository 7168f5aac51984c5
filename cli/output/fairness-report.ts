import type { z } from 'zod';
import type { fairnessSchema } from '../../api/contract/coverage.js';
import type { Colours } from './colours.js';
import { hoursText, localWords } from './local-times.js';
import { safe } from './safe.js';
import { table } from './table.js';

/** What the API answers, or what the files alone say. */
export type FairnessAnswer = z.output<typeof fairnessSchema>;

const HEADINGS = [
  'PERSON',
  'SHIFTS',
  'HOURS',
  'PRIMARY',
  'SECONDARY',
  'NIGHTS',
  'HOURS',
  'WEEKENDS',
  'HOURS',
  'HOLIDAYS',
  'HOURS',
];

/** Incidents that paged somebody, and those that did at night. */
const PAGE_HEADINGS = ['PAGED', 'AT NIGHT'];

/** A person's load in the order of the headings, also those of the CSV, from the shifts on. */
export function loadCells(each: FairnessAnswer['people'][number]): readonly string[] {
  return [
    String(each.shifts),
    hoursText(each.ms),
    hoursText(each.primaryMs),
    hoursText(each.secondaryMs),
    String(each.nights),
    hoursText(each.nightMs),
    String(each.weekends),
    hoursText(each.weekendMs),
    String(each.holidays),
    hoursText(each.holidayMs),
    ...(each.pages === undefined ? [] : [String(each.pages), String(each.nightPages ?? 0)]),
  ];
}

/** Whether the answer counts pages: the API has records. */
export function hasPages({ people }: Pick<FairnessAnswer, 'people'>): boolean {
  return people.some(({ pages }) => pages !== undefined);
}

/** Everybody's load as a table, with the spread as the last line. */
export function fairnessReport(answer: FairnessAnswer, colours: Colours): string {
  const { from, to, zone, people } = answer;
  if (people.length === 0) return 'Nobody is in a rotation.';
  const widest = people[0];
  const least = people.at(-1);
  const spread =
    widest === undefined || least === undefined || people.length === 1
      ? ''
      : `: from ${hoursText(least.ms)} hours (${safe(least.userId)}) to ${hoursText(widest.ms)} (${safe(widest.userId)})`;
  return [
    `${localWords(from, zone)} to ${localWords(to, zone)} ${colours.dim(`(${zone})`)}`,
    table([
      [...HEADINGS, ...(hasPages(answer) ? PAGE_HEADINGS : [])].map((text) => colours.dim(text)),
      ...people.map((each) => [
        safe(each.name === each.userId ? each.userId : `${each.name} (${each.userId})`),
        ...loadCells(each),
      ]),
    ]),
    `${people.length} ${people.length === 1 ? 'person' : 'people'}${spread}`,
  ].join('\n\n');
}
