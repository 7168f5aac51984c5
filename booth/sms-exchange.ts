import type { Board, Journal } from './board.js';
import type { Fault } from './faults.js';
import type { BoothSettings } from './options.js';
import { newSid } from './signature.js';
import { countSegments } from './segments.js';
import type { Timers } from './timers.js';
import { parseMessagingReply } from './twiml.js';
import { refusal, type Refusal } from './twilio-errors.js';
import type { Mutable, SmsRecord, SmsStatus } from './types.js';
import type { WebhookAnswer, Webhooks } from './webhooks.js';

/** A message as the REST API takes it. */
export interface SmsRequest {
  to: string;
  from: string | undefined;
  body: string;
  statusCallback: string | undefined;
  validityPeriodSeconds: number | undefined;
  messagingServiceSid: string | undefined;
}

/** What became of a person's reply. */
export interface ReplyOutcome {
  readonly message: SmsRecord;
  /** What the product answered at once, as text messages. */
  readonly answers: readonly SmsRecord[];
  /** Why the product did not take it; undefined when it did. */
  readonly failure: string | undefined;
}

/** The text-message side of the provider. */
export interface SmsExchange {
  /** Takes a message into the queue, or says why not. */
  send(
    request: SmsRequest,
    faults: readonly Fault[],
  ): { ok: true; message: SmsRecord } | { ok: false; refusal: Refusal };
  /** A person sends a message to one of our numbers (`to`; else the one that wrote to them last). */
  receive(from: string, body: string, to?: string): Promise<ReplyOutcome>;
  /** Numbers that said STOP. */
  readonly optedOut: ReadonlySet<string>;
  optOut(number: string): void;
  optIn(number: string): void;
}

/** The words that Twilio handles itself on long codes (https://www.twilio.com/docs/glossary/what-is-sms-opt-out). */
const stopWords = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const startWords = new Set(['START', 'YES', 'UNSTOP']);
const stopAnswer =
  'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.';
const startAnswer =
  'You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe.';

/** Twilio's default validity period: 10 hours. */
const defaultValiditySeconds = 36_000;

/** The number that a booth without any writes from. */
const anyNumber = '+15005550006';

