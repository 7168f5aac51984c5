import { z } from 'zod';
import type { Config } from '../../config/types.js';
import type { Target } from '../../domain/escalation/policy.js';
import type { ResponderLine } from '../../domain/incident/event.js';
import { BOUNDS } from '../../domain/incident/state.js';
import type { Instant } from '../../domain/time/instant.js';
import { ApiError, type Problem } from '../errors.js';
import { shown } from '../validate.js';

/** Ids of one kind; how many there may be is for the whole body to say. */
const ids = (what: string) =>
  z.array(z.string().min(1).max(100)).max(BOUNDS.lines).default([]).describe(what);

/** Whom to ask for help: what the body of `responders` names. */
export const responderIds = {
  users: ids('Ids of users, paged by their own notification rules.'),
  teams: ids('Ids of teams: everybody in one is paged, the first answer counts.'),
  schedules: ids('Ids of schedules: whoever is primary now, then whoever is secondary.'),
  services: ids('Ids of services: the steps of their escalation policy as it stands now, once.'),
};

type Kind = keyof typeof responderIds;

const KINDS: readonly Kind[] = ['users', 'teams', 'schedules', 'services'];

/** Whether a body names somebody, and not too many. */
export function namesSomebody(sent: Readonly<Record<Kind, readonly string[]>>): boolean {
  const count = KINDS.reduce((sum, kind) => sum + sent[kind].length, 0);
  return count >= 1 && count <= BOUNDS.lines;
}

/**
 * The lines that a body asks for; a service becomes its policy's steps by value.
 * @throws ApiError `unknown-responder` or `nobody-reachable`, with every id that is wrong
 */
export function responderLines(
  sent: Readonly<Record<Kind, readonly string[]>>,
  config: Config,
  now: Instant,
): readonly ResponderLine[] {
  const asked = KINDS.flatMap((kind) =>
    sent[kind].map((id, index) => ({ kind, id, path: `${kind}[${index}]` })),
  );
  const unknown = asked.filter(({ kind, id }) => !knownIds(config, kind).includes(id));
  if (unknown.length > 0)
    throw refusal('unknown-responder', 'The configuration has no such user, team, schedule or service.', {
      problems: unknown.map(({ kind, id, path }) => ({
        path,
        message: `Expected the id of a ${kind.slice(0, -1)}, found ${JSON.stringify(shown(id))}.`,
      })),
      remedy: 'Use ids as they stand in the configuration.',
    });
  const lines = asked.map(({ kind, id, path }) => ({ path, line: lineOf(kind, id, config, now) }));
  const unreachable = lines.filter(({ line }) => !isReachable(line, config, now));
  if (unreachable.length > 0)
    throw refusal('nobody-reachable', 'Nobody can be paged there now; nobody was paged.', {
      problems: unreachable.map(({ path, line }) => ({
        path,
        message: whyUnreachable(line, config, now),
      })),
      remedy: 'Ask for somebody else, or mend the configuration (tocsin check).',
    });
  return lines.map(({ line }) => line);
}

function refusal(
  code: 'unknown-responder' | 'nobody-reachable',
  message: string,
  details: { readonly problems: readonly Problem[]; readonly remedy: string },
): ApiError {
  return new ApiError(code, message, details);
}

function knownIds(config: Config, kind: Kind): readonly string[] {
  switch (kind) {
    case 'users':
      return [...config.users.keys()];
    case 'teams':
      return config.teamIds;
    case 'schedules':
      return config.scheduleIds;
    case 'services':
      return config.serviceIds;
    default:
      return kind satisfies never;
  }
}

function lineOf(kind: Kind, id: string, config: Config, now: Instant): ResponderLine {
  const timeoutMs = config.ackTimeoutMs;
  switch (kind) {
    case 'users': {
      const name = config.users.get(id)?.name ?? id;
      return { name, steps: [{ name: 'responder', targets: [{ kind: 'user', id }], timeoutMs }] };
    }
    case 'teams':
      return {
        name: `team ${id}`,
        steps: [{ name: `team ${id}`, targets: [{ kind: 'team', id }], timeoutMs }],
      };
    case 'schedules': {
      const slot = (name: 'primary' | 'secondary') => ({
        name,
        targets: [{ kind: 'schedule', id, slot: name }] as const satisfies readonly Target[],
        timeoutMs,
      });
      return { name: `schedule ${id}`, steps: [slot('primary'), slot('secondary')] };
    }
    case 'services': {
      const { service, policy } = config.plan(id, now, []);
      return { name: service.name, steps: policy.steps };
    }
    default:
      return kind satisfies never;
  }
}

function isReachable(line: ResponderLine, config: Config, now: Instant): boolean {
  return line.steps.some(({ targets }) => config.findPeople(targets, 'high', now).people.length > 0);
}

function whyUnreachable(line: ResponderLine, config: Config, now: Instant): string {
  const targets = line.steps.flatMap((step) => step.targets);
  const [problem = 'nobody is meant by it now'] = config.findPeople(targets, 'high', now).problems;
  return `${problem.slice(0, 1).toUpperCase()}${problem.slice(1)}.`;
}

/**
 * The user who is to take an incident over.
 * @throws ApiError `unknown-user` or `nobody-reachable`
 */
export function nextOwner(
  id: string,
  config: Config,
  now: Instant,
): { readonly to: string; readonly toName: string } {
  const user = config.users.get(id);
  if (user === undefined)
    throw new ApiError('unknown-user', 'No user of the configuration has this id.', {
      problems: [{ path: 'to', message: `Expected the id of a user, found ${JSON.stringify(shown(id))}.` }],
      remedy: 'Use an id under `users`.',
    });
  const line = lineOf('users', id, config, now);
  if (!isReachable(line, config, now))
    throw new ApiError('nobody-reachable', `${user.name} has no way to be paged; nothing was changed.`, {
      problems: [{ path: 'to', message: whyUnreachable(line, config, now) }],
      remedy: 'Ask somebody else, or give this user a phone, push or email in the configuration.',
    });
  return { to: user.id, toName: user.name };
}
