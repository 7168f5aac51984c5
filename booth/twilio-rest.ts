import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { durationSeconds, type CallLine } from './call-line.js';
import { countSegments } from './segments.js';
import type { BoothState } from './state.js';
import { isHttpUrl, isPhoneNumber } from './sms-exchange.js';
import { gateRequest, sendRefusal } from './twilio-gate.js';
import { refusal, textOfCode, type Refusal } from './twilio-errors.js';
import type { CallRecord, CallRequest, SmsRecord } from './types.js';

const version = '2010-04-01';

/** The last value of a repeated form field; Twilio's own parameters are case sensitive. */
const field = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? value : (value.at(-1) ?? '')))
  .optional();
const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? value.split(/[\s,]+/) : value))
  .optional();
const number = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => Number(typeof value === 'string' ? value : value.at(-1)))
  .refine((value) => Number.isFinite(value) && value >= 0)
  .optional()
  .catch(undefined);

const messageForm = z.object({
  To: field,
  From: field,
  Body: field,
  StatusCallback: field,
  MessagingServiceSid: field,
  ValidityPeriod: number,
});
const callForm = z.object({
  To: field,
  From: field,
  Url: field,
  Method: field,
  FallbackUrl: field,
  Twiml: field,
  StatusCallback: field,
  StatusCallbackEvent: list,
  Timeout: number,
  MachineDetection: field,
  AsyncAmd: field,
  AsyncAmdStatusCallback: field,
});
const callUpdateForm = z.object({ Status: field, Url: field, Method: field, Twiml: field });
const listQuery = z.object({
  To: field,
  From: field,
  DateSent: field,
  'DateSent>': field,
  'DateSent<': field,
  PageSize: number,
  Page: number,
});
const pathParams = z.object({ account: z.string(), sid: z.string().default('') });

