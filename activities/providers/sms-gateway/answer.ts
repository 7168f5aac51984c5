import { matchesLabel, regexOf } from '../../../config/regex.js';
import type { GatewayFailure, SmsGatewaySettings } from '../../../config/provider-settings.js';
import { scalarAt } from '../../../config/text-template.js';
import { WORTH_ANOTHER_TRY } from '../../../domain/providers/failure-reasons.js';
import { scrub, type SendFailure } from '../../failures.js';
import { httpFailure } from '../../http-failures.js';
import type { HttpAnswer } from '../../http.js';
import type { SendResult } from '../provider.js';

/**
 * What a gateway's answer means. Gateways answer 200 with an error in the body: with a rule for the body nothing counts as
 * sent that it does not recognise. An answer that is not the gateway's (a proxy's page, a body without end) leaves open what
 * became of the message: it is tried again, and labelled.
 */
export function gatewayResult(
  settings: SmsGatewaySettings,
  answer: HttpAnswer,
  fallbackId: string,
  now: number,
): SendResult {
  const { id: name, success, errors } = settings;
  const body = json(answer.text);
  const said = success.body?.type === 'path' ? scalarAt(body, success.body.path) : null;
  const known = said === null ? undefined : errors[said];
  if (known !== undefined) return failureOf(name, known, said);
  const isStatus =
    success.status.length === 0
      ? answer.status >= 200 && answer.status < 300
      : success.status.includes(answer.status);
  if (!isStatus) {
    // A 2xx that is not the one expected may have been taken all the same.
    if (answer.status >= 200 && answer.status < 300)
      return strange(name, answer, 'is not the status expected');
    return httpFailure(name, answer, now);
  }
  const rule = success.body;
  if (rule !== undefined) {
    if (rule.type === 'matches') {
      const pattern = regexOf(rule.pattern);
      if (pattern === null || !matchesLabel(pattern, answer.text.trim())) {
        // Plain text says in words what went wrong; a page of HTML is somebody else's answer.
        if (answer.isCut || answer.text.trim() === '' || isHtml(answer.text)) return unreadable(name, answer);
        return refused(name, answer.text);
      }
    } else if (said === null) {
      return unreadable(name, answer);
    } else if (!rule.values.includes(said)) {
      return refused(name, said);
    }
  }
  const given = settings.messageId === undefined ? null : scalarAt(body, settings.messageId);
  return { ok: true, providerId: given === null || given === '' ? fallbackId : given.slice(0, 128) };
}

function failureOf(name: string, reason: GatewayFailure, said: string | null): SendFailure {
  return {
    ok: false,
    reason,
    retryable: WORTH_ANOTHER_TRY[reason],
    detail: `${name}: it says ${scrub(said ?? '')}`,
  };
}

/** An error that the settings do not name: what the gateway refuses now, it would refuse again. */
function refused(name: string, said: string): SendFailure {
  return { ok: false, reason: 'rejected', retryable: false, detail: `${name}: it says ${scrub(said)}` };
}

function unreadable(name: string, answer: HttpAnswer): SendFailure {
  if (answer.isCut) return strange(name, answer, 'is longer than 64 KiB');
  return strange(
    name,
    answer,
    isHtml(answer.text) ? 'is a page of HTML' : 'does not have what success.path names',
  );
}

function strange(name: string, { status }: HttpAnswer, what: string): SendFailure {
  return {
    ok: false,
    reason: 'unavailable',
    retryable: true,
    ambiguous: true,
    detail: `${name}: the answer (HTTP ${status}) ${what}`,
  };
}

function isHtml(text: string): boolean {
  return /^\s*<(?:!doctype html|html|head|body)\b/i.test(text);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
