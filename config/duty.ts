import type { Policy, Target } from '../domain/escalation/policy.js';
import type { CoverageSource, PersonToCover } from '../domain/oncall/coverage.js';
import { DEFAULT_LIMITS, type DutyLimits } from '../domain/oncall/coverage-duties.js';
import type { Meant, PolicyToCover, StepToCover } from '../domain/oncall/coverage-steps.js';
import type { FairnessSource, Holidays, PersonToCount, ScheduleToCount } from '../domain/oncall/fairness.js';
import type { PreparedSchedule } from '../domain/oncall/on-call.js';
import type { Override } from '../domain/oncall/override.js';
import type { Urgency } from '../domain/severity/severity.js';
import type { Milliseconds } from '../domain/time/instant.js';
import { durationOf } from './duration.js';
import { createOverridden, type Overridden } from './overridden.js';
import type { Written } from './schema/root.js';
import { targetWords } from './targets.js';
import type { Config, User } from './types.js';
import { civilDayOf } from './wall-clock.js';
import { zoneRules } from './zones.js';

/** What coverage and fairness are worked out from, without overrides. */
export interface DutySource {
  /** `defaults.zone`: of dates that people write without one. */
  readonly zone: string;
  readonly limits: DutyLimits;
  readonly policies: readonly PolicyToCover[];
  readonly schedules: ReadonlyMap<string, ScheduleToCount>;
  /** Null: not in the config. */
  readonly person: (userId: string) => (PersonToCover & PersonToCount) | null;
}

interface Parts {
  readonly written: Written;
  readonly zone: string;
  /** Users and, as `group:<id>`, groups with contacts of their own. */
  readonly users: ReadonlyMap<string, User>;
  readonly policies: Iterable<Policy>;
  readonly schedules: ReadonlyMap<string, PreparedSchedule>;
  /** Who can be paged is what paging itself says. */
  readonly findPeople: Config['findPeople'];
}

type CanBePaged = PersonToCover['canBePaged'];

function limitOf(text: string | undefined, otherwise: Milliseconds): Milliseconds | null {
  if (text === undefined) return otherwise;
  return text === 'off' ? null : durationOf(text);
}

/** The ids of everybody whom a target means that is no schedule, with whom it means them as. */
function membersOf(
  { written, users }: Parts,
  target: Exclude<Target, { kind: 'schedule' }>,
): readonly string[] {
  switch (target.kind) {
    case 'user':
      return [target.id];
    case 'team':
      return written.teams?.[target.id]?.members ?? [];
    case 'group': {
      const own = `group:${target.id}`;
      return [...(users.has(own) ? [own] : []), ...(written.groups?.[target.id]?.members ?? [])];
    }
    case 'manager':
      return target.of.flatMap((id) => users.get(id)?.manager ?? []);
    default:
      return target satisfies never;
  }
}

function meantBy(parts: Parts, target: Target): readonly Meant[] {
  if (target.kind === 'schedule') return [{ kind: 'schedule', schedule: target.id, slot: target.slot }];
  const ids = membersOf(parts, target);
  const via = targetWords(target);
  if (ids.length === 0) return [{ kind: 'nobody', words: `${via}: there is nobody` }];
  // The instant says nothing: only schedules mean other people at other times.
  const reached = (urgency: Urgency): ReadonlySet<string> =>
    new Set(parts.findPeople([target], urgency, 0).people.map(({ userId }) => userId));
  const [high, low] = [reached('high'), reached('low')];
  return ids.map((userId) => ({
    kind: 'person',
    userId,
    via,
    canBePaged: { high: high.has(userId), low: low.has(userId) },
  }));
}

/** Gathers what a configuration has to say about duty. */
export function createDutySource(parts: Parts): DutySource {
  const { written, zone, users, findPeople } = parts;
  const listOf = (id: string | undefined): Holidays | null =>
    id === undefined ? null : new Set((written.holidays?.[id] ?? []).map(civilDayOf));
  const step = (name: string, targets: readonly Target[]): StepToCover => ({
    name,
    meant: targets.flatMap((target) => meantBy(parts, target)),
  });
  const zoneOf = (schedule: string | undefined): string =>
    (schedule === undefined ? undefined : written.schedules?.[schedule]?.zone) ?? zone;
  const policies = [...parts.policies].map(({ id, steps, catchAll }): PolicyToCover => {
    const asked = steps.flatMap(({ targets }) => targets).find(({ kind }) => kind === 'schedule');
    return {
      id,
      zone: zoneOf(asked?.kind === 'schedule' ? asked.id : undefined),
      steps: steps.map(({ name, targets }) => step(name, targets)),
      catchAll: step('catch-all', catchAll.targets),
    };
  });
  const canBePaged = (id: string): CanBePaged => {
    const by = (urgency: Urgency): boolean =>
      findPeople([{ kind: 'user', id }], urgency, 0).people.length > 0;
    return { high: by('high'), low: by('low') };
  };
  const people = new Map<string, PersonToCover & PersonToCount>();
  return {
    zone,
    limits: {
      maxDutyMs: limitOf(written.limits?.maxDuty, DEFAULT_LIMITS.maxDutyMs),
      minRestMs: limitOf(written.limits?.minRest, DEFAULT_LIMITS.minRestMs),
    },
    policies,
    schedules: new Map(
      [...parts.schedules].map(([id, schedule]) => [
        id,
        { schedule, holidays: listOf(written.schedules?.[id]?.holidays) },
      ]),
    ),
    person: (id) => {
      const user = users.get(id);
      if (user === undefined) return null;
      const known = people.get(id) ?? {
        name: user.name,
        zone: zoneRules(user.zone),
        canBePaged: canBePaged(id),
        holidays: listOf(written.users?.[id]?.holidays),
      };
      people.set(id, known);
      return known;
    },
  };
}

/** The schedules as paging goes by them: an override of somebody who has left the config does not count. */
function overridden({ schedules, person }: DutySource, overrides: readonly Override[]): Overridden {
  const bare = new Map([...schedules].map(([id, { schedule }]) => [id, schedule]));
  return createOverridden(bare, (userId) => person(userId) !== null)(overrides);
}

/** A config's source for coverage with these overrides: of one policy, or of all. */
export function coverageSource(
  source: DutySource,
  overrides: readonly Override[],
  policy?: string,
): CoverageSource {
  const { limits, policies, person } = source;
  return {
    limits,
    person,
    policies: policies.filter(({ id }) => policy === undefined || id === policy),
    schedules: overridden(source, overrides).schedules,
    ignored: overrides.filter(({ userId }) => person(userId) === null),
  };
}

/** A config's source for fairness with these overrides: of one schedule, or of all. */
export function fairnessSource(
  source: DutySource,
  overrides: readonly Override[],
  only?: string,
): FairnessSource {
  const counted = [...overridden(source, overrides).schedules];
  return {
    person: source.person,
    schedules: counted
      .filter(([id]) => only === undefined || id === only)
      .map(([id, schedule]) => ({ schedule, holidays: source.schedules.get(id)?.holidays ?? null })),
  };
}