/** Creates the text-message side. */
export function createSmsExchange(deps: {
  settings: BoothSettings;
  board: Board;
  messages: Journal<SmsRecord>;
  timers: Timers;
  webhooks: Webhooks;
}): SmsExchange {
  const { settings, board, messages, timers, webhooks } = deps;
  const optedOut = new Set<string>();

  function add(
    fields: Pick<SmsRecord, 'direction' | 'from' | 'to' | 'body' | 'status'> & Partial<SmsRecord>,
  ): Mutable<SmsRecord> {
    const now = new Date();
    const message: Mutable<SmsRecord> = {
      seq: board.nextSeq(),
      sid: newSid('SM'),
      numSegments: countSegments(fields.body),
      createdAt: now,
      updatedAt: now,
      sentAt: fields.status === 'received' || fields.status === 'delivered' ? now : undefined,
      errorCode: undefined,
      statusCallback: undefined,
      validityPeriodSeconds: undefined,
      messagingServiceSid: undefined,
      ...fields,
    };
    messages.add(message);
    return message;
  }

  function refuse(request: SmsRequest): Refusal | undefined {
    if (request.to === '') return refusal(21604);
    if (!isPhoneNumber(request.to)) return refusal(21211, request.to);
    if (request.from === undefined && request.messagingServiceSid === undefined) return refusal(21603);
    if (request.body === '') return refusal(21602);
    if (request.body.length > 1600) return refusal(21617);
    if (request.from !== undefined && settings.from.length > 0 && !settings.from.includes(request.from)) {
      return refusal(21606, request.from);
    }
    if (request.statusCallback !== undefined && !isHttpUrl(request.statusCallback)) {
      return refusal(21609, request.statusCallback);
    }
    return optedOut.has(request.to) ? refusal(21610) : undefined;
  }

  /** Goes through the states one after another; callbacks keep their order. */
  function deliver(message: Mutable<SmsRecord>, faults: readonly Fault[]): void {
    const failsLater = faults.find((fault) => fault.kind === 'fails-later');
    const copies = callbackCopies(faults);
    let callbacks: Promise<unknown> = Promise.resolve();
    const report = (status: SmsStatus): void => {
      if (message.statusCallback === undefined) return;
      const url = message.statusCallback;
      const params = {
        MessageSid: message.sid,
        SmsSid: message.sid,
        MessageStatus: status,
        SmsStatus: status,
        AccountSid: settings.accountSid,
        From: message.from,
        To: message.to,
        ApiVersion: '2010-04-01',
        ...(message.errorCode === undefined ? {} : { ErrorCode: String(message.errorCode) }),
      };
      for (let copy = 0; copy < copies; copy += 1) {
        callbacks = callbacks.then(() => webhooks.send({ purpose: 'sms-status', url, params }));
      }
    };
    const become = (status: SmsStatus, errorCode?: number): void => {
      message.status = status;
      message.updatedAt = new Date();
      if (status === 'sent') message.sentAt = message.updatedAt;
      message.errorCode = errorCode;
      board.changed();
      report(status);
    };

    report('queued');
    if (faults.some((fault) => fault.kind === 'stuck')) {
      const validityMs = (message.validityPeriodSeconds ?? defaultValiditySeconds) * 1000;
      timers.after(validityMs / settings.speed, () => become('failed', 30036));
      return;
    }
    timers.after(settings.hopMs, () => {
      if (failsLater?.status === 'failed') {
        become('failed', failsLater.code);
        return;
      }
      become('sent');
      timers.after(settings.hopMs, () => {
        if (failsLater === undefined) become('delivered');
        else become('undelivered', failsLater.code);
      });
    });
  }

  function ourNumberFor(person: string): string {
    const latest = messages.items.findLast(
      (message) => message.to === person && message.direction !== 'inbound',
    );
    return latest?.from ?? settings.from[0] ?? anyNumber;
  }

  async function callInbound(message: SmsRecord): Promise<WebhookAnswer | undefined> {
    if (settings.inboundUrl === undefined) return undefined;
    const params = {
      MessageSid: message.sid,
      SmsSid: message.sid,
      SmsMessageSid: message.sid,
      AccountSid: settings.accountSid,
      From: message.from,
      To: message.to,
      Body: message.body,
      NumMedia: '0',
      NumSegments: String(message.numSegments),
      SmsStatus: 'received',
      ApiVersion: '2010-04-01',
    };
    const answer = await webhooks.send({ purpose: 'sms-inbound', url: settings.inboundUrl, params });
    if (answer.ok || settings.inboundFallbackUrl === undefined) return answer;
    return webhooks.send({
      purpose: 'sms-inbound',
      url: settings.inboundFallbackUrl,
      params: { ...params, ErrorCode: '11200', ErrorUrl: settings.inboundUrl },
    });
  }

  async function receive(from: string, body: string, to = ourNumberFor(from)): Promise<ReplyOutcome> {
    const message = add({ direction: 'inbound', from, to, body, status: 'received' });
    const answerWith = (text: string): SmsRecord =>
      add({ direction: 'outbound-reply', from: to, to: from, body: text, status: 'delivered' });

    const word = body.trim().toUpperCase();
    const answers: SmsRecord[] = [];
    if (stopWords.has(word)) {
      optedOut.add(from);
      answers.push(answerWith(stopAnswer));
    } else if (startWords.has(word) && optedOut.delete(from)) {
      answers.push(answerWith(startAnswer));
    }

    const answer = await callInbound(message);
    if (answer === undefined) return { message, answers, failure: undefined };
    if (!answer.ok) return { message, answers, failure: answer.reason };
    try {
      const texts = parseMessagingReply(answer.contentType, answer.body).filter((text) => text !== '');
      // Twilio drops an answer to somebody who has just opted out (its error 21610).
      if (!optedOut.has(from)) answers.push(...texts.map(answerWith));
      return { message, answers, failure: undefined };
    } catch (error) {
      return { message, answers, failure: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    send: (request, faults) => {
      const refused = refuse(request);
      if (refused !== undefined) return { ok: false, refusal: refused };
      const message = add({
        direction: 'outbound-api',
        from: request.from ?? ourNumberFor(request.to),
        to: request.to,
        body: request.body,
        status: 'queued',
        statusCallback: request.statusCallback,
        validityPeriodSeconds: request.validityPeriodSeconds,
        messagingServiceSid: request.messagingServiceSid,
      });
      deliver(message, faults);
      return { ok: true, message };
    },
    receive,
    optedOut,
    optOut: (number) => {
      optedOut.add(number);
      board.changed();
    },
    optIn: (number) => {
      optedOut.delete(number);
      board.changed();
    },
  };
}

/** How many times each status callback is made under these faults: 1, more, or 0. */
export function callbackCopies(faults: readonly Fault[]): number {
  if (faults.some((fault) => fault.kind === 'drop-callbacks')) return 0;
  const duplicate = faults.find((fault) => fault.kind === 'duplicate-callbacks');
  return duplicate === undefined ? 1 : (duplicate.copies ?? 2);
}

/** E.164, as Twilio takes it. */
export function isPhoneNumber(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text);
}

/** An absolute http or https URL. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^/\s]/.test(text) && URL.canParse(text);
}
