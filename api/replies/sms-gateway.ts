import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { GatewayReplies, GatewayReports, SmsGatewaySettings } from '../../config/provider-settings.js';
import { scalarAt } from '../../config/text-template.js';
import type { User } from '../../config/types.js';
import type { DeliveryReport } from '../../domain/incident/event.js';
import { MINUTE } from '../../domain/time/instant.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { answerHandoffText } from '../handoff/text-reply.js';
import { TemporalUnavailable } from '../incidents/incidents.js';
import type { TokenMember } from '../../tokens/signed-token.js';
import { findKey } from '../keys.js';
import { answerReply, type Spoken } from './answer-reply.js';
import { deliveriesIn, reportToEach } from './report-to-each.js';
import { lastBundleFinder } from './last-bundle.js';
import { createRecentAnswers } from './recent-answers.js';

const AWAY =
  'NOT recorded: Tocsin cannot reach its database. Please send it again in a minute, or call a colleague.';
const BROKEN =
  'NOT recorded: something went wrong in Tocsin. Please use the link in the message, or call a colleague.';

/** Outcomes after which the next try of the same message is a new one. */
const NOT_RECORDED = new Set(['unavailable', 'failed']);

interface Params {
  readonly gateway: string;
}

/**
 * `POST /hooks/sms/{gateway}`: a person's reply that came in by an SMS gateway of the config, answered in words through the
 * same gateway. `POST /hooks/sms/{gateway}/status`: what became of a message. JSON or form, fields as the config names them.
 */
export function smsGatewayRoutes(app: FastifyInstance, deps: AppDeps): void {
  const recent = createRecentAnswers();
  const findLastBundle = lastBundleFinder(deps);

  app.post<{ Params: Params }>('/hooks/sms/:gateway', async (request, reply) => {
    const settings = gatewayOf(deps, request.params.gateway);
    const replies = settings?.replies;
    if (replies === undefined) throw unknownHook('takes no replies');
    requireKey(replies, request);
    const from = e164(scalarAt(request.body, replies.from) ?? '');
    const text = scalarAt(request.body, replies.text) ?? '';
    const id = replies.id === undefined ? null : scalarAt(request.body, replies.id);
    const name = settings?.id ?? '';
    const user = deps.config().userByPhone(from);
    if (user === null) {
      // Nothing is said back: it may be a machine that answers, or a bill that somebody wants to run up.
      deps.metrics.reply('sms', 'unknown-number');
      request.log.info({ provider: name, outcome: 'unknown-number' }, 'SMS reply');
      return reply.code(204).send();
    }
    const requestId = id === null ? unnamed(name, user.id, text) : `sms:${name}:${id}`;
    const said = await recent.once(requestId, async () => {
      const { text: words, outcome } = await answerOf(user, requestId, text);
      deps.metrics.reply('sms', outcome);
      request.log.info({ provider: name, userId: user.id, outcome }, 'SMS reply');
      if (outcome === 'opt-out')
        request.log.warn(
          { userId: user.id },
          `${user.id} opted out of messages: their pages by SMS may fail until they opt in.`,
        );
      if (words !== '' && replies.answer === 'sms') await sayBack(name, from, words);
      return { text: words, keep: !NOT_RECORDED.has(outcome) };
    });
    return replies.answer === 'response' && said !== ''
      ? reply.type('text/plain; charset=utf-8').send(said)
      : reply.code(204).send();
  });

  app.post<{ Params: Params }>('/hooks/sms/:gateway/status', async (request, reply) => {
    const settings = gatewayOf(deps, request.params.gateway);
    const reports = settings?.reports;
    if (settings === undefined || reports === undefined) throw unknownHook('takes no reports');
    const deliveries = reportClaims(deps, reports, request);
    const outcome = outcomeOf(settings.id, reports, request.body);
    if (outcome !== null) {
      const providerId = reports.messageId === undefined ? null : scalarAt(request.body, reports.messageId);
      const sent = await reportToEach(deps.incidents, deliveries, {
        provider: settings.id,
        ...(providerId === null ? {} : { providerId }),
        ...outcome,
      });
      deps.metrics.statusReport(settings.id, sent === 'delivered' ? outcome.status : 'incident-over');
    }
    return reply.code(204).send();
  });

  /**
   * A gateway that gives its replies no id may repeat one all the same: the same words of the same person count once within a
   * minute, also when it turns in between. Of the person's id, not their number: request ids are no place for numbers.
   */
  function unnamed(gateway: string, userId: string, text: string): string {
    const minute = Math.floor(deps.now() / MINUTE);
    const idIn = (when: number): string => {
      const parts = JSON.stringify([userId, text.trim().toLowerCase(), when]);
      return `sms:${gateway}:${createHash('sha256').update(parts).digest('hex').slice(0, 32)}`;
    };
    return recent.has(idIn(minute - 1)) ? idIn(minute - 1) : idIn(minute);
  }

  async function answerOf(user: User, requestId: string, text: string): Promise<Spoken> {
    const by = { kind: 'user', id: user.id, name: user.name } as const;
    try {
      return (
        (await answerHandoffText(deps, user, text)) ??
        (await answerReply(deps.incidents, { by, via: 'sms', requestId }, text, findLastBundle))
      );
    } catch (error) {
      deps.log.error({ err: error, userId: user.id }, 'An SMS reply could not be recorded.');
      return error instanceof TemporalUnavailable
        ? { text: AWAY, outcome: 'unavailable' }
        : { text: BROKEN, outcome: 'failed' };
    }
  }

  /** What a person reads back must not hold up what was recorded: a failure is in the log. */
  async function sayBack(gateway: string, to: string, words: string): Promise<void> {
    try {
      await deps.sendText?.(gateway, to, words);
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      deps.log.error({ provider: gateway, error: name }, 'An answer to a reply could not be sent.');
    }
  }
}

