import type { FastifyInstance, FastifyRequest } from 'fastify';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { spelled } from '../../domain/incident/code.js';
import type { IncidentView } from '../../domain/incident/view.js';
import {
  BUNDLE_KEYS_SENTENCE,
  GOODBYE_SENTENCE,
  isKey,
  KEY_ACTIONS,
  KEYS_SENTENCE,
  type Key,
} from '../../domain/messages/voice.js';
import { overSentence } from '../../domain/replies/words.js';
import type { User } from '../../config/types.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { NOTED } from '../incidents/words.js';
import { TemporalUnavailable } from '../incidents/incidents.js';
import { acknowledgeByCall } from './acknowledge-by-call.js';
import { publicAddress, signedForm, type TwilioForm } from './twilio-signature.js';
import { callbackClaims } from './twilio-token.js';

/** How long the voice waits for a key, in seconds. */
const KEY_SECONDS = 10;

const AWAY = 'This was not recorded: Tocsin cannot reach its database. Please press the key again.';
const BROKEN =
  'This was not recorded: something went wrong in Tocsin. Please use the link in the message, or call a colleague.';
const REMOVED = 'You are no longer in the configuration of Tocsin, so nothing was done. Goodbye.';

/** What is said, and whether a key is waited for afterwards. */
interface Said {
  readonly sentences: readonly string[];
  readonly ask: boolean;
  readonly outcome: string;
}

/** `POST /hooks/twilio/voice`: what a call says, and what a pressed key does. A machine that answers does nothing. */
export function twilioVoiceRoutes(app: FastifyInstance, deps: AppDeps): void {
  async function pressed(key: Key, form: TwilioForm, openingId: string, user: User): Promise<Said> {
    try {
      const result = await deps.incidents.act({
        action: KEY_ACTIONS[key],
        openingId,
        by: { kind: 'user', id: user.id, name: user.name },
        via: 'voice',
        requestId: `call:${form['CallSid'] ?? ''}:${key}`,
      });
      switch (result.kind) {
        case 'answered':
          return { sentences: [result.answer.sentence], ask: false, outcome: result.answer.outcome };
        case 'noted':
          return { sentences: [NOTED], ask: false, outcome: 'pending' };
        case 'over':
          return { sentences: [overSentence(result.openNow)], ask: false, outcome: 'over' };
      }
    } catch (error) {
      return notRecorded(error, user);
    }
  }

  /** A call about several incidents has one key, which takes all of them: what closes one or passes it on names it. */
  async function ofSeveral(
    digits: string,
    form: TwilioForm,
    openingIds: readonly string[],
    user: User,
  ): Promise<Said> {
    if (digits === '')
      return {
        sentences: [`This is Tocsin with ${openingIds.length} incidents.`, BUNDLE_KEYS_SENTENCE],
        ask: true,
        outcome: 'asked',
      };
    if (digits !== '4')
      return {
        sentences: [`That key does nothing in a call about several incidents. ${BUNDLE_KEYS_SENTENCE}`],
        ask: true,
        outcome: 'wrong-key',
      };
    const asker = {
      by: { kind: 'user', id: user.id, name: user.name },
      via: 'voice',
      requestId: `call:${form['CallSid'] ?? ''}:4`,
    } as const;
    const { sentences, error } = await acknowledgeByCall(deps.incidents, asker, openingIds);
    if (error === undefined) return { sentences, ask: false, outcome: 'bundle' };
    const failed = notRecorded(error, user);
    return { ...failed, sentences: [...sentences, ...failed.sentences] };
  }

  function notRecorded(error: unknown, user: User): Said {
    deps.log.error({ err: error, userId: user.id }, 'A key press could not be recorded.');
    return error instanceof TemporalUnavailable
      ? { sentences: [AWAY], ask: true, outcome: 'unavailable' }
      : { sentences: [BROKEN], ask: false, outcome: 'failed' };
  }

  /** What the call is about; a call that can't read it still takes a key. */
  async function introduction(openingId: string): Promise<Said> {
    const asking = (sentences: readonly string[]): Said => ({
      sentences: [...sentences, KEYS_SENTENCE],
      ask: true,
      outcome: 'asked',
    });
    try {
      const view = await deps.incidents.get(openingId);
      if (view !== null && view.phase !== 'resolved') return asking(introduce(view));
      return { sentences: ['That incident is over.'], ask: false, outcome: 'over' };
    } catch (error) {
      deps.log.warn({ err: error }, 'A call could not say what it is about.');
      return asking(['This is Tocsin with an incident for you.']);
    }
  }

  async function answer(request: FastifyRequest): Promise<Said> {
    const form = signedForm(request, deps.twilioAuthTokens, deps.publicUrl);
    const { o: openingId, u: userId, m: others = [] } = callbackClaims(deps, request, 'voice');
    if (userId === undefined)
      throw new ApiError('forged-token', 'The address of this callback does not say who was called.');
    const user = deps.config().person(userId);
    if (user === null) return { sentences: [REMOVED], ask: false, outcome: 'removed-user' };
    if (form['AnsweredBy']?.startsWith('machine') === true || form['AnsweredBy'] === 'fax')
      return { sentences: [GOODBYE_SENTENCE], ask: false, outcome: 'voicemail' };
    const digits = form['Digits'];
    if (others.length > 0)
      return ofSeveral(digits ?? '', form, [openingId, ...others.map(({ o }) => o)], user);
    if (digits === undefined || digits === '') return introduction(openingId);
    return isKey(digits) ? pressed(digits, form, openingId, user) : again();
  }

  app.post('/hooks/twilio/voice', async (request, reply) => {
    const said = await answer(request);
    deps.metrics.reply('voice', said.outcome);
    request.log.info({ outcome: said.outcome }, 'call');
    return reply.type('text/xml; charset=utf-8').send(twiml(said, publicAddress(deps.publicUrl, request)));
  });
}

function again(): Said {
  return { sentences: [`That key does nothing. ${KEYS_SENTENCE}`], ask: true, outcome: 'wrong-key' };
}

function introduce(view: IncidentView): readonly string[] {
  const owner = view.owner === undefined ? [] : [`${view.owner.name} has it.`];
  return [
    `This is Tocsin with a ${view.severity} incident on ${view.service}.`,
    `${view.title}.`,
    ...owner,
    `Its code is ${spelled(view.code)}.`,
  ];
}

function twiml({ sentences, ask }: Said, action: string): string {
  const response = new VoiceResponse();
  if (!ask) {
    for (const sentence of sentences) response.say(sentence);
    response.hangup();
    return response.toString();
  }
  const gather = response.gather({
    input: ['dtmf'],
    numDigits: 1,
    timeout: KEY_SECONDS,
    action,
    method: 'POST',
  });
  for (const sentence of sentences) gather.say(sentence);
  response.say(GOODBYE_SENTENCE);
  response.hangup();
  return response.toString();
}
