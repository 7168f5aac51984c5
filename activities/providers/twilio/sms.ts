import { letterSms } from '../../../domain/messages/letter-words.js';
import { smsSegments } from '../../../domain/messages/segments.js';
import { smsText } from '../../../domain/messages/sms.js';
import { calledOff } from '../../failures.js';
import { zoneTimes } from '../../../config/zone-times.js';
import { SECOND, type Milliseconds } from '../../../domain/time/instant.js';
import { numberFor, paceKey } from '../../pacing/which-number.js';
import type { Provider, Recipient, SendResult } from '../provider.js';
import type { TwilioClient } from './client.js';
import { refusesCallback, twilioSendFailure } from './failures.js';

export interface TwilioSmsDeps {
  readonly client: TwilioClient;
  /** Our numbers, E.164. */
  readonly from: readonly [string, ...string[]];
  /** Of each number. Absent or null: no limit. */
  readonly segmentsPerSecond?: number | null;
  readonly now: () => number;
}

/** What Twilio accepts as ValidityPeriod is 1 to 36,000 s; below a minute carriers hardly get to it. */
const SHORTEST_VALIDITY_S = 60;
const LONGEST_VALIDITY_S = 36_000;

/** Text messages through Twilio's REST API. Reports what became of a message to `urls.deliveryStatus`. */
export function createTwilioSms(deps: TwilioSmsDeps): Provider {
  const { client, now, segmentsPerSecond = null } = deps;
  const post = async (
    { address, userId }: Recipient,
    { text, validForMs }: { readonly text: string; readonly validForMs: Milliseconds },
    signal: AbortSignal,
    reportTo?: string,
  ): Promise<SendResult> => {
    if (signal.aborted) return calledOff('Twilio');
    const from = numberFor(deps.from, userId);
    const request = { to: address, from, body: text, validityPeriod: validityOf(validForMs) };
    const create = (statusCallback: string | undefined): Promise<{ sid: string }> =>
      client.request(signal, (api) =>
        api.messages.create(statusCallback === undefined ? request : { ...request, statusCallback }),
      );
    try {
      const sent = await create(reportTo).catch((error: unknown) => {
        if (reportTo !== undefined && refusesCallback(error)) return create(undefined);
        throw error;
      });
      return { ok: true, providerId: sent.sid };
    } catch (error) {
      return twilioSendFailure(error, signal, now());
    }
  };
  return {
    name: 'twilio-sms',
    account: 'twilio',
    channel: 'sms',
    paced: (message, to, urls) => {
      if (segmentsPerSecond === null) return null;
      const text =
        message.kind === 'letter'
          ? letterSms(message)
          : smsText(message, {
              ...(urls === undefined ? {} : { link: urls.incident }),
              times: zoneTimes(to.zone),
            });
      return {
        key: paceKey('twilio-sms', numberFor(deps.from, to.userId)),
        takesMs: (smsSegments(text) * SECOND) / segmentsPerSecond,
      };
    },
    send: (message, to, { urls, signal }) => {
      const text = smsText(message, { link: urls.incident, times: zoneTimes(to.zone) });
      return post(to, { text, validForMs: message.validForMs }, signal, urls.deliveryStatus);
    },
    sendLetter: (letter, to, { signal }) =>
      post(to, { text: letterSms(letter), validForMs: letter.validForMs }, signal),
  };
}

function validityOf(validForMs: Milliseconds): number {
  const seconds = Math.ceil(validForMs / 1_000);
  return Math.min(
    LONGEST_VALIDITY_S,
    Math.max(SHORTEST_VALIDITY_S, Number.isFinite(seconds) ? seconds : SHORTEST_VALIDITY_S),
  );
}
