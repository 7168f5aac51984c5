import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fairnessSource } from '../../../config/duty.js';
import { momentOf } from '../../../config/moment.js';
import { DEFAULT_LIMITS } from '../../../domain/oncall/coverage-duties.js';
import { DAY, HOUR } from '../../../domain/time/instant.js';
import { parseDuration } from '../../../config/duration.js';
import { configOf, load, said, utc, yamlWith } from './support.js';

describe('limits of duty', () => {
  it('are the defaults, what is written, or off', () => {
    expect(configOf().duty.limits).toEqual({ maxDutyMs: 168 * HOUR, minRestMs: 11 * HOUR });
    expect(configOf({ limits: '{ maxDuty: 96h, minRest: off }' }).duty.limits).toEqual({
      maxDutyMs: 96 * HOUR,
      minRestMs: null,
    });
  });

  it('are refused when they are no durations', () => {
    const [problem] = said(load(yamlWith({ limits: '{ maxDuty: long }' })));
    expect(problem).toMatchObject({ level: 'error', path: 'limits.maxDuty' });
  });
});

describe('lists of holidays', () => {
  const people = `
  alice: { name: Alice, phone: "+12025550101", holidays: us }
  bob: { name: Bob, phone: "+12025550102" }
  erin: { name: Erin, phone: "+12025550105" }`;
  const own = { users: people, holidays: '{ us: [2026-11-26], de: [2026-12-25] }' };
  const schedules = (list: string): string => `
  payments:
    holidays: ${list}
    rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }`;

  it('belong to people and schedules', () => {
    const { duty } = configOf({ ...own, schedules: schedules('de') });
    expect(duty.person('alice')?.holidays).toEqual(new Set([utc('2026-11-26 00:00') / DAY]));
    expect(duty.person('bob')?.holidays).toBeNull();
    const [payments] = fairnessSource(duty, []).schedules;
    expect(payments?.holidays).toEqual(new Set([utc('2026-12-25 00:00') / DAY]));
  });

  it('must be there', () => {
    const problems = said(
      load(yamlWith({ ...own, users: people.replace('us', 'uk'), schedules: schedules('fr') })),
    );
    expect(
      problems.filter(({ level }) => level === 'error').map(({ path, message }) => [path, message]),
    ).toEqual([
      ['users.alice.holidays', 'there is no holiday list "uk"'],
      ['schedules.payments.holidays', 'there is no holiday list "fr"'],
    ]);
  });
});

describe('whom the steps of a policy mean', () => {
  it('is everybody of a team, a group with its own contacts, and managers', () => {
    const { duty } = configOf({
      teams: '{ core: { members: [alice, bob] } }',
      policies: `
  default:
    steps:
      - targets: ["team:core", "manager:alice"]
      - targets: ["schedule:payments/secondary"]
    catchAll: { targets: ["group:ops-room"] }`,
    });
    const [policy] = duty.policies;
    const both = { high: true, low: true };
    const person = (userId: string, via: string) => ({ kind: 'person', userId, via, canBePaged: both });
    expect(policy).toEqual({
      id: 'default',
      zone: 'Europe/Berlin',
      steps: [
        {
          name: 'tier 1',
          meant: [
            person('alice', 'team core'),
            person('bob', 'team core'),
            person('erin', 'manager of alice'),
          ],
        },
        { name: 'tier 2', meant: [{ kind: 'schedule', schedule: 'payments', slot: 'secondary' }] },
      ],
      catchAll: { name: 'catch-all', meant: [person('group:ops-room', 'group ops-room')] },
    });
  });
});

describe('a moment that somebody writes', () => {
  it.each([
    ['2026-03-29', '2026-03-28 23:00'],
    ['2026-03-30', '2026-03-29 22:00'],
    ['2026-03-29T13:00:00Z', '2026-03-29 13:00'],
    ['2026-03-29T13:00+02:00', '2026-03-29 11:00'],
    [String(utc('2026-03-29 13:00')), '2026-03-29 13:00'],
  ])('%s in Berlin is %s', (text, at) => {
    expect(momentOf(text, 'Europe/Berlin')).toBe(utc(at));
  });

  it.each([
    '',
    'now',
    '2026-02-30',
    '2026-03-29T13:00',
    '2026-13-01T00:00Z',
    '1969-12-31',
    '12',
    '2200-01-01',
  ])('%j is none', (text) => {
    expect(momentOf(text, 'Europe/Berlin')).toBeNull();
  });
});

describe('docs/coverage.md', () => {
  it('has the limits as they are, and examples that are valid', async () => {
    const docs = await readFile('docs/coverage.md', 'utf8');
    const told = (key: string): number | null =>
      parseDuration(new RegExp(`^\\| \`${key}\` +\\| \`(\\w+)\``, 'm').exec(docs)?.[1] ?? '');
    expect({ maxDutyMs: told('maxDuty'), minRestMs: told('minRest') }).toEqual(DEFAULT_LIMITS);
    const [limits = '', holidays = ''] = [...docs.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => yaml);
    expect(load(yamlWith({}) + limits)).toMatchObject({ ok: true });
    const alone = holidays.replace(
      'users:\n',
      'users:\n  alice: { name: Alice, phone: "+12025550101" }\n  erin: { name: Erin, phone: "+12025550105" }\n',
    );
    const found = load(yamlWith({ users: null, schedules: null }) + alone);
    expect(said(found).filter(({ level }) => level === 'error')).toEqual([]);
  });
});
