import twilio from 'twilio';
import type { Message } from '../../../domain/messages/message.js';
import { GOODBYE_SENTENCE, KEYS_SENTENCE, spokenPage } from '../../../domain/messages/voice.js';
import { calledOff } from '../../failures.js';
import type { Provider } from '../provider.js';
import { TwilioRefusal, type TwilioClient } from './client.js';
import { refusesCallback, twilioSendFailure } from './failures.js';

export interface TwilioVoiceDeps {
  readonly client: TwilioClient;
  /** Our number, E.164. */
  readonly from: string;
  readonly now: () => number;
}

/** How often the page is said before the call says goodbye, and how long each waits for a key. */
const ROUNDS = 3;
const KEY_TIMEOUT_S = 8;
/** How long a phone rings; voicemail mostly takes over before. Below the minute after which the next call may come. */
const RING_S = 45;

/**
 * Calls through Twilio's REST API. The call speaks at once (nothing is fetched when it is answered, so an outage of ours
 * does not silence it), asks for a key and sends that to `urls.voiceAnswer`. Being answered acknowledges nothing.
 */
export function createTwilioVoice({ client, from, now }: TwilioVoiceDeps): Provider {
  return {
    name: 'twilio-voice',
    account: 'twilio',
    channel: 'voice',
    send: async (message, to, { urls, signal }) => {
      if (signal.aborted) return calledOff('Twilio');
      const request = { to: to.address, from, timeout: RING_S, twiml: pageTwiml(message, urls.voiceAnswer) };
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

/** The page as a spoken document. A key may be pressed while it speaks. Exported for tests. */
export function pageTwiml(message: Message, answerUrl: string): string {
  const response = new twilio.twiml.VoiceResponse();
  const sentences = [...spokenPage(message), KEYS_SENTENCE];
  for (let round = 0; round < ROUNDS; round += 1) {
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
