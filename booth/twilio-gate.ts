import type { FastifyReply } from 'fastify';
import type { Fault } from './faults.js';
import type { BoothState } from './state.js';
import { refusal, type Refusal } from './twilio-errors.js';
import type { AttemptRecord, Channel } from './types.js';

/** Answers in Twilio's error shape. */
export async function sendRefusal(reply: FastifyReply, refused: Refusal): Promise<FastifyReply> {
  if (refused.retryAfterSeconds !== undefined) reply.header('retry-after', String(refused.retryAfterSeconds));
  if (refused.code === 20003) reply.header('www-authenticate', 'Basic realm="Twilio API"');
  return reply.status(refused.status).send({
    code: refused.code,
    message: refused.message,
    more_info: `https://www.twilio.com/docs/errors/${refused.code}`,
    status: refused.status,
  });
}

type Result = { ok: true; body: unknown } | { ok: false; refusal: Refusal };

/** Lets a request to send something through the faults, notes the attempt, and answers it. */
export async function gateRequest(
  request: { state: BoothState; reply: FastifyReply; channel: Channel; to: string },
  accept: (faults: readonly Fault[]) => Result,
): Promise<FastifyReply> {
  const { state, reply, channel, to } = request;
  const faults = state.faults.take(channel, to);
  const note = (outcome: AttemptRecord['outcome'], status?: number, code?: number): void => {
    state.attempts.add({ seq: state.board.nextSeq(), at: new Date(), channel, to, outcome, status, code });
  };
  const refuse = (refused: Refusal): Promise<FastifyReply> => {
    note('refused', refused.status, refused.code);
    return sendRefusal(reply, refused);
  };

  for (const fault of faults) {
    switch (fault.kind) {
      case 'delay':
        await new Promise<void>((resolve) => state.timers.after(fault.delayMs, resolve));
        break;
      case 'http-error':
        note('refused', fault.status);
        return reply.status(fault.status).type('text/html').send(`<html><body>${fault.status}</body></html>`);
      case 'rate-limited':
        return refuse({ ...refusal(20429), retryAfterSeconds: fault.retryAfterSeconds ?? 1 });
      case 'error-code':
        return refuse(refusal(fault.code));
      case 'never-answer':
        if (fault.accept) accept(faults);
        note('hung');
        return new Promise<never>(() => undefined);
      // What happens after acceptance is the message's or the call's own business; SMTP's is not ours.
      case 'fails-later':
      case 'stuck':
      case 'drop-callbacks':
      case 'duplicate-callbacks':
      case 'call-outcome':
      case 'smtp-reject':
      case 'greylist':
        break;
      default:
        return assertNever(fault);
    }
  }

  const result = accept(faults);
  if (!result.ok) return refuse(result.refusal);
  note('accepted', 201);
  return reply.status(201).send(result.body);
}

function assertNever(fault: never): never {
  throw new Error(`Unknown fault ${JSON.stringify(fault)}`);
}
