import { z } from 'zod';
import {
  responderIdsOf,
  responderLine,
  whyUnreachable,
  type ResponderKind,
} from '../../config/responders.js';
import type { Config } from '../../config/types.js';
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

type Field = keyof typeof responderIds;

const FIELDS: Readonly<Record<Field, ResponderKind>> = {
  users: 'user',
  teams: 'team',
  schedules: 'schedule',
  services: 'service',
};

/** Whether a body names somebody, and not too many. */
export function namesSomebody(sent: Readonly<Record<Field, readonly string[]>>): boolean {
  const count = (Object.keys(FIELDS) as Field[]).reduce((sum, field) => sum + sent[field].length, 0);
  return count >= 1 && count <= BOUNDS.lines;
}

/**
 * The lines that a body asks for; a service becomes its policy's steps by value.
 * @throws ApiError `unknown-responder` or `nobody-reachable`, with every id that is wrong
 */
export function responderLines(
  sent: Readonly<Record<Field, readonly string[]>>,
  config: Config,
  now: Instant,
): readonly ResponderLine[] {
  const asked = (Object.keys(FIELDS) as Field[]).flatMap((field) =>
    sent[field].map((id, index) => ({ kind: FIELDS[field], id, path: `${field}[${index}]` })),
  );
  const unknown = asked.filter(({ kind, id }) => !responderIdsOf(config, kind).includes(id));
  if (unknown.length > 0)
    throw refusal('unknown-responder', 'The configuration has no such user, team, schedule or service.', {
      problems: unknown.map(({ kind, id, path }) => ({
        path,
        message: `Expected the id of a ${kind}, found ${JSON.stringify(shown(id))}.`,
      })),
      remedy: 'Use ids as they stand in the configuration.',
    });
  const lines = asked.map(({ kind, id, path }) => ({ path, line: responderLine(kind, id, config, now) }));
  const unreachable = lines.flatMap(({ path, line }) => {
    const message = whyUnreachable(line, (targets) => config.findPeople(targets, 'high', now));
    return message === null ? [] : [{ path, message }];
  });
  if (unreachable.length > 0)
    throw refusal('nobody-reachable', 'Nobody can be paged there now; nobody was paged.', {
      problems: unreachable,
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
  const why = whyUnreachable(responderLine('user', id, config, now), (targets) =>
    config.findPeople(targets, 'high', now),
  );
  if (why !== null)
    throw new ApiError('nobody-reachable', `${user.name} has no way to be paged; nothing was changed.`, {
      problems: [{ path: 'to', message: why }],
      remedy: 'Ask somebody else, or give this user a phone, push or email in the configuration.',
    });
  return { to: user.id, toName: user.name };
}
