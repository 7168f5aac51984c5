import { createHash, randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { User } from '../../config/types.js';
import { zoneTimes } from '../../config/zone-times.js';
import { askedBy, PAGE_ACTIONS } from '../../web/action-form.js';
import { LIVE_CONTENT_SECURITY_POLICY } from '../../web/layout.js';
import { incidentFragment, incidentPage, messagePage, type IncidentPage } from '../../web/incident-page.js';
import { LIVE_SCRIPT, LIVE_SCRIPT_NAME, LIVE_SCRIPT_TAG } from '../../web/live-script.js';
import type { Answer, PersonAction } from '../../domain/incident/event.js';
import { revisionOf } from '../../domain/incident/revision.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { overSentence } from '../../domain/replies/words.js';
import type { AppDeps } from '../deps.js';
import { toApiError } from '../error-handler.js';
import { RETRY_AFTER_SECONDS } from '../errors.js';
import { TemporalUnavailable, type ActResult } from '../incidents/incidents.js';
import { NOTED } from '../incidents/words.js';
import { check } from '../validate.js';
import { addPageHeaders } from './page-headers.js';
import { INSTEAD, REFUSALS, type Refusal } from './refusals.js';

/** Who holds a link, and what it is for. */
interface Bearer {
  readonly openingId: string;
  /** Null: the link shows and does nothing else. */
  readonly reader: User | null;
}

type Opened =
  { readonly ok: true; readonly bearer: Bearer } | { readonly ok: false; readonly refusal: Refusal };

const formSchema = z.object({
  action: z.enum(PAGE_ACTIONS),
  nonce: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
});

/**
 * `/i/{token}`: the page behind the link in a message. GET and HEAD change nothing, since mail scanners and chat previews
 * open links; only the form, which a person presses, does.
 */
export function linkRoutes(app: FastifyInstance, deps: AppDeps): void {
  addPageHeaders(app);

  app.setErrorHandler((thrown, request, reply) => {
    const error = toApiError(thrown, request);
    if (error.status >= 500) request.log.error({ err: error.cause ?? error }, error.message);
    const sentences = [error.message, INSTEAD, `Request ${request.id}.`];
    return page(reply.headers(error.headers), error.status, messagePage('That did not work', sentences));
  });

  app.get<{ Params: { token: string } }>('/i/:token', async (request, reply) => {
    const opened = open(deps, request.params.token);
    if (!opened.ok) return refuse(reply, opened.refusal);
    const { openingId, reader } = opened.bearer;
    const read = await readIncident(deps, openingId);
    if (read === 'gone') return refuse(reply, REFUSALS.gone);
    if (read === 'unreadable') void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
    const view = read === 'unreadable' ? null : read;
    return livePage(reply, view === null ? 503 : 200, pageOf(deps, view, reader, randomUUID()));
  });

  // What the script of the page asks for, again and again: only what changed costs more than a few bytes.
  app.get<{ Params: { token: string } }>('/i/:token/live', async (request, reply) => {
    const opened = open(deps, request.params.token);
    if (!opened.ok) return refuse(reply, opened.refusal);
    const { openingId, reader } = opened.bearer;
    const view = await readIncident(deps, openingId);
    if (view === 'gone') return refuse(reply, REFUSALS.gone);
    if (view === 'unreadable') {
      void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
      return page(reply, 503, messagePage("The incident can't be shown right now", [INSTEAD]));
    }
    const tag = tagOf(view, reader);
    void reply.header('etag', tag);
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    return page(reply, 200, incidentFragment(pageOf(deps, view, reader, randomUUID())));
  });

  app.get(`/i/${LIVE_SCRIPT_NAME}`, (request, reply) => {
    void reply.headers({ 'cache-control': 'no-cache', etag: LIVE_SCRIPT_TAG });
    if (request.headers['if-none-match'] === LIVE_SCRIPT_TAG) return reply.code(304).send();
    return reply.type('text/javascript; charset=utf-8').send(LIVE_SCRIPT);
  });

  app.post<{ Params: { token: string } }>('/i/:token', async (request, reply) => {
    const opened = open(deps, request.params.token);
    if (!opened.ok) return refuse(reply, opened.refusal);
    const form = check(formSchema, request.body);
    const { openingId, reader } = opened.bearer;
    if (!form.ok || reader === null) {
      return page(
        reply,
        400,
        messagePage('Nothing was done', ['Open the link again and press a button there.']),
      );
    }
    const { action, nonce } = form.value;
    // Another button of the same page is another request, also under the nonce that a failed press left in it.
    const pressed: PersonAction = {
      ...askedBy(action),
      openingId,
      by: { kind: 'user', id: reader.id, name: reader.name },
      via: 'link',
      requestId: `link:${reader.id}:${nonce}:${action}`,
    };
    const { said, status, outcome, view: read } = await counted(request, deps, pressed);
    deps.metrics.reply('link', outcome);
    const view = typeof read === 'string' ? null : read;
    // What was not recorded is pressed again under the same name, so that it counts once even if it was after all.
    const again = status === 503 ? nonce : randomUUID();
    if (view === null && read === 'gone') return page(reply, status, messagePage('Incident', [said]));
    return livePage(reply, status, { ...pageOf(deps, view, reader, again), said });
  });
}

function pageOf(deps: AppDeps, view: IncidentView | null, reader: User | null, nonce: string): IncidentPage {
  return { view, reader, times: zoneTimes(reader?.zone ?? 'UTC'), nonce, now: deps.now() };
}

/** Changes when the page would say something else; what merely counts down, its script counts down. */
function tagOf(view: IncidentView, reader: User | null): string {
  const shown = JSON.stringify([view, reader?.id, reader?.name, reader?.zone, LIVE_SCRIPT_TAG]);
  return `"${createHash('sha256').update(shown).digest('base64url').slice(0, 22)}"`;
}

function open(deps: AppDeps, token: string): Opened {
  const verified = deps.tokens.verify(token, deps.now());
  if (!verified.ok) return { ok: false, refusal: REFUSALS[verified.why] };
  const { p, o, u } = verified.claims;
  if (p !== 'link') return { ok: false, refusal: REFUSALS.foreign };
  if (u === undefined) return { ok: true, bearer: { openingId: o, reader: null } };
  // Links are good for a week, people may leave sooner.
  const reader = deps.config().person(u);
  if (reader === null) return { ok: false, refusal: REFUSALS.removed };
  return { ok: true, bearer: { openingId: o, reader } };
}

async function readIncident(deps: AppDeps, openingId: string): Promise<IncidentView | 'gone' | 'unreadable'> {
  try {
    return (await deps.incidents.get(openingId)) ?? 'gone';
  } catch (error) {
    if (error instanceof TemporalUnavailable) return 'unreadable';
    throw error;
  }
}

interface Acted {
  readonly said: string;
  readonly status: number;
  readonly outcome: string;
  readonly answer?: Answer;
}

/**
 * A press, and the incident after it. A button of a push keeps its nonce as long as it lies on a phone: what it got once may
 * be true no more, and the person would believe that they have what nobody has. Then it counts anew, once for what it now is.
 */
async function counted(
  request: FastifyRequest,
  deps: AppDeps,
  pressed: PersonAction,
): Promise<Acted & { readonly view: IncidentView | 'gone' | 'unreadable' }> {
  const first = await acted(request, () => deps.incidents.act(pressed));
  const view = await readIncident(deps, pressed.openingId);
  if (typeof view === 'string' || first.answer === undefined || holds(pressed, first.answer, view))
    return { ...first, view };
  const requestId = `${pressed.requestId}:${revisionOf(view)}`;
  const again = await acted(request, () => deps.incidents.act({ ...pressed, requestId }));
  return { ...again, view: await readIncident(deps, pressed.openingId) };
}

/** Outcomes by which people hear that they have it, and that paging is over. */
const HAVE_IT: ReadonlySet<Answer['outcome']> = new Set(['acknowledged', 'already-yours', 'progress-noted']);

/** Whether what an answer says of who has it is still so. Other buttons than these two may change something each time. */
function holds({ action }: PersonAction, answer: Answer, view: IncidentView): boolean {
  if (action !== 'acknowledge' && action !== 'progress') return true;
  if (view.phase === 'resolved' || answer.owner === undefined) return true;
  return view.owner?.name === answer.owner && !(HAVE_IT.has(answer.outcome) && view.paging);
}

async function acted(request: FastifyRequest, act: () => Promise<ActResult>): Promise<Acted> {
  try {
    const result = await act();
    switch (result.kind) {
      case 'answered':
        return {
          said: result.answer.sentence,
          status: 200,
          outcome: result.answer.outcome,
          answer: result.answer,
        };
      case 'noted':
        return { said: NOTED, status: 202, outcome: 'pending' };
      case 'over':
        return { said: overSentence(result.openNow), status: 409, outcome: 'over' };
    }
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    request.log.error({ err: error }, 'An answer by link could not be recorded.');
    const said = 'NOT recorded: Tocsin cannot reach its database. Please press again in a moment.';
    return { said, status: 503, outcome: 'unavailable' };
  }
}

function refuse(reply: FastifyReply, { status, title, sentences }: Refusal): FastifyReply {
  return page(reply, status, messagePage(title, sentences));
}

/** A page of an incident: the one kind with a script. */
function livePage(reply: FastifyReply, status: number, of: IncidentPage): FastifyReply {
  void reply.header('content-security-policy', LIVE_CONTENT_SECURITY_POLICY);
  return page(reply, status, incidentPage(of));
}

function page(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(body);
}
