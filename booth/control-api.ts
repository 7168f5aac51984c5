import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CallLine } from './call-line.js';
import { faultSchema } from './faults.js';
import { renderPage, renderPhones, renderProblem } from './page.js';
import { pageScript, pageStyles } from './page-assets.js';
import { isPhoneNumber } from './sms-exchange.js';
import type { BoothState } from './state.js';

/** Mails may bring their own inline styles; nothing may bring a script. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

const replyForm = z.object({
  from: z.string().refine(isPhoneNumber, 'Expected `from` in E.164, e.g. +15550100001.'),
  to: z.string().refine(isPhoneNumber, 'Expected `to` in E.164, e.g. +15550100001.').optional(),
  body: z.string().min(1, 'Expected `body`, the text of the reply.').max(1600),
});
const numberForm = z.object({ number: z.string().refine(isPhoneNumber, 'Expected `number` in E.164.') });
const clearForm = z.object({ to: z.union([z.string(), z.array(z.string())]).optional() });
const answerForm = z.object({ by: z.enum(['human', 'machine', 'unknown']).default('human') });
const pressForm = z.object({ digits: z.string().regex(/^[0-9*#]+$/, 'Expected `digits` of 0-9, * and #.') });
const callParams = z.object({ sid: z.string() });

/** Time in which changes are gathered into one event for the page. */
const eventBeatMs = 60;

/** Registers the page, its events, and what its buttons do. Returns the function that ends open event streams. */
export function registerControl(app: FastifyInstance, state: BoothState): () => void {
  app.get('/', (_request, reply) => page(reply).send(renderPage(state)));
  app.get('/booth/phones', (_request, reply) => page(reply).send(renderPhones(state).markup));
  app.get('/booth/app.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(pageScript),
  );
  app.get('/booth/app.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(pageStyles));
  app.get('/booth/api/state', () => ({
    messages: state.messages.items,
    calls: state.calls.items,
    mails: state.mails.items,
    attempts: state.attempts.items,
    webhooks: state.deliveries.items,
    optedOut: [...state.sms.optedOut],
    faults: state.faults.inForce.map(({ fault }) => fault),
  }));
  const endStreams = registerEvents(app, state);

  app.addHook('onRequest', async (request, reply) => {
    const site = request.headers['sec-fetch-site'];
    if (request.method === 'GET' || site === undefined || site === 'same-origin' || site === 'none') return;
    // Another page in the reader's browser must not press keys here.
    await reply.status(403).send({ message: 'The phone booth takes answers from its own page only.' });
  });

  action(app, 'POST', '/booth/api/replies', async (body) => {
    const { from, to, body: text } = replyForm.parse(body);
    const outcome = await state.sms.receive(from, text, to);
    return {
      sid: outcome.message.sid,
      answers: outcome.answers.map((sms) => sms.body),
      failure: outcome.failure,
    };
  });
  action(app, 'POST', '/booth/api/faults', (body) => {
    state.faults.add(faultSchema.parse(numbersIn(body)));
    return {};
  });
  const clear = (body: unknown): object => {
    const { to } = clearForm.parse(body ?? {});
    if (to === undefined) state.faults.clear();
    else for (const contact of [to].flat()) state.faults.clear(contact);
    return {};
  };
  action(app, 'POST', '/booth/api/faults/clear', clear);
  action(app, 'DELETE', '/booth/api/faults', clear);
  action(app, 'POST', '/booth/api/opt-out', (body) => {
    state.sms.optOut(numberForm.parse(body).number);
    return {};
  });
  action(app, 'POST', '/booth/api/opt-in', (body) => {
    state.sms.optIn(numberForm.parse(body).number);
    return {};
  });

  callAction(app, state, 'answer', async (call, body) => ({
    spoken: await call.answer(answerForm.parse(body ?? {}).by),
  }));
  callAction(app, state, 'press', async (call, body) => ({
    spoken: await call.press(pressForm.parse(body).digits),
  }));
  callAction(app, state, 'hang-up', (call) => call.hangUp());
  callAction(app, state, 'let-it-ring', (call) => call.letItRing());
  callAction(app, state, 'busy', (call) => call.busy());
  callAction(app, state, 'fail', (call) => call.fail());
  return endStreams;
}

function page(reply: FastifyReply): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', contentSecurityPolicy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer');
}

function action(
  app: FastifyInstance,
  method: 'POST' | 'DELETE',
  url: string,
  act: (body: unknown, request: FastifyRequest) => unknown,
): void {
  app.route({
    method,
    url,
    handler: async (request, reply) => {
      const fromBrowser = (request.headers.accept ?? '').includes('text/html');
      try {
        const result = (await act(request.body, request)) ?? {};
        return fromBrowser ? reply.redirect('/', 303) : reply.send(result);
      } catch (error) {
        const message =
          error instanceof z.ZodError
            ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' ')
            : error instanceof Error
              ? error.message
              : String(error);
        reply.status(400);
        return fromBrowser ? page(reply).send(renderProblem(message)) : reply.send({ message });
      }
    },
  });
}

function callAction(
  app: FastifyInstance,
  state: BoothState,
  name: string,
  act: (call: CallLine, body: unknown) => unknown,
): void {
  action(app, 'POST', `/booth/api/calls/:sid/${name}`, (body, request) => {
    const { sid } = callParams.parse(request.params);
    const call = state.calls.items.find((item) => item.sid === sid);
    if (call === undefined) throw new Error(`There is no call ${sid}; it may have been forgotten.`);
    return act(call, body);
  });
}

/** Form fields are text; these of a fault are numbers. */
function numbersIn(body: unknown): unknown {
  const names = ['status', 'code', 'times', 'delayMs', 'copies', 'retryAfterSeconds'];
  const entries = Object.entries(z.record(z.string(), z.unknown()).parse(body)).map(([name, value]) => {
    if (name === 'accept' && typeof value === 'string') return [name, value === 'true'];
    return [
      name,
      names.includes(name) && typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
    ];
  });
  return Object.fromEntries(entries);
}

function registerEvents(app: FastifyInstance, state: BoothState): () => void {
  const streams = new Set<FastifyReply['raw']>();
  app.get('/booth/events', (request, reply) => {
    reply.hijack();
    const stream = reply.raw;
    stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    stream.write('retry: 1000\n\n');
    streams.add(stream);
    let pending = false;
    const unsubscribe = state.board.onChange(() => {
      if (pending) return;
      pending = true;
      state.timers.after(eventBeatMs, () => {
        pending = false;
        stream.write(`id: ${state.board.mark()}\ndata: changed\n\n`);
      });
    });
    request.raw.on('close', () => {
      unsubscribe();
      streams.delete(stream);
    });
  });
  return () => {
    for (const stream of streams) stream.end();
    streams.clear();
  };
}
