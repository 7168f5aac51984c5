import { createHash } from 'node:crypto';
import type { Policy, Target } from '../domain/escalation/policy.js';
import { announcementOf, cancellationsOf, type PlannedAnnouncement } from '../domain/handoff/announce.js';
import type { PlannedHandoff } from '../domain/handoff/handoff.js';
import { awakeAt, changesOf, planOf, type PlanDeps } from '../domain/handoff/planner.js';
import { codeOf } from '../domain/incident/code.js';
import type { Override } from '../domain/oncall/override.js';
import { DAY, HOUR, type Instant, type Milliseconds } from '../domain/time/instant.js';
import { durationOf } from './duration.js';
import type { Written, WrittenHandoff } from './schema/root.js';
import { targetsOf } from './targets.js';
import type { Config } from './types.js';
import { zoneRules } from './zones.js';

/** How the shifts of a schedule are handed over. */
export interface HandoffSettings {
  /** What people call the schedule. */
  readonly name: string;
  /** Length of the hand-over call; null: there is none. */
  readonly callMs: Milliseconds | null;
  /** Told when nobody confirms; null: the manager of who comes. */
  readonly owner: Target | null;
  /** Ids of the services whose policy asks this schedule. */
  readonly services: readonly string[];
}

/** Source: spec/product.md, "Schedules". */
export const HANDOFF_DEFAULTS = { call: '30m' } as const;

/** The schedules whose shifts are handed over. */
export function toHandoffs(
  { schedules, defaults }: Written,
  services: readonly { readonly id: string; readonly policy: Policy }[],
): ReadonlyMap<string, HandoffSettings> {
  const all = new Map<string, HandoffSettings>();
  for (const [id, { name = id, handoff }] of Object.entries(schedules ?? {})) {
    if ((handoff ?? defaults?.handoff) === 'off') continue;
    const { call, owner } = { ...settingsOf(defaults?.handoff), ...settingsOf(handoff) };
    const [target = null] = owner === undefined ? [] : targetsOf([owner]);
    const length = call ?? HANDOFF_DEFAULTS.call;
    all.set(id, {
      name,
      callMs: length === 'off' ? null : durationOf(length),
      owner: target,
      services: services.filter(({ policy }) => asks(policy, id)).map((service) => service.id),
    });
  }
  return all;
}

type Settings = Exclude<WrittenHandoff, string>;

function settingsOf(written: WrittenHandoff | undefined): Settings {
  return typeof written === 'object' ? written : {};
}

function asks({ steps, catchAll }: Policy, schedule: string): boolean {
  const targets = [...steps.flatMap((step) => step.targets), ...catchAll.targets];
  return targets.some((target) => target.kind === 'schedule' && target.id === schedule);
}

/** What planning needs of a configuration. */
export type PlanningConfig = Pick<Config, 'handoffs' | 'schedules' | 'schedulesWith' | 'users' | 'load'>;

function depsOf({ users, load }: PlanningConfig): PlanDeps {
  return {
    zoneOf: (userId) => {
      const user = users.get(userId);
      return user === undefined ? null : zoneRules(user.zone);
    },
    night: load.night,
    hash: hash20,
    codeOf,
  };
}

function hash20(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

/** The hand-overs of all schedules whose change falls into `[from, to)`, by time. */
export function plannedHandoffs(
  config: PlanningConfig,
  overrides: readonly Override[],
  from: Instant,
  to: Instant,
): readonly PlannedHandoff[] {
  const deps = depsOf(config);
  return [...config.schedulesWith(overrides).values()]
    .filter(({ id }) => config.handoffs.has(id))
    .flatMap((schedule) => changesOf(schedule, from, to).map((change) => planOf(schedule, change, deps)))
    .sort((one, other) => one.at - other.at);
}

/** A day, and from the end of the longest night to the evening before it. */
const LONGEST_LEAD_MS: Milliseconds = DAY + 26 * HOUR;

/** What is to be announced by `to`, of what lies ahead at `now`. */
export function plannedAnnouncements(
  config: PlanningConfig,
  overrides: readonly Override[],
  now: Instant,
  to: Instant,
): readonly PlannedAnnouncement[] {
  const deps = {
    hash: hash20,
    awakeAt: (userId: string, at: Instant): Instant => {
      const user = config.users.get(userId);
      return user === undefined ? at : awakeAt(zoneRules(user.zone), config.load.night, at);
    },
  };
  return [...config.schedulesWith(overrides)].flatMap(([id, schedule]) => {
    const bare = config.schedules.get(id);
    if (bare === undefined || !config.handoffs.has(id)) return [];
    const usable = overrides.filter(({ userId }) => config.users.has(userId));
    const changes = changesOf(schedule, now + 1, to + LONGEST_LEAD_MS).flatMap(
      (change) => announcementOf(schedule, bare, usable, change, deps) ?? [],
    );
    return [...changes, ...cancellationsOf(schedule, usable, now, deps)].filter(({ sendAt }) => sendAt <= to);
  });
}
