import { createBoard, createJournal, type Board, type Journal } from './board.js';
import { createCallLine, pastCall, type CallLine } from './call-line.js';
import { createFaults, type Fault, type Faults } from './faults.js';
import { createKeeper, readKept, type Keeper } from './kept.js';
import type { BoothSettings } from './options.js';
import { createRates, type Rates } from './rates.js';
import { createSmsExchange, type SmsExchange } from './sms-exchange.js';
import { createTimers, type Timers } from './timers.js';
import type { AttemptRecord, CallRequest, MailRecord, SmsRecord, WebhookRecord } from './types.js';
import { createWebhooks, type Webhooks } from './webhooks.js';

/** Everything that a booth knows; it outlives a stop and a new start. */
export interface BoothState {
  readonly settings: BoothSettings;
  readonly startedAt: Date;
  readonly board: Board;
  readonly timers: Timers;
  readonly faults: Faults;
  readonly rates: Rates;
  readonly webhooks: Webhooks;
  readonly sms: SmsExchange;
  readonly messages: Journal<SmsRecord>;
  readonly calls: Journal<CallLine>;
  readonly mails: Journal<MailRecord>;
  readonly attempts: Journal<AttemptRecord>;
  readonly deliveries: Journal<WebhookRecord>;
  /** Null without a file to keep them in. */
  readonly keeper: Keeper | null;
  placeCall(request: CallRequest, faults: readonly Fault[]): CallLine;
}

/** Creates the state of one booth: nothing broken, and nothing sent but what a booth of before has kept. */
export function createBoothState(settings: BoothSettings): BoothState {
  const { file } = settings;
  const complain = (sentence: string): void => console.error(sentence);
  const kept = file === undefined ? null : readKept(file, complain);
  const old = kept === null ? [] : [...kept.messages, ...kept.calls, ...kept.mails];
  const board = createBoard(old.reduce((newest, { seq }) => Math.max(newest, seq), 0));
  const timers = createTimers();
  const messages = createJournal<SmsRecord>(
    board,
    settings.keep,
    (sms) => `${sms.direction} ${sms.from} → ${sms.to} "${sms.body}"`,
    kept?.messages,
  );
  const calls = createJournal<CallLine>(
    board,
    settings.keep,
    (call) => `${call.from} → ${call.to}, ${call.status}`,
    kept?.calls.map(pastCall),
  );
  const mails = createJournal<MailRecord>(
    board,
    settings.keep,
    (mail) => `${mail.to.join(', ')} "${mail.subject}"`,
    kept?.mails,
  );
  const attempts = createJournal<AttemptRecord>(
    board,
    settings.keep,
    (attempt) =>
      `${attempt.channel} ${attempt.to} ${attempt.outcome} ${attempt.code ?? attempt.status ?? ''}`,
  );
  const deliveries = createJournal<WebhookRecord>(
    board,
    settings.keep,
    (webhook) => `${webhook.purpose} ${webhook.url} ${webhook.error ?? webhook.status ?? 'open'}`,
  );
  const webhooks = createWebhooks({ authToken: settings.authToken, board, journal: deliveries });
  const sms = createSmsExchange({ settings, board, messages, timers, webhooks });
  for (const number of kept?.optedOut ?? []) sms.optOut(number);
  const keeper =
    file === undefined
      ? null
      : createKeeper(
          file,
          () => ({
            messages: messages.items,
            calls: calls.items,
            mails: mails.items,
            optedOut: [...sms.optedOut],
          }),
          complain,
        );
  if (keeper !== null) board.onChange(() => keeper.changed());
  return {
    settings,
    startedAt: new Date(),
    board,
    timers,
    faults: createFaults(board),
    rates: createRates(settings.limits),
    webhooks,
    sms,
    messages,
    calls,
    mails,
    attempts,
    deliveries,
    keeper,
    placeCall: (request, faults) => {
      const line = createCallLine({ settings, board, timers, webhooks }, request, faults);
      calls.add(line);
      return line;
    },
  };
}
