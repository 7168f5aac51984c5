import type { coverageSource, DutySource } from '../config/duty.js';
import type { loadConfigFiles } from '../config/load.js';
import type { Span } from '../domain/oncall/cover.js';
import type { coverageOf } from '../domain/oncall/coverage.js';
import type { onCallAt, prepare, PreparedSchedule, shifts } from '../domain/oncall/on-call.js';
import type { Override } from '../domain/oncall/override.js';
import { DAY, HOUR, MINUTE } from '../domain/time/instant.js';

/** What says who is on call, and proves that somebody is. */
export interface OnCallEngine {
  readonly loadConfigFiles: typeof loadConfigFiles;
  readonly prepare: typeof prepare;
  readonly onCallAt: typeof onCallAt;
  readonly shifts: typeof shifts;
  readonly coverageSource: typeof coverageSource;
  readonly coverageOf: typeof coverageOf;
}

/** Teams with a schedule and a policy each, and overrides on top. */
export interface OnCallSubject {
  readonly year: Span;
  /** That of the first team, with {@link OVERRIDES} overrides of its own over the year. */
  readonly schedule: PreparedSchedule;
  /** The first weeks of the year. */
  readonly ahead: Span;
  /** Of all teams, without overrides. */
  readonly duty: DutySource;
  /** As many again, over the schedules of all teams and the weeks ahead. */
  readonly overrides: readonly Override[];
}

/** Source: the issue. */
export const OVERRIDES = 200;
/** With both changes of the clocks in Berlin and New York, which are weeks apart. */
const YEAR: Span = { from: Date.UTC(2027, 0, 1), to: Date.UTC(2028, 0, 1) };
const HOLIDAYS = ['2027-01-01', '2027-03-26', '2027-03-29', '2027-05-06', '2027-05-17', '2027-12-24'];
const PEOPLE = ['a', 'b', 'c', 'd', 'e'];
/** How long overrides last: a doctor's appointment to a long weekend. */
const LENGTHS = [4 * HOUR, 8 * HOUR, DAY, 3 * DAY];

const teamIds = (teams: number): readonly string[] =>
  Array.from({ length: teams }, (_, index) => `team-${String(index).padStart(3, '0')}`);
const membersOf = (team: string): readonly string[] => PEOPLE.map((person) => `${team}-${person}`);

/** Reads the configuration of so many teams and makes the overrides. @throws Error when it is not valid */
export function createOnCallSubject(engine: OnCallEngine, teams: number, weeks: number): OnCallSubject {
  const ids = teamIds(teams);
  const name = 'on-call.yaml';
  const loaded = engine.loadConfigFiles([{ name, text: configOf(ids) }], name, {});
  if (!loaded.ok) throw new Error(`The teams can not be read: ${JSON.stringify(loaded.problems)}`);
  const { duty } = loaded.config;
  const [first = ''] = ids;
  const bare = duty.schedules.get(first)?.schedule;
  if (bare === undefined) throw new Error(`There is no schedule "${first}".`);
  const ahead = { from: YEAR.from, to: YEAR.from + weeks * 7 * DAY };
  return {
    year: YEAR,
    schedule: engine.prepare(bare, overridesOf([first], YEAR)),
    ahead,
    duty,
    overrides: overridesOf(ids, ahead),
  };
}

/** Spread over the span and over the schedules; every fifth of the secondary, every third instead of one person only. */
function overridesOf(schedules: readonly string[], span: Span): readonly Override[] {
  return Array.from({ length: OVERRIDES }, (_, index): Override => {
    const schedule = schedules[index % schedules.length] ?? '';
    const members = membersOf(schedule);
    const member = (ahead: number): string => members[(index + ahead) % members.length] ?? '';
    const share = (index * (span.to - span.from)) / OVERRIDES;
    const from = span.from + Math.floor(share / MINUTE) * MINUTE;
    return {
      id: `override-${String(index).padStart(3, '0')}`,
      schedule,
      slot: index % 5 === 4 ? 'secondary' : 'primary',
      userId: member(0),
      insteadOf: index % 3 === 0 ? member(1) : null,
      from,
      to: from + (LENGTHS[index % LENGTHS.length] ?? DAY),
      reason: 'away',
      by: member(0),
      createdAt: from - 7 * DAY,
      swapId: null,
    };
  });
}

/** JSON is YAML. */
function configOf(ids: readonly string[]): string {
  const each = <T>(of: (team: string, index: number) => T): Record<string, T> =>
    Object.fromEntries(ids.map((team, index) => [team, of(team, index)]));
  const users: Record<string, object> = { erin: { name: 'Erin', phone: '+12025550105' } };
  for (const [index, id] of ids.flatMap(membersOf).entries())
    users[id] = { name: id, phone: `+1202555${1_000 + index}`, email: `${id}@example.com` };
  return JSON.stringify({
    users,
    groups: { management: { members: ['erin'] }, executives: { members: ['erin'] } },
    holidays: { public: HOLIDAYS },
    schedules: each((team) => ({ zone: 'Europe/Berlin', rotations: layersOf(membersOf(team)) })),
    policies: each((team) => ({
      steps: [
        { targets: [`schedule:${team}/primary`] },
        { targets: [`schedule:${team}/secondary`] },
        { targets: ['user:erin'] },
      ],
      catchAll: { targets: ['group:management'] },
    })),
    services: each((team, index) => ({
      policy: team,
      ...(index === 0 ? { catchAll: true } : { match: [{ service: team }] }),
    })),
  });
}

/** Two offices, somebody for holidays above them, and somebody for the rest of the time below. */
function layersOf(participants: readonly string[]): readonly object[] {
  const office = [{ days: ['mon-fri'], from: '09:00', to: '17:00' }];
  const weekly = { type: 'weekly', handover: '09:00', start: '2026-01-05', participants };
  const daily = { type: 'daily', handover: '09:00', start: '2026-01-05', participants };
  return [
    { name: 'holidays', ...daily, only: 'public' },
    { name: 'Berlin', ...weekly, restrict: office },
    { name: 'New York', zone: 'America/New_York', ...weekly, restrict: office },
    { name: 'the rest', ...daily },
  ];
}
