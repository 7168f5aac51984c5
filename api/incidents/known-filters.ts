import { closest } from '../../config/closest.js';
import type { Config } from '../../config/types.js';
import { ApiError, type Problem } from '../errors.js';
import { shown } from '../validate.js';
import type { IncidentFilter } from './incidents.js';

/** What a filter can name, in words, and the ids that the configuration has for it. */
const NAMES = {
  owner: {
    what: 'user, API key or integration',
    ids: ({ users, apiKeys, integrations }: Config) => [
      ...users.keys(),
      ...[...apiKeys, ...integrations].map(({ id }) => id),
    ],
  },
  responder: { what: 'user', ids: ({ users }: Config) => [...users.keys()] },
  service: { what: 'service', ids: ({ serviceIds }: Config) => serviceIds },
  team: { what: 'team', ids: ({ teamIds }: Config) => teamIds },
  severity: { what: 'severity', ids: ({ severities }: Config) => severities.map(({ id }) => id) },
} as const;

/**
 * For a list in which nothing was found: whether that is since a filter names what is not there. What found something is
 * never asked, so that incidents of who has left can be read.
 * @throws ApiError `invalid-query`
 */
export function requireKnown(filter: Omit<IncidentFilter, 'limit'>, config: Config): void {
  const problems = Object.entries(NAMES).flatMap(([name, { what, ids }]): readonly Problem[] => {
    const asked = filter[name as keyof typeof NAMES];
    const known = ids(config);
    if (asked === undefined || known.includes(asked)) return [];
    // A group with contacts of its own has incidents too.
    if (what.startsWith('user') && config.person(asked) !== null) return [];
    const near = closest(asked, known);
    const meant = near === undefined ? '' : ` Did you mean ${near}?`;
    return [{ path: name, message: `No incident, and no ${what} has the id ${shown(asked)}.${meant}` }];
  });
  if (problems.length === 0) return;
  throw new ApiError('invalid-query', 'What a filter names is not there.', {
    problems,
    remedy: 'Use ids of the configuration.',
  });
}
