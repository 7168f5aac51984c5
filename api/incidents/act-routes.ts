import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../config/types.js';
import { durationOf, parseDuration } from '../../config/duration.js';
import type { ActionName, Answer, PersonAction } from '../../domain/incident/event.js';
import { because } from '../../domain/incident/reason.js';
import { BOUNDS } from '../../domain/incident/state.js';
import { overSentence } from '../../domain/replies/words.js';
import type { Instant } from '../../domain/time/instant.js';
import { addRoute, paramOf, type Contract } from '../contract/contract.js';
import { acted, actionHeaders, by, incidentId, noted } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError, type ErrorCode } from '../errors.js';
import { revisionAsked } from '../etag.js';
import { actorOf, apiKeyOf, keyReused, requestHash, requestIdOf, viaOf } from './caller.js';
import { openingOf } from './opening.js';
import { namesSomebody, nextOwner, responderIds, responderLines } from './responders.js';
import { notedSentence } from './words.js';

const text = z.string().trim().min(1).max(1_000).describe('In plain words.');
const reason = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .optional()
  .describe('Why, for the timeline and those who are paged.');

/** What is asked for, without who asks, of which incident, and how. */
type Asked = PersonAction extends infer A
  ? A extends PersonAction
    ? Omit<A, 'requestId' | 'requestHash' | 'openingId' | 'by' | 'via' | 'confirm' | 'revision'>
    : never
  : never;

type Body = z.ZodType<{ readonly by?: string | undefined }>;

/** One action: its path, its words in the document, its body, and what that asks of the machine. */
interface RowOf<B extends Body> {
  /** Last part of the address. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: B;
  /** A body that does it. */
  readonly example: z.input<B>;
  /** Errors that only this action has. */
  readonly errors?: readonly ErrorCode[];
  /** @throws ApiError where the configuration has no such user, service …; it is the one in force */
  readonly asked: (sent: z.output<B>, config: Config, now: Instant) => Asked;
}

type Row = Omit<RowOf<Body>, 'asked'> & {
  readonly asked: (sent: unknown, config: Config, now: Instant) => Asked;
};

function row<B extends Body>({ asked, ...words }: RowOf<B>): Row {
  // `sent` is always what `body` made of a request.
  return { ...words, asked: (sent, config, now) => asked(sent as z.output<B>, config, now) };
}

/** One row per action. */
const rows: Readonly<Record<ActionName, Row>> = {
  acknowledge: row({
    path: 'acknowledge',
    summary: 'Acknowledge: somebody has it',
    description: 'Stops the paging. Whoever was paged is told who has it.',
    body: z.object({ by }),
    example: { by: 'alice' },
    asked: () => ({ action: 'acknowledge' }),
  }),
  take: row({
    path: 'take',
    summary: 'Take the incident over from its owner',
    description: 'The former owner is told.',
    body: z.object({ by }),
    example: { by: 'bob' },
    asked: () => ({ action: 'take' }),
  }),
  progress: row({
    path: 'progress',
    summary: 'Say "still on it"',
    description: 'The incident does not escalate for lack of progress.',
    body: z.object({ by }),
    example: { by: 'alice' },
    asked: () => ({ action: 'progress' }),
  }),
  resolve: row({
    path: 'resolve',
    summary: 'Say that it is fixed',
    description:
      'While alerts still fire it counts as mitigated and is looked at again; else it is watched, then resolved.',
    body: z.object({ by }),
    example: { by: 'alice' },
    asked: () => ({ action: 'resolve' }),
  }),
  escalate: row({
    path: 'escalate',
    summary: 'Page the next tier now',
    body: z.object({ by, reason }),
    example: { by: 'alice', reason: 'needs a DBA' },
    asked: (sent) => ({ action: 'escalate', ...because(sent.reason) }),
  }),
  severity: row({
    path: 'severity',
    summary: 'Raise or lower the severity',
    description: 'What the new severity asks for is done at once.',
    body: z.object({
      by,
      reason,
      severity: z.string().min(1).max(50).describe('An id of the configured scheme, e.g. SEV1.'),
    }),
    example: { by: 'alice', severity: 'SEV1', reason: 'customers are affected' },
    errors: ['unknown-severity'],
    asked: (sent) => ({ action: 'severity', severity: sent.severity, ...because(sent.reason) }),
  }),
  update: row({
    path: 'updates',
    summary: 'Post a status update',
    description: 'It counts as progress.',
    body: z.object({ by, text }),
    example: { by: 'alice', text: 'Rolling back the deploy.' },
    asked: (sent) => ({ action: 'update', text: sent.text }),
  }),
  note: row({
    path: 'notes',
    summary: 'Add a note to the timeline',
    description: 'For those who read it later. It is no progress.',
    body: z.object({ by, text }),
    example: { by: 'alice', text: 'See the graph of 14:02.' },
    asked: (sent) => ({ action: 'note', text: sent.text }),
  }),
  snooze: row({
    path: 'snooze',
    summary: 'Snooze: have it, and be left alone for a while',
    description:
      'Acknowledges when nobody has it. Until it ends nothing is asked of whoever has it; then they are paged again. A raised severity, a resolve, or somebody else who takes it ends it early. From 5 minutes to 24 hours, unless `timings` say otherwise.',
    body: z.object({
      by,
      for: z
        .string()
        .max(40)
        .refine((value) => parseDuration(value) !== null, {
          message: 'Expected a duration such as 30m, 2h or 1h30m.',
        })
        .describe('How long, e.g. `30m`, `2h`.'),
    }),
    example: { by: 'alice', for: '30m' },
    errors: ['snooze-out-of-bounds'],
    asked: (sent) => ({ action: 'snooze', forMs: durationOf(sent.for) }),
  }),
  unacknowledge: row({
    path: 'unacknowledge',
    summary: 'Undo an acknowledgement',
    description:
      'Nobody has it, and paging begins anew at the first step. Whoever was told who has it is told.',
    body: z.object({ by }),
    example: { by: 'alice' },
    asked: () => ({ action: 'unacknowledge' }),
  }),
  reassign: row({
    path: 'reassign',
    summary: 'Ask somebody to take it over',
    description:
      'They are paged; until they answer the present owner keeps it. If they do not, the tier above the owner is paged.',
    body: z.object({
      by,
      to: z.string().min(1).max(100).describe('Id of the user who is to have it.'),
      reason,
    }),
    example: { by: 'alice', to: 'bob', reason: 'my shift is over' },
    errors: ['nobody-reachable', 'reassign-refused'],
    asked: (sent, config, now) => ({
      action: 'reassign',
      ...nextOwner(sent.to, config, now),
      ...because(sent.reason),
    }),
  }),
  'add-responders': row({
    path: 'responders',
    summary: 'Page people to help',
    description:
      'Pages users, teams, schedules or whole services beside the policy. Who has the incident keeps it; who answers joins.',
    body: z.object({ by, ...responderIds, reason }).refine(namesSomebody, {
      message: `Expected 1 to ${BOUNDS.lines} ids in users, teams, schedules and services together.`,
    }),
    example: { by: 'alice', users: ['carol'], services: ['payments'], reason: 'needs a DBA' },
    errors: ['unknown-responder', 'nobody-reachable', 'too-many-responders'],
    asked: (sent, config, now) => ({
      action: 'add-responders',
      responders: responderLines(sent, config, now),
      ...because(sent.reason),
    }),
  }),
};

