import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance } from 'fastify';
import { defaultWaitMs } from './board.js';
import { registerControl } from './control-api.js';
import type { Fault } from './faults.js';
import { withDefaults, type BoothOptions } from './options.js';
import type { ReplyOutcome } from './sms-exchange.js';
import { startSmtp, type SmtpSide } from './smtp.js';
import { createBoothState } from './state.js';
import { registerTwilioRest } from './twilio-rest.js';
import type { AttemptRecord, BoothCall, MailRecord, SmsRecord, WebhookRecord } from './types.js';

/** What to wait for. Without `to`, anybody's. */
export interface WaitFor {
  /** Phone number or mail address. */
  to?: string;
  /** Only items newer than this `seq`, e.g. from `booth.mark()`. */
  after?: number;
  /** Text or pattern in the message's body or the mail's subject or text. */
  about?: string | RegExp;
  /** 5,000 unless told. */
  timeoutMs?: number;
}

/** A stand-in for the phone network, Twilio and a mail server. */
export interface Booth {
  /** Base URL of Twilio's REST API and of the page. @throws Error before `start()` */
  readonly httpUrl: string;
  /** `smtp://host:port`. @throws Error before `start()` */
  readonly smtpUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** Takes its ports (the same again after a stop). */
  start(): Promise<void>;
  /** Drops its connections, calls in progress included. State stays, for a new start. */
  stop(): Promise<void>;

  readonly messages: readonly SmsRecord[];
  readonly calls: readonly BoothCall[];
  readonly mails: readonly MailRecord[];
  /** Every request to send, refused and unanswered ones too. */
  readonly attempts: readonly AttemptRecord[];
  /** Every callback and webhook made to the product. */
  readonly webhooks: readonly WebhookRecord[];

  /**
   * The earliest message from the product that no `nextSms` has returned yet; waits for one.
   * Messages that the product answered to a reply count as well.
   * @throws Error that lists what did come when the time is over
   */
  nextSms(wait?: WaitFor): Promise<SmsRecord>;
  /** The same for calls; resolves once the phone rings (or the call has ended without). */
  nextCall(wait?: WaitFor): Promise<BoothCall>;
  nextMail(wait?: WaitFor): Promise<MailRecord>;
  nextAttempt(wait?: WaitFor): Promise<AttemptRecord>;
  /** The number of the newest item, for `after`. */
  mark(): number;
  /**
   * Resolves when the condition holds; it is asked after every change in the booth.
   * @param what names it for the error when the time is over
   */
  until(what: string, condition: () => boolean, timeoutMs?: number): Promise<void>;

  /**
   * A person sends a text message; resolves with the product's immediate answer (several are joined by a line
   * feed; empty when there is none).
   * @throws Error when the webhook failed; use `send` where that is expected
   */
  reply(from: string, body: string): Promise<string>;
  /** The same with all that came of it, a failed webhook included. */
  send(from: string, body: string, to?: string): Promise<ReplyOutcome>;
  /** Marks a number as having said STOP, or START, without sending anything. */
  optOut(number: string): void;
  optIn(number: string): void;

  /** Makes something go wrong. Returns the function that ends it. */
  misbehave(fault: Fault): () => void;
  /** Ends all faults, or those of one number or address. */
  behave(to?: string): void;
}

