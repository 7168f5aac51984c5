import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { toSchedule } from '../../../../config/on-call.js';
import type { WrittenSchedule } from '../../../../config/schema/root.js';
import { shifts } from '../../../../domain/oncall/on-call.js';
import { mergeShifts } from '../../../../domain/oncall/shifts.js';
import { MINUTE } from '../../../../domain/time/instant.js';

/** What generate.py, beside this file, worked out with Python's calendars. */
interface Case {
  readonly name: string;
  readonly schedule: WrittenSchedule;
  readonly holidays?: Readonly<Record<string, readonly string[]>>;
  /** Midnights in UTC. */
  readonly from: string;
  readonly to: string;
  /** One letter for each change of the primary; `-`: nobody. */
  readonly who: string;
  /** The first counts from `from`. */
  readonly minutesApart: readonly number[];
}

const cases = JSON.parse(
  await readFile(new URL('hand-overs.json', import.meta.url), 'utf8'),
) as readonly Case[];

const text = (at: number, who: string): string => `${new Date(at).toISOString().slice(0, 16)} ${who}`;

describe('hand-overs are those of dateutil and zoneinfo', () => {
  it('in enough cases', () => {
    expect(cases.length).toBeGreaterThan(90);
    expect(cases.reduce((sum, { who }) => sum + who.length, 0)).toBeGreaterThan(20_000);
  });

  it.each(cases)('$name', ({ schedule, holidays, from, to, who, minutesApart }) => {
    const begin = Date.parse(`${from}T00:00:00Z`);
    const spans = shifts(
      toSchedule('s', schedule, 'UTC', holidays ?? {}),
      begin,
      Date.parse(`${to}T00:00:00Z`),
    );
    const found = mergeShifts(spans.map((span) => ({ ...span, secondary: null }))).map((span) =>
      text(span.from, span.primary ?? '-'),
    );
    let at = begin;
    const expected = minutesApart.map((minutes, index) => text((at += minutes * MINUTE), who[index] ?? ''));
    expect(found).toEqual(expected);
  });
});
