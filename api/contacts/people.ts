import type { z } from 'zod';
import { createStandings, type Standing } from '../../config/verified.js';
import type { ContactMethod, User } from '../../config/types.js';
import { marksOf } from '../../tokens/contact-proof.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { shown } from '../validate.js';
import { masked } from './mask.js';
import type { knownSchema, personSchema } from './schemas.js';

/** Tells of contact methods whether they count, by what is known now. */
export function standingsNow({ verified, tokens }: Pick<AppDeps, 'verified' | 'tokens'>): {
  readonly of: (userId: string, method: ContactMethod) => Standing;
  readonly known: z.output<typeof knownSchema>;
} {
  const trusting = (): Standing => ({ kind: 'trusted' });
  if (verified === undefined) return { of: trusting, known: { verification: 'no-store' } };
  const { proofs, asOf } = verified.current();
  if (asOf === null) return { of: trusting, known: { verification: 'not-known-yet', asOf } };
  const of = createStandings(proofs, (contact) => marksOf(tokens, contact));
  return { of, known: { verification: 'known', asOf } };
}

/** A person as the API tells it. */
export function personView(
  deps: Pick<AppDeps, 'config' | 'now'>,
  user: User,
  standing: (userId: string, method: ContactMethod) => Standing,
): z.output<typeof personSchema> {
  const [found] = deps.config().findPeople([{ kind: 'user', id: user.id }], 'high', deps.now()).people;
  return {
    id: user.id,
    name: user.name,
    zone: user.zone,
    methods: user.methods.map((method) => {
      const how = standing(user.id, method);
      return {
        id: method.id,
        channel: method.channel,
        address: masked(method),
        standing: how.kind,
        ...(how.kind === 'verified' ? { since: how.proof.at, by: how.proof.by } : {}),
      };
    }),
    reachable: found === undefined ? 'no' : found.unproven === true ? 'unproven' : 'yes',
  };
}

/** @throws ApiError `user-not-found` */
export function requireUser({ config }: Pick<AppDeps, 'config'>, id: string): User {
  const user = config().users.get(id);
  if (user !== undefined) return user;
  throw new ApiError(
    'user-not-found',
    `No user of the configuration has the id ${JSON.stringify(shown(id))}.`,
    {
      remedy: 'GET /v1/users (or `tocsin contact list`) tells their ids.',
    },
  );
}

/** @throws ApiError `method-not-found` */
export function requireMethod(user: User, id: string): ContactMethod {
  const method = user.methods.find((each) => each.id === id);
  if (method !== undefined) return method;
  const ids = user.methods.map((each) => each.id).join(', ');
  throw new ApiError(
    'contact-method-not-found',
    `${user.id} has no contact method ${JSON.stringify(shown(id))}.`,
    {
      remedy: ids === '' ? 'Give this user a phone or an email in the configuration.' : `Use one of: ${ids}.`,
    },
  );
}
