import { smsText } from '../../../domain/messages/sms.js';
import type { Message } from '../../../domain/messages/message.js';
import { calledOff } from '../../failures.js';
import { zoneTimes } from '../../../config/zone-times.js';
import type { Provider } from '../provider.js';
import type { TwilioClient } from './client.js';
import { refusesCallback, twilioSendFailure } from './failures.js';

export interface TwilioSmsDeps {
  readonly client: TwilioClient;
  /** Our number, E.164. */
  readonly from: string;
  readonly now: () => number;
}

/** What Twilio accepts as ValidityPeriod is 1 to 36,000 s; below a minute carriers hardly get to it. */
const SHORTEST_VALIDITY_S = 60;
const LONGEST_VALIDITY_S = 36_000;

/** Text messages through Twilio's REST API. Reports what became of a message to `urls.deliveryStatus`. */
export function createTwilioSms({ client, from, now }: TwilioSmsDeps): Provider {
  return {
    name: 'twilio-sms',
    account: 'twilio',
    channel: 'sms',
    send: async (message, to, { urls, signal }) => {
      if (signal.aborted) return calledOff('Twilio');
      const body = smsText(message, { link: urls.incident, times: zoneTimes(to.zone) });
      const request = { to: to.address, from, body, validityPeriod: validityOf(message) };
      const create = (statusCallback: string | undefined): Promise<{ sid: string }> =>
        client.request(signal, (api) =>
          api.messages.create(statusCallback === undefined ? request : { ...request, statusCallback }),
        );
      try {
        const sent = await create(urls.deliveryStatus).catch((error: unknown) => {
          if (refusesCallback(error)) return create(undefined);
          throw error;
        });
        return { ok: true, providerId: sent.sid };
      } catch (error) {
        return twilioSendFailure(error, signal, now());
      }
    },
  };
}

function validityOf(message: Message): number {
  const seconds = Math.ceil(message.validForMs / 1_000);
  return Math.min(
    LONGEST_VALIDITY_S,
    Math.max(SHORTEST_VALIDITY_S, Number.isFinite(seconds) ? seconds : SHORTEST_VALIDITY_S),
  );
}
