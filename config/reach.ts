import { DEFAULT_GROUP_CHANNELS } from './contacts.js';
import { entriesOf, entryOf, itemsOf, textsOf } from './raw.js';
import { parseTarget } from './targets.js';

/** The channels on which a user can be reached, from a value that may not have passed the schema. */
export function channelsOf(user: unknown): readonly string[] {
  const methods = itemsOf(entryOf(user, 'methods'));
  if (methods.length > 0) return methods.map((method) => String(entryOf(method, 'channel')));
  const hasPhone = entryOf(user, 'phone') !== undefined || itemsOf(entryOf(user, 'phones')).length > 0;
  return [
    ...(hasPhone ? ['sms', 'voice'] : []),
    ...(entryOf(user, 'push') === undefined ? [] : ['push']),
    ...(entryOf(user, 'email') === undefined ? [] : ['email']),
  ];
}

/** True when the user is unknown (that is told elsewhere) or has a contact method. */
function reachable(raw: unknown, id: string): boolean {
  const user = entryOf(entryOf(raw, 'users'), id);
  return user === undefined || channelsOf(user).length > 0;
}

/** The users who can ever be primary or secondary of a schedule; null when it is too broken to say. */
export function onCallCandidates(schedule: unknown, slot: 'primary' | 'secondary'): readonly string[] | null {
  const rotations = [entryOf(schedule, 'rotation'), ...itemsOf(entryOf(schedule, 'rotations'))];
  const primaries = rotations.map((rotation) => textsOf(entryOf(rotation, 'participants')));
  if (primaries.flat().length === 0) return null;
  if (slot === 'primary') return primaries.flat();
  const secondary = entryOf(schedule, 'secondary') ?? 'next';
  if (secondary === 'none') return [];
  if (secondary === 'next') return primaries.filter((participants) => new Set(participants).size > 1).flat();
  const own = [secondary, ...itemsOf(entryOf(secondary, 'rotations'))].flatMap((rotation) =>
    textsOf(entryOf(rotation, 'participants')),
  );
  if (own.length === 0) return null;
  // The same single person in both has nobody to be secondary.
  const people = new Set([...own, ...primaries.flat()]);
  return people.size > 1 ? own : [];
}

/**
 * Why a target can never page anybody, in words; null when it can, or when it names something unknown or malformed,
 * which other checks tell.
 */
export function whyUnreachable(raw: unknown, text: string): string | null {
  const target = parseTarget(text);
  if (target === null) return null;
  const section = (name: string, id: string): unknown => entryOf(entryOf(raw, name), id);
  switch (target.kind) {
    case 'user':
      return reachable(raw, target.id) ? null : `user ${target.id} has no way to be paged`;
    case 'manager': {
      const users = target.of.map((id) => section('users', id));
      if (users.includes(undefined)) return null;
      const managers = users.map((user) => entryOf(user, 'manager')).filter((id) => typeof id === 'string');
      if (managers.length === 0) return `${target.of.join(', ')} has no manager`;
      return managers.some((id) => reachable(raw, id)) ? null : 'the manager has no way to be paged';
    }
    case 'team': {
      const team = section('teams', target.id);
      if (team === undefined) return null;
      const members = textsOf(entryOf(team, 'members'));
      if (members.length === 0) return `nobody is in team ${target.id}`;
      return members.some((id) => reachable(raw, id))
        ? null
        : `nobody in team ${target.id} has a way to be paged`;
    }
    case 'group': {
      const group = section('groups', target.id);
      if (group === undefined || itemsOf(entryOf(group, 'contacts')).length > 0) return null;
      const members = textsOf(entryOf(group, 'members'));
      if (members.length === 0) return `nobody is in group ${target.id}`;
      const written = textsOf(entryOf(group, 'channels'));
      const channels: readonly string[] = written.length > 0 ? written : DEFAULT_GROUP_CHANNELS;
      const users = members.map((id) => section('users', id));
      return users.some(
        (user) => user === undefined || channelsOf(user).some((channel) => channels.includes(channel)),
      )
        ? null
        : `nobody in group ${target.id} can be reached by ${channels.join(' or ')}`;
    }
    case 'schedule': {
      const schedule = section('schedules', target.id);
      if (schedule === undefined) return null;
      const people = onCallCandidates(schedule, target.slot);
      if (people === null) return null;
      if (people.length === 0) return `schedule ${target.id} never has a ${target.slot}`;
      return people.some((id) => reachable(raw, id))
        ? null
        : `nobody who can be ${target.slot} of ${target.id} has a way to be paged`;
    }
  }
}

/** The ids of everything of a section that targets of these policies, or the config's lists, mention. */
export function mentioned(raw: unknown): ReadonlySet<string> {
  const texts = entriesOf(entryOf(raw, 'policies')).flatMap(([, policy]) => [
    ...itemsOf(entryOf(policy, 'steps')).flatMap((step) => textsOf(entryOf(step, 'targets'))),
    ...textsOf(entryOf(entryOf(policy, 'catchAll'), 'targets')),
  ]);
  return new Set(
    texts.map((text) => {
      const target = parseTarget(text);
      return target === null || target.kind === 'manager' ? text : `${target.kind}:${target.id}`;
    }),
  );
}
