import type { Target } from '../domain/escalation/policy.js';
import type { FoundPeople, ResponderLine } from '../domain/incident/event.js';
import type { Instant } from '../domain/time/instant.js';
import type { Config } from './types.js';

/** What can be asked for help. */
export const RESPONDER_KINDS = ['user', 'team', 'schedule', 'service'] as const;

export type ResponderKind = (typeof RESPONDER_KINDS)[number];

/** The ids of this kind that the configuration knows. */
export function responderIdsOf(
  config: Pick<Config, 'users' | 'teamIds' | 'scheduleIds' | 'serviceIds'>,
  kind: ResponderKind,
): readonly string[] {
  switch (kind) {
    case 'user':
      return [...config.users.keys()];
    case 'team':
      return config.teamIds;
    case 'schedule':
      return config.scheduleIds;
    case 'service':
      return config.serviceIds;
    default:
      return kind satisfies never;
  }
}

/** Who is paged in which order when this is asked for help at `now`; a service becomes its policy's steps by value. The id is known. */
export function responderLine(
  kind: ResponderKind,
  id: string,
  config: Pick<Config, 'users' | 'ackTimeoutMs' | 'plan'>,
  now: Instant,
): ResponderLine {
  const timeoutMs = config.ackTimeoutMs;
  switch (kind) {
    case 'user': {
      const name = config.users.get(id)?.name ?? id;
      return { name, steps: [{ name: 'responder', targets: [{ kind: 'user', id }], timeoutMs }] };
    }
    case 'team':
      return {
        name: `team ${id}`,
        steps: [{ name: `team ${id}`, targets: [{ kind: 'team', id }], timeoutMs }],
      };
    case 'schedule': {
      const slot = (name: 'primary' | 'secondary') => ({
        name,
        targets: [{ kind: 'schedule', id, slot: name }] as const satisfies readonly Target[],
        timeoutMs,
      });
      return { name: `schedule ${id}`, steps: [slot('primary'), slot('secondary')] };
    }
    case 'service': {
      const { service, policy } = config.plan(id, now, []);
      return { name: service.name, steps: policy.steps };
    }
    default:
      return kind satisfies never;
  }
}

/** Why nobody of a line can be paged, as a sentence; null when somebody can. `find` says who is meant by a step. */
export function whyUnreachable(
  { steps }: ResponderLine,
  find: (targets: readonly Target[]) => FoundPeople,
): string | null {
  if (steps.some(({ targets }) => find(targets).people.length > 0)) return null;
  const [problem = 'nobody is meant by it now'] = find(steps.flatMap(({ targets }) => targets)).problems;
  return `${problem.slice(0, 1).toUpperCase()}${problem.slice(1)}.`;
}
