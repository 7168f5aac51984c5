import { assertNever } from '../domain/assert-never.js';
import type { Target } from '../domain/escalation/policy.js';
import type { FoundPeople, FoundPerson } from '../domain/incident/event.js';
import { NO_OVERRIDES, type OverridesAsOf } from '../domain/oncall/known.js';
import { onCallAt } from '../domain/oncall/on-call.js';
import type { Override } from '../domain/oncall/override.js';
import type { Urgency } from '../domain/severity/severity.js';
import type { Instant } from '../domain/time/instant.js';
import { DEFAULT_GROUP_CHANNELS, groupRules, noticeMethods, rulesOf } from './contacts.js';
import type { Written } from './schema/root.js';
import type { Overridden } from './overridden.js';
import { targetWords } from './targets.js';
import type { User } from './types.js';

/** Somebody whom a target means: a person by their own rules, or somebody in a group by the group's. */
type Candidate =
  | { readonly person: FoundPerson }
  /** In words, what is missing. */
  | { readonly problem: string };

/** What is the same for all targets of a search. */
interface Asked {
  readonly urgency: Urgency;
  readonly at: Instant;
  readonly known: OverridesAsOf;
}

interface Sources {
  readonly written: Written;
  /** Users and, as `group:<id>`, groups with contacts of their own. */
  readonly users: ReadonlyMap<string, User>;
  readonly overridden: (overrides: readonly Override[]) => Overridden;
}

/** Answers whom targets mean at an instant. The answer holds no phone number or address. */
export function createPeopleFinder({ written, users, overridden }: Sources) {
  const people = { high: peopleBy('high'), low: peopleBy('low') };

  /** Every user with the rules of an urgency, worked out once. */
  function peopleBy(urgency: Urgency): ReadonlyMap<string, Omit<FoundPerson, 'via'>> {
    return new Map(
      [...users.values()].map((user) => {
        const rules = rulesOf(
          user.methods,
          urgency,
          written.users?.[user.id]?.notify,
          written.defaults?.notify,
        );
        return [user.id, { userId: user.id, name: user.name, rules, notice: noticeMethods(user.methods) }];
      }),
    );
  }

  function byOwnRules(userId: string, via: string, urgency: Urgency): Candidate {
    const person = people[urgency].get(userId);
    if (person === undefined) return { problem: `${userId} (${via}) is no longer in the config` };
    return { person: { ...person, via } };
  }

  function members(id: string): readonly Candidate[] {
    const group = written.groups?.[id];
    const via = `group ${id}`;
    if (group === undefined) return [{ problem: `${via} is no longer in the config` }];
    const channels = group.channels ?? DEFAULT_GROUP_CHANNELS;
    const own = group.contacts === undefined || group.contacts.length === 0 ? [] : [`group:${id}`];
    const ids = [...own, ...(group.members ?? [])];
    if (ids.length === 0) return [{ problem: `nobody is in ${via}` }];
    return ids.map((userId) => {
      const user = users.get(userId);
      if (user === undefined) return { problem: `${userId} (${via}) is no longer in the config` };
      // A group's own contacts are chosen one by one; its channels are about its members.
      const allowed = userId === own[0] ? DEFAULT_GROUP_CHANNELS : channels;
      return { person: { userId, name: user.name, via, ...groupRules(user.methods, allowed) } };
    });
  }

  function onCall(
    { id, slot }: Target & { kind: 'schedule' },
    words: string,
    asked: Asked,
  ): readonly Candidate[] {
    const { urgency, at, known } = asked;
    const { schedules, unused } = overridden(known.overrides);
    const schedule = schedules.get(id);
    if (schedule === undefined) return [{ problem: `schedule ${id} is no longer in the config` }];
    const userId = onCallAt(schedule, at)[slot];
    return [
      userId === null ? { problem: `nobody is ${words} now` } : byOwnRules(userId, words, urgency),
      ...unused(id, slot, at).map((each) => ({
        problem: `the override of ${words} does not count: ${each.userId} is no longer in the config`,
      })),
    ];
  }

  function candidates(target: Target, asked: Asked): readonly Candidate[] {
    const words = targetWords(target);
    const { urgency } = asked;
    switch (target.kind) {
      case 'user':
        return [byOwnRules(target.id, words, urgency)];
      case 'schedule':
        return onCall(target, words, asked);
      case 'team': {
        const team = written.teams?.[target.id];
        if (team === undefined) return [{ problem: `${words} is no longer in the config` }];
        return team.members.map((userId) => byOwnRules(userId, words, urgency));
      }
      case 'group':
        return members(target.id);
      case 'manager':
        return target.of.map((id) => {
          const manager = users.get(id)?.manager;
          return manager === undefined
            ? { problem: `${id} has no manager in the config` }
            : byOwnRules(manager, `manager of ${id}`, urgency);
        });
      default:
        return assertNever(target, 'target');
    }
  }

  return (
    targets: readonly Target[],
    urgency: Urgency,
    at: Instant,
    known: OverridesAsOf = NO_OVERRIDES,
  ): FoundPeople => {
    const found = new Map<string, FoundPerson>();
    const problems = new Set<string>();
    for (const target of targets) {
      for (const candidate of candidates(target, { urgency, at, known })) {
        if ('problem' in candidate) problems.add(candidate.problem);
        else if (candidate.person.rules.length === 0) {
          problems.add(`${candidate.person.name} (${candidate.person.via}) has no way to be paged`);
        } else if (!found.has(candidate.person.userId)) {
          found.set(candidate.person.userId, candidate.person);
        }
      }
    }
    const isByShift = targets.some(({ kind }) => kind === 'schedule');
    return {
      people: [...found.values()],
      problems: [...problems],
      ...(isByShift && known.isStale ? { overridesAsOf: known.asOf } : {}),
    };
  };
}
