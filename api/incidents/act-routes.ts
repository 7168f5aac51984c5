import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ActionName, PersonAction } from '../../domain/incident/event.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { checkBody } from '../validate.js';
import { actorOf, apiKeyOf, requestIdOf, viaOf } from './caller.js';
import { openingOf } from './opening.js';
import { notedSentence, overSentence } from './words.js';

const by = z.string().min(1).optional();
const text = z.string().trim().min(1).max(1_000);
const reason = z.string().trim().min(1).max(500).optional();

/** What is asked for, without who asks, of which incident, and how. */
type Asked = PersonAction extends infer A
  ? A extends PersonAction
    ? Omit<A, 'requestId' | 'openingId' | 'by' | 'via' | 'confirm'>
    : never
  : never;

/** One action: its path, and how its body is read. */
interface Row {
  readonly path: string;
  readonly read: (body: unknown) => { readonly by: string | undefined; readonly asked: Asked };
}

function plain(action: 'acknowledge' | 'take' | 'progress' | 'resolve'): Row {
  return { path: action, read: (body) => ({ by: checkBody(z.object({ by }), body).by, asked: { action } }) };
}

function worded(action: 'update' | 'note', path: string): Row {
  return {
    path,
    read: (body) => {
      const sent = checkBody(z.object({ by, text }), body);
      return { by: sent.by, asked: { action, text: sent.text } };
    },
  };
}

function because(given: string | undefined): { readonly reason?: string } {
  return given === undefined ? {} : { reason: given };
}

const rows: Readonly<Record<ActionName, Row>> = {
  acknowledge: plain('acknowledge'),
  take: plain('take'),
  progress: plain('progress'),
  resolve: plain('resolve'),
  escalate: {
    path: 'escalate',
    read: (body) => {
      const sent = checkBody(z.object({ by, reason }), body);
      return { by: sent.by, asked: { action: 'escalate', ...because(sent.reason) } };
    },
  },
  severity: {
    path: 'severity',
    read: (body) => {
      const sent = checkBody(z.object({ by, reason, severity: z.string().min(1).max(50) }), body);
      return {
        by: sent.by,
        asked: { action: 'severity', severity: sent.severity, ...because(sent.reason) },
      };
    },
  },
  update: worded('update', 'updates'),
  note: worded('note', 'notes'),
};

/** `POST /v1/incidents/{id}/<action>`: what people do, answered with one sentence. */
export function actRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const { path, read } of Object.values(rows)) {
    app.post<{ Params: { id: string } }>(`/v1/incidents/:id/${path}`, async (request, reply) => {
      const { by: userId, asked } = read(request.body);
      const action: PersonAction = {
        ...asked,
        requestId: requestIdOf(request),
        by: actorOf(deps.config(), apiKeyOf(request), userId),
        via: viaOf(request),
        openingId: await openingOf(deps.incidents, request.params.id),
      };
      const result = await deps.incidents.act(action);
      deps.metrics.reply(action.via, result.kind === 'answered' ? result.answer.outcome : result.kind);
      switch (result.kind) {
        case 'noted':
          return reply.code(202).send({ outcome: 'pending', sentence: notedSentence(action.by) });
        case 'over':
          throw new ApiError('incident-over', overSentence(result.openNow));
        case 'answered':
          if (result.answer.outcome === 'over') throw new ApiError('incident-over', result.answer.sentence);
          if (result.answer.outcome === 'unknown-severity')
            throw new ApiError('unknown-severity', result.answer.sentence, {
              problems: [{ path: 'severity', message: result.answer.sentence }],
            });
          return reply.send(result.answer);
      }
    });
  }
}
