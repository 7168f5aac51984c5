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
  ];
}

/** Everybody's load as a table, with the spread as the last line. */
export function fairnessReport({ from, to, zone, people }: FairnessAnswer, colours: Colours): string {
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
      HEADINGS.map((text) => colours.dim(text)),
      ...people.map((each) => [
        safe(each.name === each.userId ? each.userId : `${each.name} (${each.userId})`),
        ...loadCells(each),
      ]),
    ]),
    `${people.length} ${people.length === 1 ? 'person' : 'people'}${spread}`,
  ].join('\n\n');
}
