import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ContactMethod, User } from '../../config/types.js';
import { zoneTimes } from '../../config/zone-times.js';
import { verificationLetter } from '../../domain/messages/contact-letters.js';
import { MINUTE } from '../../domain/time/instant.js';
import type { Confirmed, MarkedMethod } from '../../store/verified-methods.js';
import { codesOf, marksOf } from '../../tokens/contact-proof.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { by, idempotencyHeader } from '../contract/incident-words.js';
import { instant } from '../contract/timeline.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { requestIdOf } from '../incidents/caller.js';
import { auditOf } from '../schedules/change.js';
import { requireStore, STORE_ERRORS } from '../store-errors.js';
import { personView, requireMethod, requireUser, standingsNow } from './people.js';
import { params, personSchema, sentSchema } from './schemas.js';
import { writeLetter } from './write-letter.js';

const PATH = '/v1/users/:id/methods/:method/verification';
/** Of a code that is good for ten minutes. */
const TRIED_FOR_MS = MINUTE;
const NOT_FOUND = ['user-not-found', 'contact-method-not-found'] as const;

/** `/v1/users/{id}/methods/{method}/verification`: sends a code, takes it back typed, and forgets that it was. */
export function verificationRoutes(app: FastifyInstance, deps: AppDeps): void {
  sendRoute(app, deps);
  confirmRoute(app, deps);
  forgetRoute(app, deps);
}

function sendRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    PATH,
    {
      tag: 'on call',
      summary: 'Send a code to a contact method',
      description:
        'Six digits, good for ten minutes, by the method itself: a call says them. At most five a day to one address. Who reads them types them back with `/confirm`.',
      auth: 'api-key',
      scope: 'respond',
      params,
      headers: idempotencyHeader,
      body: { schema: z.object({ by }), optional: true, examples: { example: { by: 'alice' } } },
      answers: {
        202: {
          description: 'It is on its way, or why not.',
          body: z
            .object({
              sent: sentSchema,
              goodUntil: instant.describe('Until then the code can be typed back.'),
            })
            .meta({ id: 'CodeSent' }),
        },
      },
      errors: [
        ...NOT_FOUND,
        'nothing-to-verify',
        'too-many-codes',
        'unknown-user',
        'temporal-unavailable',
        ...STORE_ERRORS,
      ],
    },
    async ({ body }, request, reply) => {
      const { user, method, marked } = methodOf(deps, request);
      const { verifiedMethods } = requireStore(deps.store);
      if (method.needsProof !== true)
        throw new ApiError('nothing-to-verify', `${method.id} of ${user.id} counts as it is.`, {
          remedy:
            'It is trusted by the configuration (`trusted`, `defaults.contactMethods`), or leads where nobody could type a code back.',
        });
      const audit = auditOf(deps, request, body.by);
      // The same for the same Idempotency-Key, and another for every method.
      const id = createHash('sha256')
        .update(JSON.stringify([requestIdOf(request), marked.marks[0], method.id]))
        .digest('hex')
        .slice(0, 20);
      const asked = await verifiedMethods.askCode(
        { ...marked, id, nonce: randomBytes(16).toString('base64url') },
        audit,
      );
      if (asked.kind === 'too-many')
        throw new ApiError('too-many-codes', 'Five codes were sent to this address within a day.', {
          remedy: `The next one can be asked for at ${zoneTimes(user.zone).moment(asked.againAt)}. The last one that was sent counts for ten minutes; or let the configuration trust the address (\`trusted: true\`).`,
          headers: { 'retry-after': String(Math.max(1, Math.ceil((asked.againAt - deps.now()) / 1_000))) },
        });
      const sent = await writeLetter(deps, {
        ...{ user, method, id: `code-${id}`, triedForMs: TRIED_FOR_MS },
        letter: verificationLetter(`code-${id}`),
        verification: { nonce: asked.nonce },
      });
      return reply.code(202).send({ sent, goodUntil: asked.goodUntil });
    },
  );
}

function confirmRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    `${PATH}/confirm`,
    {
      tag: 'on call',
      summary: 'Type a code back',
      description: 'The code that was sent last counts, for ten minutes and five tries.',
      auth: 'api-key',
      scope: 'respond',
      params,
      headers: idempotencyHeader,
      body: {
        schema: z.object({
          code: z
            .string()
            .max(40)
            .transform((text) => text.replace(/[\s,.-]/g, ''))
            .pipe(z.string().regex(/^\d{6}$/, 'Expected the six digits of the code.'))
            .describe('Six digits; blanks between them do no harm.'),
          by,
        }),
        examples: { example: { code: '493027', by: 'alice' } },
      },
      answers: {
        200: { description: 'It counts from now on.', body: z.object({ user: personSchema }) },
      },
      errors: [...NOT_FOUND, 'wrong-code', 'code-over', 'unknown-user', ...STORE_ERRORS],
    },
    async ({ body }, request) => {
      const { user, method, marked } = methodOf(deps, request);
      const isCode = (nonce: string): boolean =>
        codesOf(deps.tokens, { nonce, userId: user.id, methodId: method.id, address: method.address }).some(
          (code) => timingSafeEqual(Buffer.from(code), Buffer.from(body.code)),
        );
      const result = await requireStore(deps.store).verifiedMethods.confirm(
        { ...marked, isCode },
        auditOf(deps, request, body.by),
      );
      requireConfirmed(result);
      await deps.verified?.refresh();
      return { user: personView(deps, user, standingsNow(deps).of) };
    },
  );
}

function forgetRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    `${PATH}/forget`,
    {
      tag: 'on call',
      summary: 'Take a verification back',
      description:
        'The address counts as unverified again, and codes that were sent to it are void. Twice is as good as once.',
      auth: 'api-key',
      scope: 'respond',
      params,
      headers: idempotencyHeader,
      body: { schema: z.object({ by }), optional: true, examples: { example: { by: 'alice' } } },
      answers: { 200: { description: 'It is forgotten.', body: z.object({ user: personSchema }) } },
      errors: [...NOT_FOUND, 'unknown-user', ...STORE_ERRORS],
    },
    async ({ body }, request) => {
      const { user, marked } = methodOf(deps, request);
      await requireStore(deps.store).verifiedMethods.forget(marked, auditOf(deps, request, body.by));
      await deps.verified?.refresh();
      return { user: personView(deps, user, standingsNow(deps).of) };
    },
  );
}

/** @throws ApiError `user-not-found` or `contact-method-not-found` */
function methodOf(
  deps: AppDeps,
  request: FastifyRequest,
): { readonly user: User; readonly method: ContactMethod; readonly marked: MarkedMethod } {
  const user = requireUser(deps, paramOf(request, 'id'));
  const method = requireMethod(user, paramOf(request, 'method'));
  const [first, ...others] = marksOf(deps.tokens, { userId: user.id, address: method.address });
  if (first === undefined) throw new TypeError('Tokens without a secret.');
  return { user, method, marked: { userId: user.id, methodId: method.id, marks: [first, ...others] } };
}

/** @throws ApiError `wrong-code` or `code-over` */
function requireConfirmed(result: Confirmed): void {
  const again = 'Ask for a new code: `tocsin contact verify`.';
  switch (result.kind) {
    case 'verified':
      return;
    case 'wrong':
      throw new ApiError('wrong-code', 'That is not the code that was sent last.', {
        remedy:
          result.triesLeft === 0 ? again : `Look again: ${result.triesLeft} more of the five tries are left.`,
      });
    case 'none':
      throw new ApiError('code-over', 'No code was sent to this contact method, as it is now.', {
        remedy: again,
      });
    case 'forgotten':
      throw new ApiError('code-over', 'The contact method was forgotten after its last code was sent.', {
        remedy: again,
      });
    case 'expired':
      throw new ApiError('code-over', 'The code that was sent last is more than ten minutes old.', {
        remedy: again,
      });
    case 'used-up':
      throw new ApiError('code-over', 'Five wrong codes were typed: the code that was sent is void.', {
        remedy: again,
      });
    default:
      return result satisfies never;
  }
}
