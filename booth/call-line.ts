import type { Board } from './board.js';
import { runScript, type ScriptHost, type ScriptSource } from './call-script.js';
import type { Fault } from './faults.js';
import type { BoothSettings } from './options.js';
import { newSid } from './signature.js';
import { callbackCopies } from './sms-exchange.js';
import type { Timers } from './timers.js';
import type { GatherVerb } from './twiml.js';
import type {
  AnsweredBy,
  BoothCall,
  CallRecord,
  CallRequest,
  CallStatus,
  Mutable,
  TranscriptLine,
} from './types.js';
import type { Webhooks } from './webhooks.js';

/** A call, with what the REST API may do to it. */
export interface CallLine extends BoothCall {
  /** Replaces what a call in progress is doing; false when it is not in progress. */
  redirect(source: ScriptSource): boolean;
  /** `canceled` before it is answered, `completed` after; nothing once it has ended. */
  end(): void;
}

/** Marks the error that is thrown into a script whose call ended or was redirected; it is no failure. */
const interrupted = Symbol('interrupted');
const interruption = (): Error => new Error('The call ended or was redirected.', { cause: interrupted });

/** Places a call: it is queued, then rings until somebody does something or the timeout passes. */
export function createCallLine(
  deps: { settings: BoothSettings; board: Board; timers: Timers; webhooks: Webhooks },
  request: CallRequest,
  faults: readonly Fault[],
): CallLine {
  const { settings, board, timers, webhooks } = deps;
  const now = new Date();
  const transcript: TranscriptLine[] = [];
  const record: Mutable<CallRecord> = {
    seq: board.nextSeq(),
    sid: newSid('CA'),
    from: request.from,
    to: request.to,
    status: 'queued',
    takenBy: undefined,
    answeredBy: undefined,
    createdAt: now,
    updatedAt: now,
    startedAt: undefined,
    endedAt: undefined,
    transcript,
    gather: undefined,
    request,
  };

  let callbacks: Promise<unknown> = Promise.resolve();
  let sequenceNumber = 0;
  /** Counts scripts: an old one that wakes up finds another number and stops. */
  let run = 0;
  let cancelRinging = (): void => undefined;
  /** Ends what the script waits for: `skip` as if the time had passed, `abort` for good. */
  let waiting: { skip: () => void; abort: () => void } | undefined;
  let pressKey: ((digit: string) => void) | undefined;
  /** Actions that wait for the script to come to rest. */
  let resting: (() => void)[] = [];

  function lineParams(): Record<string, string> {
    return {
      CallSid: record.sid,
      AccountSid: settings.accountSid,
      From: record.from,
      To: record.to,
      Caller: record.from,
      Called: record.to,
      CallStatus: record.status,
      ApiVersion: '2010-04-01',
      Direction: 'outbound-api',
      ...(record.answeredBy === undefined ? {} : { AnsweredBy: amdWord(record.answeredBy, request) }),
    };
  }

  function report(event: 'initiated' | 'ringing' | 'answered' | 'completed'): void {
    const url = request.statusCallback;
    if (url === undefined || !request.statusCallbackEvents.includes(event)) return;
    const seconds = String(durationSeconds(record));
    const params = {
      ...lineParams(),
      Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(sequenceNumber++),
      ...(event === 'completed'
        ? { CallDuration: seconds, Duration: String(Math.ceil(Number(seconds) / 60)) }
        : {}),
    };
    for (let copy = 0; copy < callbackCopies(faults); copy += 1) {
      callbacks = callbacks.then(() => webhooks.send({ purpose: 'call-status', url, params }));
    }
  }

  function become(status: CallStatus): void {
    record.status = status;
    record.updatedAt = new Date();
    board.changed();
  }

  function add(who: TranscriptLine['who'], text: string): void {
    transcript.push({ at: new Date(), who, text });
    board.changed();
  }

  function hasEnded(): boolean {
    return record.endedAt !== undefined;
  }

  function finish(status: CallStatus): void {
    if (hasEnded()) return;
    cancelRinging();
    record.endedAt = new Date();
    record.gather = undefined;
    become(status);
    report('completed');
    run += 1;
    waiting?.abort();
    rest();
  }

  function rest(): void {
    const waiters = resting;
    resting = [];
    for (const wake of waiters) wake();
  }

  /** Does something and resolves with what is spoken until the call waits for a key or ends. */
  async function spokenAfter(action: () => void): Promise<string[]> {
    const from = transcript.length;
    const rested = new Promise<void>((resolve) => resting.push(resolve));
    action();
    if (hasEnded()) rest();
    await rested;
    return transcript
      .slice(from)
      .filter((line) => line.who === 'voice')
      .map((line) => line.text);
  }

  /** Waits unless interrupted; `onTimer` is given the function that restarts the time. */
  function waitFor(
    ms: number,
    setup?: (done: () => void, restart: (ms: number) => void) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finished: () => void) => (): void => {
        cancel();
        waiting = undefined;
        finished();
      };
      const done = settle(resolve);
      let cancel = timers.after(ms / settings.speed, done);
      waiting = { skip: done, abort: settle(() => reject(interruption())) };
      setup?.(done, (again) => {
        cancel();
        cancel = timers.after(again / settings.speed, done);
      });
    });
  }

  async function gather(verb: GatherVerb, promptsMs: number): Promise<string> {
    const timeoutMs = verb.timeoutSeconds * 1000;
    let digits = '';
    const show = (endsInMs: number): void => {
      record.gather = {
        numDigits: verb.numDigits,
        finishOnKey: verb.finishOnKey,
        digits,
        endsAt: new Date(Date.now() + endsInMs / settings.speed),
      };
      board.changed();
    };
    show(promptsMs + timeoutMs);
    const waited = waitFor(promptsMs + timeoutMs, (done, restart) => {
      pressKey = (digit) => {
        const finished = digit === verb.finishOnKey;
        if (!finished) digits += digit;
        if (finished || digits.length === verb.numDigits) {
          pressKey = undefined;
          done();
          return;
        }
        restart(timeoutMs);
        show(timeoutMs);
      };
    });
    rest();
    try {
      await waited;
    } finally {
      pressKey = undefined;
      record.gather = undefined;
      board.changed();
    }
    return digits;
  }

  function start(source: ScriptSource): void {
    run += 1;
    waiting?.abort();
    const mine = run;
    const still = <T>(value: T): T => {
      if (mine !== run) throw interruption();
      return value;
    };
    const host: ScriptHost = {
      say: (text) => add('voice', text),
      note: (text) => add('note', text),
      speechMs: (text) => text.length * settings.speechMsPerCharacter,
      wait: async (ms) => {
        still(undefined);
        if (ms > 0) await waitFor(ms);
        still(undefined);
      },
      gather: async (verb, promptsMs) => still(await gather(still(verb), promptsMs)),
      fetch: async (url, method, extra) =>
        still(
          await webhooks.send({ purpose: 'call-twiml', url, method, params: { ...lineParams(), ...extra } }),
        ),
    };
    runScript(host, source).then(
      () => {
        if (mine === run) finish('completed');
      },
      (error: unknown) => {
        if (error instanceof Error && error.cause === interrupted) return;
        add('note', `the phone booth failed: ${String(error)}`);
        finish('failed');
      },
    );
  }

  function detect(by: AnsweredBy): void {
    if (request.machineDetection === undefined) return;
    record.answeredBy = by;
    board.changed();
    const url = request.asyncAmdStatusCallback;
    if (!request.asyncAmd || url === undefined) return;
    const params = {
      CallSid: record.sid,
      AccountSid: settings.accountSid,
      AnsweredBy: amdWord(by, request),
      MachineDetectionDuration: '3000',
    };
    void webhooks.send({ purpose: 'call-amd', url, params });
  }

  function answer(by: AnsweredBy): void {
    cancelRinging();
    if (record.status === 'queued') ring();
    if (record.status !== 'ringing') return;
    cancelRinging();
    record.startedAt = new Date();
    record.takenBy = by;
    become('in-progress');
    add('note', by === 'machine' ? 'Voicemail takes the call' : 'Answered');
    // Detection takes a moment: with async detection the script has begun before the verdict comes.
    if (!request.asyncAmd) detect(by);
    report('answered');
    start(
      request.twiml !== undefined
        ? { kind: 'inline', twiml: request.twiml }
        : { kind: 'url', url: request.url ?? '', method: request.method, fallbackUrl: request.fallbackUrl },
    );
    if (request.asyncAmd) timers.after(settings.hopMs, () => detect(by));
  }

  function ring(): void {
    become('ringing');
    report('ringing');
    const ringMs = settings.ringTimeoutMs ?? (request.timeoutSeconds * 1000) / settings.speed;
    cancelRinging = timers.after(ringMs, () => finish('no-answer'));
    const fault = faults.find((candidate) => candidate.kind === 'call-outcome');
    if (fault?.outcome === 'machine') answer('machine');
    else if (fault !== undefined) finish(fault.outcome);
    else if (faults.some((candidate) => candidate.kind === 'fails-later')) finish('failed');
  }

  const line: CallLine = Object.assign(record, {
    answer: (by: AnsweredBy = 'human') =>
      record.status === 'in-progress' ? Promise.resolve([]) : spokenAfter(() => answer(by)),
    press: (digits: string) => {
      if (pressKey === undefined || hasEnded()) return Promise.resolve([]);
      return spokenAfter(() => {
        add('keys', digits);
        for (const digit of digits) pressKey?.(digit);
        // Keys that do not complete the input leave the call where it was.
        if (pressKey !== undefined) rest();
      });
    },
    waitOut: () => {
      if (waiting === undefined) return Promise.resolve([]);
      return spokenAfter(() => waiting?.skip());
    },
    hangUp: () => finish(record.status === 'in-progress' ? 'completed' : 'busy'),
    letItRing: () => {
      if (record.status !== 'in-progress') finish('no-answer');
    },
    busy: () => {
      if (record.status !== 'in-progress') finish('busy');
    },
    fail: () => finish('failed'),
    redirect: (source: ScriptSource) => {
      if (record.status !== 'in-progress') return false;
      start(source);
      return true;
    },
    end: () => finish(record.status === 'in-progress' ? 'completed' : 'canceled'),
  });

  report('initiated');
  cancelRinging = timers.after(settings.hopMs, ring);
  return line;
}

/** A call of before: it is over, and nothing can be done to it. */
export function pastCall(record: CallRecord): CallLine {
  const nothing = (): void => undefined;
  const silence = (): Promise<string[]> => Promise.resolve([]);
  return {
    ...record,
    ...{ answer: silence, press: silence, waitOut: silence },
    ...{ hangUp: nothing, letItRing: nothing, busy: nothing, fail: nothing, end: nothing },
    redirect: () => false,
  };
}

/** What Twilio calls it: `machine_end_beep` after waiting for the greeting's end, else `machine_start`. */
function amdWord(by: AnsweredBy, request: CallRequest): string {
  if (by !== 'machine') return by;
  return request.machineDetection === 'DetectMessageEnd' ? 'machine_end_beep' : 'machine_start';
}

/** Whole seconds from answer to end; 0 when it was never answered. */
export function durationSeconds(call: CallRecord): number {
  if (call.startedAt === undefined || call.endedAt === undefined) return 0;
  return Math.round((call.endedAt.getTime() - call.startedAt.getTime()) / 1000);
}