function gatewayOf(deps: Pick<AppDeps, 'config'>, id: string): SmsGatewaySettings | undefined {
  const found = deps.config().providers.find((provider) => provider.id === id);
  return found?.kind === 'sms-gateway' ? found : undefined;
}

function unknownHook(what: string): ApiError {
  return new ApiError('not-found', `No SMS gateway of this name is configured, or it ${what}.`, {
    remedy: 'Check the address that the gateway was given, and `providers` in the configuration.',
  });
}

/** The key as bearer token, as password of Basic, or as `?key=`: gateways differ in what they can send. */
function requireKey(replies: GatewayReplies, request: FastifyRequest): void {
  const header = request.headers.authorization ?? '';
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(header) ?? [];
  const query = (request.query as Readonly<Record<string, unknown>>)['key'];
  const pair = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
  const shown =
    value === ''
      ? typeof query === 'string'
        ? query
        : ''
      : pair === ''
        ? value
        : pair.slice(pair.indexOf(':') + 1);
  if (shown === '') {
    throw new ApiError('missing-key', 'This address needs a key, and the request has none.', {
      remedy: 'Let the gateway call it with ?key=<key>, or with the header Authorization: Bearer <key>.',
    });
  }
  if (findKey([{ key: replies.key }], shown) === null) {
    throw new ApiError('wrong-key', 'This is not the key of this gateway.', {
      remedy: 'Check the key in the address that the gateway was given.',
    });
  }
}

/** The deliveries that a report is about: from its address, or from the field in which `{id}` came back. */
function reportClaims(
  deps: Pick<AppDeps, 'tokens' | 'now'>,
  reports: GatewayReports,
  request: FastifyRequest,
): readonly TokenMember[] {
  const inAddress = (request.query as Readonly<Record<string, unknown>>)['t'];
  const inBody = reports.id === undefined ? null : scalarAt(request.body, reports.id);
  const token = typeof inAddress === 'string' ? inAddress : (inBody ?? '');
  const verified = deps.tokens.verify(token, deps.now());
  // A late report is about a message that went out.
  const claims = verified.ok || verified.why === 'expired' ? verified.claims : null;
  const deliveries = claims?.p === 'delivery' ? deliveriesIn(claims) : [];
  if (deliveries.length === 0) {
    throw new ApiError('forged-token', 'This report does not say which message of ours it is about.', {
      remedy:
        'Give the gateway {callback} as the address of reports, or name under reports.id the field in which {id} comes back.',
    });
  }
  return deliveries;
}

type Outcome =
  | { readonly status: 'delivered' }
  | Pick<
      Extract<DeliveryReport, { readonly status: 'failed' }>,
      'status' | 'reason' | 'retryable' | 'detail'
    >;

/** States on the way there are dropped. */
function outcomeOf(gateway: string, reports: GatewayReports, body: unknown): Outcome | null {
  const status = scalarAt(body, reports.status);
  if (status === null) return null;
  if (reports.delivered.includes(status)) return { status: 'delivered' };
  if (!reports.failed.includes(status)) return null;
  // One of the config's own words: it can be shown.
  return { status: 'failed', reason: 'undelivered', retryable: false, detail: `${gateway}: ${status}` };
}

/** A number as gateways write it (`4917…`, `004917…`, `+4917…`) in E.164; what is none stays as it is. */
function e164(text: string): string {
  const digits = text.replace(/[\s().-]/g, '');
  const international = digits.startsWith('+') ? digits : `+${digits.replace(/^00/, '')}`;
  return parsePhoneNumberFromString(international)?.number ?? text;
}
