import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mayDo } from '../../domain/access/scope.js';
import { testLetter } from '../../domain/messages/contact-letters.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { by, idempotencyHeader } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { actorOf, apiKeyOf, requestIdOf } from '../incidents/caller.js';
import { requireMethod, requireUser } from './people.js';
import { params, sentSchema } from './schemas.js';
import { writeLetter } from './write-letter.js';

/** Whoever asks waits for it: what did not leave by then is tried no more. */
const TRIED_FOR_MS = 6_000;

/** `POST /v1/users/{id}/test-page`: by the ways of a real page, and marked as none. */
export function testPageRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/users/:id/test-page',
    {
      tag: 'on call',
      summary: 'Send a test page',
      description:
        'By each contact method, calls included, through the same workers and providers as a real page, marked [TEST] in every channel. To oneself with the key of a user; to anybody with the scope admin.',
      auth: 'api-key',
      scope: 'respond',
      params: { id: params.id },
      headers: idempotencyHeader,
      body: {
        schema: z.object({
          methods: z
            .array(z.string().min(1).max(100))
            .min(1)
            .max(20)
            .optional()
            .describe('Ids of contact methods. Absent: all of them.'),
          by,
        }),
        optional: true,
        examples: { all: {}, one: { methods: ['sms-1'] } },
      },
      answers: {
        200: {
          description: 'What became of it by each method.',
          body: z.object({ user: z.string(), sent: z.array(sentSchema) }).meta({ id: 'TestPage' }),
        },
      },
      errors: [
        'user-not-found',
        'contact-method-not-found',
        'unknown-user',
        'scope-missing',
        'temporal-unavailable',
      ],
    },
    async ({ body }, request) => {
      const user = requireUser(deps, paramOf(request, 'id'));
      const caller = apiKeyOf(request);
      if (caller.userId !== user.id && !mayDo(caller.scope, 'admin'))
        throw new ApiError(
          'scope-missing',
          `A test page to somebody else needs a key with the scope admin; the key ${caller.name} has ${caller.scope}.`,
          { remedy: 'Use a key of yours for yourself (`tocsin keys create --user`), or ask an admin.' },
        );
      const actor = actorOf(deps.config(), caller, body.by);
      const methods =
        body.methods === undefined
          ? user.methods
          : [...new Set(body.methods)].map((id) => requireMethod(user, id));
      const run = createHash('sha256').update(requestIdOf(request)).digest('hex').slice(0, 20);
      const letter = testLetter(`test-${run}`, actor.name, deps.now());
      const sent = await Promise.all(
        methods.map((method) =>
          writeLetter(deps, {
            ...{ user, method, letter, triedForMs: TRIED_FOR_MS },
            id: `test-${run}-${method.id}`,
          }),
        ),
      );
      return { user: user.id, sent };
    },
  );
}
