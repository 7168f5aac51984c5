import type { FastifyInstance } from 'fastify';
import type { DeliveryReport } from '../../domain/incident/event.js';
import { twilioFailure } from '../../domain/providers/twilio-codes.js';
import type { AppDeps } from '../deps.js';
import { deliveriesIn, reportToEach } from './report-to-each.js';
import { signedForm, type TwilioForm } from './twilio-signature.js';
import { callbackClaims } from './twilio-token.js';

/** A report without the delivery it belongs to. */
type Outcome = DeliveryReport extends infer R
  ? R extends DeliveryReport
    ? Omit<R, 'deliveryId' | 'provider' | 'providerId'>
    : never
  : never;

/** `POST /hooks/twilio/status`: what became of a message or a call. States on the way there are answered with 204 and dropped. */
export function twilioStatusRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.post('/hooks/twilio/status', async (request, reply) => {
    const form = signedForm(request, deps.twilioAuthTokens, deps.publicUrl);
    const claims = callbackClaims(deps, request, 'delivery');
    const call = form['CallSid'] !== undefined;
    const provider = call ? 'twilio-voice' : 'twilio-sms';
    const providerId = form['CallSid'] ?? form['MessageSid'];
    const outcome = call ? callOutcome(form) : messageOutcome(form);
    const deliveries = deliveriesIn(claims);
    if (outcome !== null && deliveries.length > 0) {
      const sent = await reportToEach(deps.incidents, deliveries, {
        ...outcome,
        provider,
        ...(providerId === undefined ? {} : { providerId }),
      });
      deps.metrics.statusReport(provider, sent === 'delivered' ? outcome.status : 'incident-over');
    }
    return reply.code(204).send();
  });
}

/** Source: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values */
export function messageOutcome(form: TwilioForm): Outcome | null {
  switch (form['MessageStatus']) {
    case 'delivered':
    case 'read':
      return { status: 'delivered' };
    case 'failed':
    case 'undelivered':
      return failed(form);
    default:
      return null;
  }
}

/**
 * Source: https://www.twilio.com/docs/voice/api/call-resource#call-status-values and
 * https://www.twilio.com/docs/voice/answering-machine-detection (its callback has AnsweredBy and no CallStatus;
 * `unknown` counts as a human, since a machine never presses a key).
 */
export function callOutcome(form: TwilioForm): Outcome | null {
  const answeredBy = form['AnsweredBy'];
  switch (form['CallStatus']) {
    case undefined:
      return answeredBy === undefined ? null : answered(answeredBy);
    case 'completed':
      return answered(answeredBy);
    case 'no-answer':
    case 'busy':
      return { status: 'unanswered' };
    case 'failed':
      return failed(form);
    default:
      return null;
  }
}

function answered(by: string | undefined): Outcome {
  return by?.startsWith('machine') === true || by === 'fax'
    ? { status: 'voicemail' }
    : { status: 'answered' };
}

function failed(form: TwilioForm): Outcome {
  const code = Number(form['ErrorCode'] ?? '');
  const known = Number.isInteger(code) && code > 0;
  const { reason, retryable } = twilioFailure(known ? code : 0);
  return { status: 'failed', reason, retryable, detail: known ? `Twilio ${code}` : 'Twilio gave no code' };
}
