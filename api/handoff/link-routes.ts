import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { User } from '../../config/types.js';
import type { HandoffMemo } from '../../domain/handoff/handoff.js';
import { handoffPage } from '../../web/handoff-page.js';
import { messagePage } from '../../web/incident-page.js';
import type { AppDeps } from '../deps.js';
import { toApiError } from '../error-handler.js';
import { RETRY_AFTER_SECONDS } from '../errors.js';
import { TemporalUnavailable } from '../incidents/incidents.js';
import { addPageHeaders } from '../links/page-headers.js';
import { REFUSALS, type Refusal } from '../links/refusals.js';
import { check } from '../validate.js';
import { canBeConfirmed, changeWords, confirmAs, nameOf, takesOver } from './confirm.js';

const INSTEAD = 'You can reply HANDOFF and the code to the text message instead; nothing was changed.';
const formSchema = z.object({ action: z.literal('confirm') });

type Found = HandoffMemo & { readonly isOpen: boolean };
type Opened =
  | { readonly ok: true; readonly id: string; readonly reader: User }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * `/h/{token}`: the page behind the link in a hand-over's digest. GET and HEAD change nothing, since mail scanners open links; only
 * the button does.
 */
export function handoffLinkRoutes(app: FastifyInstance, deps: AppDeps): void {
  addPageHeaders(app);
  app.setErrorHandler((thrown, request, reply) => {
    const error = toApiError(thrown, request);
    if (error.status >= 500) request.log.error({ err: error.cause ?? error }, error.message);
    if (thrown instanceof TemporalUnavailable) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
    const sentences = [error.message, INSTEAD, `Request ${request.id}.`];
    return page(reply.headers(error.headers), error.status, messagePage('That did not work', sentences));
  });

  app.get<{ Params: { token: string } }>('/h/:token', async (request, reply) => {
    const opened = open(deps, request.params.token);
    if (!opened.ok) return refuse(reply, opened.refusal);
    const found = await deps.handoffs?.get(opened.id);
    if (found === undefined || found === null) return refuse(reply, GONE);
    return page(reply, 200, shown(deps, found, opened.reader));
  });

  app.post<{ Params: { token: string } }>('/h/:token', async (request, reply) => {
    const opened = open(deps, request.params.token);
    if (!opened.ok) return refuse(reply, opened.refusal);
    if (!check(formSchema, request.body).ok)
      return page(
        reply,
        400,
        messagePage('Nothing was done', ['Open the link again and press the button there.']),
      );
    const workflows = deps.handoffs;
    const found = await workflows?.get(opened.id);
    if (workflows === undefined || found === undefined || found === null) return refuse(reply, GONE);
    const { outcome, sentence } = await confirmAs(deps, workflows, found, opened.reader, 'link');
    deps.metrics.reply('link', `handoff-${outcome}`);
    const after: Found =
      outcome === 'confirmed' ? { ...found, status: 'confirmed', confirmedAt: deps.now() } : found;
    const isDone = outcome === 'confirmed' || outcome === 'confirmed-already';
    return page(reply, isDone ? 200 : 409, shown(deps, after, opened.reader, sentence));
  });
}

const GONE: Refusal = {
  status: 404,
  title: 'This hand-over is no longer kept here',
  sentences: ['It was over long ago.'],
};

function open(deps: AppDeps, token: string): Opened {
  const verified = deps.tokens.verify(token, deps.now());
  if (!verified.ok) return { ok: false, refusal: { ...REFUSALS[verified.why] } };
  const { p, o, u } = verified.claims;
  if (p !== 'handoff' || u === undefined)
    return {
      ok: false,
      refusal: { ...REFUSALS.foreign, sentences: ['It does not open a hand-over.', INSTEAD] },
    };
  const reader = deps.config().person(u);
  if (reader === null) return { ok: false, refusal: REFUSALS.removed };
  return { ok: true, id: o, reader };
}

function shown(deps: AppDeps, found: Found, reader: User, said?: string): string {
  const { plan, status, confirmedAt, isOpen } = found;
  const canConfirm = plan.coming === reader.id && confirmedAt === null && canBeConfirmed(found, isOpen);
  const yours = takesOver(deps, plan)
    ? [`What ${nameOf(deps, plan.leaving)} has open of its services is yours then.`]
    : [];
  const state =
    confirmedAt !== null
      ? ['It is confirmed.']
      : status === 'void'
        ? ['The schedule says otherwise by now: there is nothing to confirm.']
        : isOpen
          ? ['It is not confirmed yet.']
          : ['It is over.'];
  return handoffPage({
    title: 'Hand-over',
    ...(said === undefined ? {} : { said }),
    sentences: [
      `${nameOf(deps, plan.coming)} takes over as ${changeWords(deps, plan, reader)}, after ${nameOf(deps, plan.leaving)}.`,
      ...yours,
      ...state,
    ],
    canConfirm,
    reader: reader.name,
  });
}

function refuse(reply: FastifyReply, { status, title, sentences }: Refusal): FastifyReply {
  return page(reply, status, messagePage(title, sentences));
}

function page(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(body);
}
