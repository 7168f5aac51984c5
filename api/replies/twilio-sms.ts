import type { FastifyInstance } from 'fastify';
import MessagingResponse from 'twilio/lib/twiml/MessagingResponse.js';
import type { User } from '../../config/types.js';
import type { AppDeps } from '../deps.js';
import { answerHandoffText } from '../handoff/text-reply.js';
import { TemporalUnavailable } from '../incidents/incidents.js';
import { answerReply, type Spoken } from './answer-reply.js';
import { lastBundleFinder } from './last-bundle.js';
import { createRecentAnswers } from './recent-answers.js';
import { signedForm, type TwilioForm } from './twilio-signature.js';

const UNKNOWN_NUMBER =
  'This number is not known here, so nothing was done. Please answer from the phone that was paged, or use the link in the message.';
const AWAY =
  'NOT recorded: Tocsin cannot reach its database. Please send it again in a minute, or call a colleague.';
const BROKEN =
  'NOT recorded: something went wrong in Tocsin. Please use the link in the message, or call a colleague.';

/** What is said back, and to whom. */
interface Answered extends Spoken {
  readonly userId: string | null;
}

/** `POST /hooks/twilio/sms`: a person's reply, answered in words. */
export function twilioSmsRoutes(app: FastifyInstance, deps: AppDeps): void {
  const recent = createRecentAnswers();
  const findLastBundle = lastBundleFinder(deps);

  async function answer(form: TwilioForm): Promise<Answered> {
    const user = deps.config().userByPhone(form['From'] ?? '');
    if (user === null) return { text: UNKNOWN_NUMBER, outcome: 'unknown-number', userId: null };
    return { ...(await answerOf(user, form)), userId: user.id };
  }

  async function answerOf(user: User, form: TwilioForm): Promise<Spoken> {
    const asker = {
      by: { kind: 'user', id: user.id, name: user.name },
      via: 'sms',
      requestId: `sms:${form['MessageSid'] ?? ''}`,
    } as const;
    try {
      const text = form['Body'] ?? '';
      return (
        (await answerHandoffText(deps, user, text)) ??
        (await answerReply(deps.incidents, asker, text, findLastBundle))
      );
    } catch (error) {
      deps.log.error({ err: error, userId: user.id }, 'An SMS reply could not be recorded.');
      return error instanceof TemporalUnavailable
        ? { text: AWAY, outcome: 'unavailable' }
        : { text: BROKEN, outcome: 'failed' };
    }
  }

  app.post('/hooks/twilio/sms', async (request, reply) => {
    const form = signedForm(request, deps.twilioAuthTokens, deps.publicUrl);
    const twiml = await recent.once(form['MessageSid'] ?? request.id, async () => {
      const { text, outcome, userId } = await answer(form);
      deps.metrics.reply('sms', outcome);
      request.log.info({ messageSid: form['MessageSid'], userId, outcome }, 'SMS reply');
      if (outcome === 'opt-out')
        request.log.warn(
          { userId },
          `${userId ?? 'Somebody'} opted out of messages: their pages by SMS will fail until they opt in.`,
        );
      return { text: message(text), keep: !NOT_RECORDED.has(outcome) };
    });
    return reply.type('text/xml; charset=utf-8').send(twiml);
  });
}

/** Outcomes after which the next try of the same message is a new one. */
const NOT_RECORDED = new Set(['unavailable', 'failed']);

function message(text: string): string {
  const response = new MessagingResponse();
  if (text !== '') response.message(text);
  return response.toString();
}
