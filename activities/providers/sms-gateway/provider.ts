import { createHash } from 'node:crypto';
import type { SmsGatewaySettings } from '../../../config/provider-settings.js';
import { zoneTimes } from '../../../config/zone-times.js';
import { letterSms } from '../../../domain/messages/letter-words.js';
import { smsText } from '../../../domain/messages/sms.js';
import { SECOND } from '../../../domain/time/instant.js';
import { calledOff, transportFailure } from '../../failures.js';
import { exchange } from '../../http.js';
import type { Provider, SendResult } from '../provider.js';
import { paceKey } from '../../pacing/which-number.js';
import { gatewayResult } from './answer.js';
import { gatewayRequest, type GatewayText } from './request.js';

/** E.164. */
const NUMBER = /^\+[1-9]\d{6,14}$/;

/** Text messages through whatever gateway the settings describe. */
export function createSmsGateway(settings: SmsGatewaySettings, now: () => number): Provider {
  const { id: name, perSecond } = settings;
  return {
    name,
    channel: 'sms',
    paced: () =>
      perSecond === undefined
        ? null
        : { key: paceKey('sms-gateway', `${name}\n${settings.from}`), takesMs: SECOND / perSecond },
    send: (message, to, { urls, idempotencyKey, signal }) => {
      const text = smsText(message, { link: urls.incident, times: zoneTimes(to.zone) });
      const key = digest(idempotencyKey.replace(/\/\d+$/, ''));
      const callback = `${urls.hooks}/sms/${name}/status?t=${urls.deliveryToken}`;
      return send(settings, { to: to.address, text, id: urls.deliveryToken, key, callback }, signal, now);
    },
    sendLetter: (letter, to, { idempotencyKey, signal }) => {
      const key = digest(idempotencyKey);
      return send(
        settings,
        { to: to.address, text: letterSms(letter), id: key, key, callback: '' },
        signal,
        now,
      );
    },
  };
}

/** Hands one text to the gateway; also for what is said back to a reply. Never rejects. */
export async function send(
  settings: SmsGatewaySettings,
  message: GatewayText,
  signal: AbortSignal,
  now: () => number,
): Promise<SendResult> {
  const { id: name } = settings;
  if (!NUMBER.test(message.to)) {
    return { ok: false, reason: 'bad-address', retryable: false, detail: 'not a phone number' };
  }
  if (signal.aborted) return calledOff(name);
  try {
    const answer = await exchange({ ...gatewayRequest(settings, message), signal, read: 'body' });
    return gatewayResult(settings, answer, message.key, now());
  } catch (error) {
    return transportFailure(name, error, signal);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