/** Registers the part of Twilio's REST API that sends messages and makes calls. */
export function registerTwilioRest(app: FastifyInstance, state: BoothState): void {
  const { settings } = state;
  const base = `/${version}/Accounts`;

  app.addHook('preHandler', async (request, reply) => {
    if (!request.url.startsWith(`/${version}/`)) return;
    if (!isAuthorized(request, settings.accountSid, settings.authToken)) {
      await sendRefusal(reply, refusal(20003));
      return;
    }
    const { account } = pathParams.parse(request.params);
    if (account.replace(/\.json$/, '') !== settings.accountSid) await sendRefusal(reply, refusal(20404));
  });

  app.get(`${base}/:account`, async (request, reply) => {
    const { account } = pathParams.parse(request.params);
    if (!account.endsWith('.json')) return sendRefusal(reply, refusal(20404));
    return reply.send({
      sid: settings.accountSid,
      friendly_name: 'Phone booth',
      status: 'active',
      type: 'Full',
      auth_token: settings.authToken,
      owner_account_sid: settings.accountSid,
      date_created: rfc2822(state.startedAt),
      date_updated: rfc2822(state.startedAt),
      uri: `${base}/${settings.accountSid}.json`,
      subresource_uris: {},
    });
  });

  app.post(`${base}/:account/Messages.json`, async (request, reply) => {
    const form = messageForm.parse(request.body ?? {});
    const to = form.To ?? '';
    return gateRequest({ state, reply, channel: 'sms', to }, (faults) => {
      const tooFast = state.rates.take('segments', form.From ?? '', countSegments(form.Body ?? ''));
      if (tooFast !== null) return { ok: false, refusal: tooFast };
      const result = state.sms.send(
        {
          to,
          from: blankToUndefined(form.From),
          body: form.Body ?? '',
          statusCallback: blankToUndefined(form.StatusCallback),
          validityPeriodSeconds: form.ValidityPeriod,
          messagingServiceSid: blankToUndefined(form.MessagingServiceSid),
        },
        faults,
      );
      return result.ok ? { ok: true, body: messageJson(state, result.message) } : result;
    });
  });

  app.get(`${base}/:account/Messages.json`, async (request, reply) => {
    const query = listQuery.parse(request.query);
    const pageSize = Math.min(Math.max(query.PageSize ?? 50, 1), 1000);
    const page = query.Page ?? 0;
    const found = state.messages.items.filter((message) => matches(message, query)).reverse();
    const items = found.slice(page * pageSize, (page + 1) * pageSize);
    const uri = (n: number): string => {
      const params = new URLSearchParams({ PageSize: String(pageSize), Page: String(n) });
      for (const name of ['To', 'From', 'DateSent', 'DateSent>', 'DateSent<'] as const) {
        const value = query[name];
        if (value !== undefined) params.set(name, value);
      }
      return `${base}/${settings.accountSid}/Messages.json?${params.toString()}`;
    };
    return reply.send({
      messages: items.map((message) => messageJson(state, message)),
      page,
      page_size: pageSize,
      start: page * pageSize,
      end: Math.max(page * pageSize + items.length - 1, 0),
      uri: uri(page),
      first_page_uri: uri(0),
      previous_page_uri: page > 0 ? uri(page - 1) : null,
      next_page_uri: found.length > (page + 1) * pageSize ? uri(page + 1) : null,
    });
  });

  app.get(`${base}/:account/Messages/:sid`, async (request, reply) => {
    const sid = sidOf(request);
    const message = state.messages.items.find((item) => item.sid === sid);
    if (message === undefined) return sendRefusal(reply, refusal(20404, request.url));
    return reply.send(messageJson(state, message));
  });

  app.post(`${base}/:account/Calls.json`, async (request, reply) => {
    const form = callForm.parse(request.body ?? {});
    return gateRequest({ state, reply, channel: 'call', to: form.To ?? '' }, (faults) => {
      const call = callRequestOf(form, settings.from);
      if ('code' in call) return { ok: false, refusal: call };
      const tooFast = state.rates.take('calls', call.from, 1);
      if (tooFast !== null) return { ok: false, refusal: tooFast };
      return { ok: true, body: callJson(state, state.placeCall(call, faults)) };
    });
  });

  app.get(`${base}/:account/Calls/:sid`, async (request, reply) => {
    const call = findCall(state, request);
    return call === undefined
      ? sendRefusal(reply, refusal(20404, request.url))
      : reply.send(callJson(state, call));
  });

  app.post(`${base}/:account/Calls/:sid`, async (request, reply) => {
    const call = findCall(state, request);
    if (call === undefined) return sendRefusal(reply, refusal(20404, request.url));
    const form = callUpdateForm.parse(request.body ?? {});
    if (form.Status === 'completed' || form.Status === 'canceled') {
      // `canceled` leaves a call alone that has been answered, as Twilio does.
      if (form.Status === 'completed' || call.status !== 'in-progress') call.end();
    } else if (form.Twiml !== undefined) {
      if (!call.redirect({ kind: 'inline', twiml: form.Twiml })) return sendRefusal(reply, refusal(21220));
    } else if (form.Url !== undefined) {
      const method = methodOf(form.Method);
      if (!isHttpUrl(form.Url)) return sendRefusal(reply, refusal(21205, form.Url));
      if (!call.redirect({ kind: 'url', url: form.Url, method, fallbackUrl: undefined })) {
        return sendRefusal(reply, refusal(21220));
      }
    }
    return reply.send(callJson(state, call));
  });

  app.all(`/${version}/*`, async (request, reply) => sendRefusal(reply, refusal(20404, request.url)));
}

function callRequestOf(
  form: z.infer<typeof callForm>,
  allowedFrom: readonly string[],
): CallRequest | Refusal {
  const to = form.To ?? '';
  if (to === '') return refusal(21201);
  if (!isPhoneNumber(to)) return refusal(21211, to);
  if (form.From === undefined) return refusal(21213);
  if (allowedFrom.length > 0 && !allowedFrom.includes(form.From)) return refusal(21210, form.From);
  const url = blankToUndefined(form.Url);
  const twiml = blankToUndefined(form.Twiml);
  if (url === undefined ? twiml === undefined : !isHttpUrl(url)) return refusal(21205, url ?? 'none given');
  const statusCallback = blankToUndefined(form.StatusCallback);
  if (statusCallback !== undefined && !isHttpUrl(statusCallback)) return refusal(21609, statusCallback);
  const detection = form.MachineDetection;
  return {
    to,
    from: form.From,
    url,
    method: methodOf(form.Method),
    fallbackUrl: blankToUndefined(form.FallbackUrl),
    // Twilio ignores Twiml when Url is there.
    twiml: url === undefined ? twiml : undefined,
    statusCallback,
    statusCallbackEvents: form.StatusCallbackEvent ?? ['completed'],
    timeoutSeconds: form.Timeout ?? 60,
    machineDetection: detection === 'Enable' || detection === 'DetectMessageEnd' ? detection : undefined,
    asyncAmd: form.AsyncAmd?.toLowerCase() === 'true',
    asyncAmdStatusCallback: blankToUndefined(form.AsyncAmdStatusCallback),
  };
}

