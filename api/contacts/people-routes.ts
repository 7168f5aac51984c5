import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addRoute, paramOf } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { apiKeyOf } from '../incidents/caller.js';
import { personView, requireUser, standingsNow } from './people.js';
import { knownSchema, params, personSchema } from './schemas.js';

/** `GET /v1/users` and `GET /v1/users/{id}`: people, and whether their contact methods count. */
export function peopleRoutes(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/users',
    {
      tag: 'on call',
      summary: 'List people with their contact methods',
      description: 'Numbers and addresses are masked.',
      auth: 'api-key',
      scope: 'read',
      answers: {
        200: {
          description: 'Those of the configuration, in its order.',
          body: knownSchema.extend({
            you: z.string().describe('Id of the user as whom this key acts.').exactOptional(),
            users: z.array(personSchema),
          }),
        },
      },
    },
    (_asked, request) => {
      const { of, known } = standingsNow(deps);
      const { userId: you } = apiKeyOf(request);
      return {
        ...known,
        ...(you === undefined ? {} : { you }),
        users: [...deps.config().users.values()].map((user) => personView(deps, user, of)),
      };
    },
  );
  addRoute(
    app,
    'GET',
    '/v1/users/:id',
    {
      tag: 'on call',
      summary: 'Show a person with their contact methods',
      auth: 'api-key',
      scope: 'read',
      params: { id: params.id },
      answers: { 200: { description: 'The person.', body: knownSchema.extend({ user: personSchema }) } },
      errors: ['user-not-found'],
    },
    (_asked, request) => {
      const { of, known } = standingsNow(deps);
      return { ...known, user: personView(deps, requireUser(deps, paramOf(request, 'id')), of) };
    },
  );
}
