import { readFileSync, renameSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { CallRecord, MailRecord, SmsRecord } from './types.js';

/** What a booth has on its page, as far as it outlives its process. */
export interface Kept {
  readonly messages: readonly SmsRecord[];
  readonly calls: readonly CallRecord[];
  readonly mails: readonly MailRecord[];
  readonly optedOut: readonly string[];
}

/** So many of each kind are kept, the newest. */
const MOST_OF_EACH = 500;
/** A mail with more text and HTML than this is kept without its HTML, and with so much of its text. */
const LONGEST_MAIL = 100_000;
/** Changes that come together are written together. */
const WRITE_AFTER_MS = 500;
/** Other people's words: only the owner reads them. */
const MODE = 0o600;

/** A field that every record has and that may be empty: JSON leaves it out. */
const maybe = <T>(inner: z.ZodType<T>) => inner.optional().transform((value): T | undefined => value);
const time = z.iso.datetime().transform((text) => new Date(text));
const text = z.string();
const count = z.number().int();

const sms = z.object({
  seq: count,
  sid: text,
  direction: z.enum(['outbound-api', 'outbound-reply', 'inbound']),
  from: text,
  to: text,
  body: text,
  numSegments: count,
  createdAt: time,
  updatedAt: time,
  sentAt: maybe(time),
  status: z.enum(['queued', 'sent', 'delivered', 'undelivered', 'failed', 'received']),
  errorCode: maybe(count),
  statusCallback: maybe(text),
  validityPeriodSeconds: maybe(z.number()),
  messagingServiceSid: maybe(text),
});
const taker = z.enum(['human', 'machine', 'unknown']);
const call = z.object({
  seq: count,
  sid: text,
  from: text,
  to: text,
  status: z.enum([
    'queued',
    'ringing',
    'in-progress',
    'completed',
    'busy',
    'no-answer',
    'failed',
    'canceled',
  ]),
  takenBy: maybe(taker),
  answeredBy: maybe(taker),
  createdAt: time,
  updatedAt: time,
  startedAt: maybe(time),
  endedAt: maybe(time),
  transcript: z.array(z.object({ at: time, who: z.enum(['voice', 'keys', 'note']), text })),
  request: z.object({
    to: text,
    from: text,
    url: maybe(text),
    method: z.enum(['GET', 'POST']),
    fallbackUrl: maybe(text),
    twiml: maybe(text),
    statusCallback: maybe(text),
    statusCallbackEvents: z.array(text),
    timeoutSeconds: z.number(),
    machineDetection: maybe(z.enum(['Enable', 'DetectMessageEnd'])),
    asyncAmd: z.boolean(),
    asyncAmdStatusCallback: maybe(text),
  }),
});
const mail = z.object({
  seq: count,
  at: time,
  from: text,
  to: z.array(text),
  subject: text,
  text,
  html: maybe(text),
  links: z.array(text),
  attachments: z.array(z.object({ name: text, type: text, sizeBytes: z.number() })),
  headers: z.record(text, text),
});
const schema = z.object({
  messages: z.array(sms),
  // What rang or was talked on when the process went away is over.
  calls: z.array(call.transform((one): CallRecord => ended(one))),
  mails: z.array(mail),
  optedOut: z.array(text),
});

const NOTHING: Kept = { messages: [], calls: [], mails: [], optedOut: [] };

function ended(one: Omit<CallRecord, 'gather'>): CallRecord {
  if (one.endedAt !== undefined) return { ...one, gather: undefined };
  return { ...one, gather: undefined, status: 'failed', endedAt: one.updatedAt };
}

/**
 * What a booth of before has kept; nothing when there is no file. One that can't be read is put aside as `<file>.damaged`.
 * @param complain told in one sentence when something is lost
 */
export function readKept(file: string, complain: (sentence: string) => void): Kept {
  let read: string;
  try {
    read = readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      complain(`${file} can't be read, so the page begins empty: ${String(error)}`);
    return NOTHING;
  }
  try {
    return schema.parse(JSON.parse(read));
  } catch {
    complain(`${file} is damaged, so the page begins empty; the old file is ${file}.damaged.`);
    renameSync(file, `${file}.damaged`);
    return NOTHING;
  }
}

/** Writes what is on the page a moment after it has changed. */
export interface Keeper {
  changed(): void;
  /** Writes what is not written yet; resolves when it is. */
  flush(): Promise<void>;
}

/** @param current what is on the page now */
export function createKeeper(
  file: string,
  current: () => Kept,
  complain: (sentence: string) => void,
): Keeper {
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let hasFailed = false;
  const write = async (): Promise<void> => {
    try {
      await writeFile(`${file}.new`, JSON.stringify(bounded(current())), { mode: MODE });
      await rename(`${file}.new`, file);
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) complain(`What is on the page can't be kept in ${file}: ${String(error)}`);
      hasFailed = true;
    }
  };
  const flush = (): Promise<void> => {
    if (timer === undefined) return writing;
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };
  return {
    changed: () => {
      timer ??= setTimeout(() => void flush(), WRITE_AFTER_MS);
    },
    flush,
  };
}

function bounded({ messages, calls, mails, optedOut }: Kept): Kept {
  return {
    messages: messages.slice(-MOST_OF_EACH),
    calls: calls.slice(-MOST_OF_EACH),
    mails: mails.slice(-MOST_OF_EACH).map(withinBounds),
    optedOut: optedOut.slice(-MOST_OF_EACH),
  };
}

function withinBounds(one: MailRecord): MailRecord {
  if (one.text.length + (one.html?.length ?? 0) <= LONGEST_MAIL) return one;
  return { ...one, text: one.text.slice(0, LONGEST_MAIL), html: undefined };
}
