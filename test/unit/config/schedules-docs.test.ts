import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../../config/format-problems.js';
import { nextChange, onCallAt } from '../../../domain/oncall/on-call.js';
import { LONGEST_OVERRIDE_DAYS } from '../../../domain/oncall/check-override.js';
import type { Config } from '../../../config/types.js';
import { load, said, utc } from './support.js';

const docs = await readFile('docs/schedules.md', 'utf8');
const examples = [...docs.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml = '']) => yaml);

const people = ['alice', 'bob', 'carol', 'dan', 'erin', 'fay'];
const SURROUNDINGS = `
users:
${people.map((id, index) => `  ${id}: { name: ${id}, phone: '+1202555010${index}' }`).join('\n')}
policies:
  all: { steps: [{ targets: ['user:alice'] }], catchAll: { targets: ['user:bob'] } }
services:
  all: { policy: all, catchAll: true }
`;

function configOfExample(text: string): Config {
  const yaml = examples.find((each) => each.includes(text));
  if (yaml === undefined) throw new Error(`no example with ${text}`);
  const result = load(yaml + SURROUNDINGS, {}, { now: utc('2026-06-03 12:00') });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config;
}

/** Primary and secondary of the only schedule of an example. */
function pairIn(text: string, at: string): string {
  const [schedule] = configOfExample(text).schedules.values();
  if (schedule === undefined) throw new Error('no schedule');
  const { primary, secondary } = onCallAt(schedule, utc(at));
  return `${primary ?? '–'} ${secondary ?? '–'}`;
}

describe('docs/schedules.md', () => {
  it.each(examples)('has an example that is valid, and warned of only for gaps that it means: %#', (yaml) => {
    const result = load(yaml + SURROUNDINGS, {}, { now: utc('2026-06-03 12:00') });
    expect(result.ok ? '' : formatProblems(result.problems)).toBe('');
    const warnings = said(result)
      .map(({ message }) => message)
      .filter((message) => !/no policy pages by this schedule|is executives|is management/.test(message));
    const meansGap = yaml.includes('friday-nights');
    expect(warnings.filter((message) => !meansGap || !message.startsWith('nobody is primary'))).toEqual([]);
  });

  it('says who has it as it is', () => {
    expect(pairIn('participants: [alice, bob, carol] }', '2026-01-06 12:00')).toBe('alice bob');
    expect(pairIn('participants: [alice, bob, carol] }', '2026-01-27 12:00')).toBe('alice bob');
    expect(pairIn('machine-room', '2026-07-01 12:00')).toBe('dan fay');
    expect(pairIn('machine-room', '2026-12-01 22:00')).toBe('fay dan');
    expect(pairIn('friday-nights', '2026-01-10 05:59')).toBe('alice bob');
    expect(pairIn('friday-nights', '2026-01-10 06:00')).toBe('– –');
    expect(pairIn('while Bob trains Fay', '2026-06-10 03:00')).toBe('fay –');
    expect(pairIn('while Bob trains Fay', '2026-06-15 07:30')).toMatch(/^(alice|bob) /);
    // Christmas Eve's hours are over by 17:00; the 25th is Dan's or Erin's from midnight in Berlin.
    expect(pairIn('holidays:', '2026-12-24 22:59')).toMatch(/^(bob|carol) /);
    expect(pairIn('holidays:', '2026-12-24 23:00')).toMatch(/^(dan|erin) /);
  });

  it('moves a schedule of PagerDuty over: weekends are Carol’s and Dan’s, to the hour', () => {
    const [payments] = configOfExample('# layer 2').schedules.values();
    if (payments === undefined) throw new Error('no schedule');
    // Friday 9 January 18:00 in New York is 23:00 UTC; Monday 08:00 is 13:00.
    expect(onCallAt(payments, utc('2026-01-09 22:59'))).toMatchObject({ primary: 'alice' });
    expect(onCallAt(payments, utc('2026-01-09 23:00'))).toMatchObject({ primary: 'carol' });
    expect(nextChange(payments, utc('2026-01-09 23:00'))).toBe(utc('2026-01-12 13:00'));
    expect(onCallAt(payments, utc('2026-01-12 13:00'))).toMatchObject({ primary: 'bob' });
    expect(onCallAt(payments, utc('2026-01-17 12:00'))).toMatchObject({ primary: 'dan' });
  });

  it('moves a schedule of GoAlert over', () => {
    expect(pairIn('web weekly', '2026-01-07 12:00')).toBe('alice –');
    expect(pairIn('web weekly', '2026-01-14 18:59')).toBe('bob –');
    expect(pairIn('web weekly', '2026-01-14 19:00')).toBe('carol –');
  });

  it('names the longest override as it is', () => {
    expect(docs).toContain(`At most ${LONGEST_OVERRIDE_DAYS} days`);
  });
});