function contractOf({ summary, description, body, example, errors = [] }: Row) {
  return {
    tag: 'actions',
    summary,
    ...(description === undefined ? {} : { description }),
    auth: 'api-key',
    scope: 'respond',
    params: { id: incidentId },
    headers: actionHeaders,
    body: { schema: body, optional: body.safeParse({}).success, examples: { example } },
    answers: { 200: acted, 202: noted },
    errors: [
      'incident-not-found',
      'ambiguous-code',
      'incident-over',
      'unknown-user',
      'idempotency-key-reused',
      'incident-changed',
      'temporal-unavailable',
      'worker-unavailable',
      ...errors,
    ],
  } as const satisfies Contract;
}

/** What the incident itself refuses is an error for programs. */
function throwRefusal({ outcome, sentence }: Answer): void {
  const at = (path: string) => ({ problems: [{ path, message: sentence }] });
  switch (outcome) {
    case 'over':
      throw new ApiError('incident-over', sentence);
    case 'unknown-severity':
    case 'snooze-out-of-bounds':
      throw new ApiError(outcome, sentence, at(outcome === 'unknown-severity' ? 'severity' : 'for'));
    case 'reassign-refused':
    case 'too-many-responders':
      throw new ApiError(outcome, sentence);
    case 'key-reused':
      throw keyReused(sentence);
    default:
  }
}

/** `POST /v1/incidents/{id}/<action>`: what people do, answered with one sentence. */
export function actRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const one of Object.values(rows)) {
    const url = `/v1/incidents/:id/${one.path}`;
    addRoute(app, 'POST', url, contractOf(one), async ({ body }, request, reply) => {
      const config = deps.config();
      const revision = revisionAsked(request);
      const action: PersonAction = {
        ...one.asked(body, config, deps.now()),
        requestId: requestIdOf(request),
        // Of the body, not of what the configuration made of it: that may be another one when the request is repeated.
        requestHash: requestHash({ ...body, action: one.path }),
        by: actorOf(config, apiKeyOf(request), body.by),
        via: viaOf(request),
        openingId: await openingOf(deps.incidents, paramOf(request, 'id')),
        ...(revision === null ? {} : { revision }),
      };
      const result = await deps.incidents.act(action);
      deps.metrics.reply(action.via, result.kind === 'answered' ? result.answer.outcome : result.kind);
      switch (result.kind) {
        case 'noted':
          return reply.code(202).send({ outcome: 'pending', sentence: notedSentence(action.by) });
        case 'over':
          throw new ApiError('incident-over', overSentence(result.openNow));
        case 'answered':
          throwRefusal(result.answer);
          return reply.send(result.answer);
      }
    });
  }
}
