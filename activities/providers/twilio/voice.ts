import twilio from 'twilio';
import type { Letter } from '../../../domain/messages/letter.js';
import { letterSpoken } from '../../../domain/messages/letter-words.js';
import type { Message } from '../../../domain/messages/message.js';
import { GOODBYE_SENTENCE, keysSentence, spokenPage } from '../../../domain/messages/voice.js';
import { SECOND } from '../../../domain/time/instant.js';
import { calledOff } from '../../failures.js';
import { numberFor, paceKey } from '../../pacing/which-number.js';
import type { Provider, Recipient } from '../provider.js';
import { TwilioRefusal, type TwilioClient } from './client.js';
import { refusesCallback, twilioSendFailure } from './failures.js';

export interface TwilioVoiceDeps {
  readonly client: TwilioClient;
  /** Our numbers, E.164. */
  readonly from: readonly [string, ...string[]];
  readonly accountSid: string;
  /** Of the whole account, whatever the number. Absent or null: no limit. */
  readonly callsPerSecond?: number | null;
  readonly now: () => number;
}

/** How often the page is said before the call says goodbye, and how long each waits for a key. */
const ROUNDS = 3;
const KEY_TIMEOUT_S = 8;
/** A letter is said twice, with a pause between: whoever just picked up misses the first words. */
const LETTER_PAUSE_S = 2;
/** How long a phone rings; voicemail mostly takes over before. Below the minute after which the next call may come. */
const RING_S = 45;

/**
 * Calls through Twilio's REST API. The call speaks at once (nothing is fetched when it is answered, so an outage of ours
 * does not silence it), asks for a key and sends that to `urls.voiceAnswer`. Being answered acknowledges nothing.
 */
export function createTwilioVoice(deps: TwilioVoiceDeps): Provider {
  const { client, accountSid, callsPerSecond = null, now } = deps;
  const callTo = ({ address, userId }: Recipient) => ({
    to: address,
    from: numberFor(deps.from, userId),
    timeout: RING_S,
  });
  return {
    name: 'twilio-voice',
    account: 'twilio',
    channel: 'voice',
    paced: () =>
      callsPerSecond === null
        ? null
        : { key: paceKey('twilio-calls', accountSid), takesMs: SECOND / callsPerSecond },
    send: async (message, to, { urls, signal }) => {
      if (signal.aborted) return calledOff('Twilio');
      const request = { ...callTo(to), twiml: pageTwiml(message, urls.voiceAnswer) };
      const reported = {
        statusCallback: urls.deliveryStatus,
        statusCallbackMethod: 'POST',
        statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        // Asynchronous: a person is never kept waiting in silence while a machine is looked for.
        machineDetection: 'Enable',
        asyncAmd: 'true',
        asyncAmdStatusCallback: urls.deliveryStatus,
        asyncAmdStatusCallbackMethod: 'POST',
      };
      const create = (callbacks: Partial<typeof reported>): Promise<{ sid: string }> =>
        client.request(signal, (api) => api.calls.create({ ...request, ...callbacks }));
      try {
        const call = await create(reported).catch((error: unknown) => {
          if (refusesCallback(error)) return create({});
          throw error;
        });
        return { ok: true, providerId: call.sid };
      } catch (error) {
        return twilioSendFailure(error, signal, now());
      }
    },
    sendLetter: async (letter, to, { signal }) => {
      if (signal.aborted) return calledOff('Twilio');
      const request = { ...callTo(to), twiml: letterTwiml(letter) };
      try {
        const call = await client.request(signal, (api) => api.calls.create(request));
        return { ok: true, providerId: call.sid };
      } catch (error) {
        return twilioSendFailure(error, signal, now());
      }
    },
    withdraw: async (providerId, signal) => {
      try {
        // `canceled` ends what is queued or ringing and leaves a call that somebody took alone.
        await client.request(signal, (api) => api.calls(providerId).update({ status: 'canceled' }));
      } catch (error) {
        // Over, or in progress: there is nothing left to take back.
        if (
          error instanceof TwilioRefusal &&
          error.status >= 400 &&
          error.status < 500 &&
          error.status !== 429
        )
          return;
        throw error;
      }
    },
  };
}

/** What Twilio takes as a spoken document, in characters. Source: its reference of calls, parameter Twiml. */
const LONGEST_TWIML = 4_000;

/**
 * The page as a spoken document, said up to three times: as often as it may be long. A key may be pressed while it speaks. Exported
 * for tests.
 */
export function pageTwiml(message: Message, answerUrl: string): string {
  const often = Array.from({ length: ROUNDS }, (_none, round) => twimlOf(message, answerUrl, ROUNDS - round));
  return often.find((twiml) => twiml.length <= LONGEST_TWIML) ?? twimlOf(message, answerUrl, 1);
}

function twimlOf(message: Message, answerUrl: string, rounds: number): string {
  const response = new twilio.twiml.VoiceResponse();
  const sentences = [...spokenPage(message), keysSentence(message)];
  for (let round = 0; round < rounds; round += 1) {
    const gather = response.gather({
      input: ['dtmf'],
      numDigits: 1,
      timeout: KEY_TIMEOUT_S,
      action: answerUrl,
      method: 'POST',
      actionOnEmptyResult: false,
    });
    gather.say(sentences.join(' '));
  }
  response.say(GOODBYE_SENTENCE);
  response.hangup();
  return response.toString();
}

/** The letter as a spoken document: nothing is asked, so that no key does anything. Exported for tests. */
export function letterTwiml(letter: Letter): string {
  const response = new twilio.twiml.VoiceResponse();
  const words = letterSpoken(letter);
  response.say(words);
  response.pause({ length: LETTER_PAUSE_S });
  response.say(`Once more: ${words} Goodbye.`);
  response.hangup();
  return response.toString();
}