/** Creates a booth; nothing listens before `start()`. */
export function createBooth(options: BoothOptions = {}): Booth {
  const settings = withDefaults(options);
  const state = createBoothState(settings);
  let { httpPort, smtpPort } = settings;
  let running: { app: FastifyInstance; smtp: SmtpSide; endStreams: () => void } | undefined;

  function urlOf(scheme: string, port: number): string {
    if (port === 0) throw new Error('The phone booth has no port yet: await start() first.');
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
    return `${scheme}://${host}:${port}`;
  }

  async function start(): Promise<void> {
    if (running !== undefined) return;
    const app = fastify({ forceCloseConnections: true, logger: false, bodyLimit: 1024 * 1024 });
    await app.register(formbody);
    state.webhooks.resume();
    const endStreams = registerControl(app, state);
    registerTwilioRest(app, state);
    await app.listen({ host: settings.host, port: httpPort });
    const address = app.server.address();
    if (typeof address === 'object' && address !== null) httpPort = address.port;
    try {
      const smtp = await startSmtp(state, settings.host, smtpPort);
      smtpPort = smtp.port;
      running = { app, smtp, endStreams };
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  async function stop(): Promise<void> {
    if (running === undefined) return;
    const { app, smtp, endStreams } = running;
    running = undefined;
    state.webhooks.stop();
    for (const call of state.calls.items) if (call.endedAt === undefined) call.fail();
    state.timers.stopAll();
    endStreams();
    await Promise.all([app.close(), smtp.stop()]);
    await state.keeper?.flush();
  }

  async function send(from: string, body: string, to?: string): Promise<ReplyOutcome> {
    return state.sms.receive(from, body, to);
  }

  return {
    get httpUrl() {
      return urlOf('http', httpPort);
    },
    get smtpUrl() {
      return urlOf('smtp', smtpPort);
    },
    accountSid: settings.accountSid,
    authToken: settings.authToken,
    start,
    stop,
    messages: state.messages.items,
    calls: state.calls.items,
    mails: state.mails.items,
    attempts: state.attempts.items,
    webhooks: state.deliveries.items,
    nextSms: (wait = {}) =>
      state.messages.take(
        (sms) => sms.direction !== 'inbound' && isMeant(wait, sms, [sms.to]) && isAbout(wait, [sms.body]),
        { timeoutMs: wait.timeoutMs, what: whatOf('SMS', wait) },
      ),
    nextCall: (wait = {}) =>
      state.calls.take((call) => call.status !== 'queued' && isMeant(wait, call, [call.to]), {
        timeoutMs: wait.timeoutMs,
        what: whatOf('call', wait),
      }),
    nextMail: (wait = {}) =>
      state.mails.take((mail) => isMeant(wait, mail, mail.to) && isAbout(wait, [mail.subject, mail.text]), {
        timeoutMs: wait.timeoutMs,
        what: whatOf('mail', wait),
      }),
    nextAttempt: (wait = {}) =>
      state.attempts.take((attempt) => isMeant(wait, attempt, [attempt.to]), {
        timeoutMs: wait.timeoutMs,
        what: whatOf('attempt', wait),
      }),
    mark: () => state.board.mark(),
    until: async (what, condition, timeoutMs = defaultWaitMs) => {
      await state.board.until(() => (condition() ? true : undefined), { timeoutMs, what: () => what });
    },
    reply: async (from, body) => {
      const { answers, failure } = await send(from, body);
      if (failure !== undefined)
        throw new Error(`The product did not take "${body}" from ${from}: ${failure}`);
      return answers.map((answer) => answer.body).join('\n');
    },
    send,
    optOut: (number) => state.sms.optOut(number),
    optIn: (number) => state.sms.optIn(number),
    misbehave: (fault) => state.faults.add(fault),
    behave: (to) => state.faults.clear(to),
  };
}

function isMeant(wait: WaitFor, item: { readonly seq: number }, recipients: readonly string[]): boolean {
  const to = wait.to?.toLowerCase();
  return (to === undefined || recipients.includes(to)) && item.seq > (wait.after ?? 0);
}

function isAbout(wait: WaitFor, texts: readonly string[]): boolean {
  const { about } = wait;
  if (about === undefined) return true;
  return texts.some((text) => (typeof about === 'string' ? text.includes(about) : about.test(text)));
}

function whatOf(kind: string, wait: WaitFor): string {
  return `${kind}${wait.to === undefined ? '' : ` to ${wait.to}`}${wait.about === undefined ? '' : ` about ${String(wait.about)}`}`;
}