function isAuthorized(request: FastifyRequest, user: string, password: string): boolean {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(expected));
}

function sidOf(request: FastifyRequest): string {
  return pathParams.parse(request.params).sid.replace(/\.json$/, '');
}

function findCall(state: BoothState, request: FastifyRequest): CallLine | undefined {
  const sid = sidOf(request);
  return state.calls.items.find((call) => call.sid === sid);
}

function matches(message: SmsRecord, query: z.infer<typeof listQuery>): boolean {
  if (query.To !== undefined && message.to !== query.To) return false;
  if (query.From !== undefined && message.from !== query.From) return false;
  const sent = Math.floor((message.sentAt ?? message.createdAt).getTime() / 1000);
  const after = secondsOf(query['DateSent>']);
  const before = secondsOf(query['DateSent<']);
  if (after !== undefined && sent < after) return false;
  if (before !== undefined && sent > before) return false;
  const day = query.DateSent?.slice(0, 10);
  return day === undefined || new Date(sent * 1000).toISOString().startsWith(day);
}

/** Twilio's dates have a resolution of a second. */
function secondsOf(text: string | undefined): number | undefined {
  const time = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

function messageJson(state: BoothState, message: SmsRecord): Record<string, unknown> {
  const account = state.settings.accountSid;
  return {
    sid: message.sid,
    account_sid: account,
    api_version: version,
    body: message.body,
    from: message.from,
    to: message.to,
    direction: message.direction,
    status: message.status,
    error_code: message.errorCode ?? null,
    error_message: message.errorCode === undefined ? null : textOfCode(message.errorCode),
    messaging_service_sid: message.messagingServiceSid ?? null,
    num_segments: String(message.numSegments),
    num_media: '0',
    price: null,
    price_unit: 'USD',
    date_created: rfc2822(message.createdAt),
    date_updated: rfc2822(message.updatedAt),
    date_sent: message.sentAt === undefined ? null : rfc2822(message.sentAt),
    uri: `/${version}/Accounts/${account}/Messages/${message.sid}.json`,
    subresource_uris: { media: `/${version}/Accounts/${account}/Messages/${message.sid}/Media.json` },
  };
}

function callJson(state: BoothState, call: CallRecord): Record<string, unknown> {
  const account = state.settings.accountSid;
  return {
    sid: call.sid,
    account_sid: account,
    api_version: version,
    from: call.from,
    from_formatted: call.from,
    to: call.to,
    to_formatted: call.to,
    direction: 'outbound-api',
    status: call.status,
    answered_by: call.answeredBy ?? null,
    duration: call.endedAt === undefined ? null : String(durationSeconds(call)),
    start_time: call.startedAt === undefined ? null : rfc2822(call.startedAt),
    end_time: call.endedAt === undefined ? null : rfc2822(call.endedAt),
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(call.updatedAt),
    phone_number_sid: '',
    parent_call_sid: null,
    forwarded_from: null,
    caller_name: null,
    group_sid: null,
    trunk_sid: null,
    queue_time: '0',
    price: null,
    price_unit: 'USD',
    uri: `/${version}/Accounts/${account}/Calls/${call.sid}.json`,
    subresource_uris: {},
  };
}

function methodOf(text: string | undefined): 'GET' | 'POST' {
  return text?.toUpperCase() === 'GET' ? 'GET' : 'POST';
}

function blankToUndefined(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}
