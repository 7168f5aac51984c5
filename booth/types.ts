/** Delivery state of a message, in Twilio's words. */
export type SmsStatus = 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'received';

/** One text message, sent by the product or by a person in the booth. Fields change as it is delivered. */
export interface SmsRecord {
  /** Rises by at least one with every item of the booth; `after` in the waiting helpers compares with it. */
  readonly seq: number;
  readonly sid: string;
  readonly direction: 'outbound-api' | 'outbound-reply' | 'inbound';
  /** E.164. */
  readonly from: string;
  /** E.164. */
  readonly to: string;
  readonly body: string;
  /** Segments as billed: 160/153 GSM-7 or 70/67 UCS-2 units. */
  readonly numSegments: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly sentAt: Date | undefined;
  readonly status: SmsStatus;
  /** Twilio error code of an asynchronous failure, e.g. 30003. */
  readonly errorCode: number | undefined;
  readonly statusCallback: string | undefined;
  /** Seconds the message may wait in the queue, as the sender asked. */
  readonly validityPeriodSeconds: number | undefined;
  readonly messagingServiceSid: string | undefined;
}

/** State of a call, in Twilio's words. */
export type CallStatus =
  'queued' | 'ringing' | 'in-progress' | 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';

/** Who took the call. `unknown` is what answering-machine detection says when it cannot tell. */
export type AnsweredBy = 'human' | 'machine' | 'unknown';

/** One line of a call's transcript: what the voice said, which keys were pressed, or what happened. */
export interface TranscriptLine {
  readonly at: Date;
  readonly who: 'voice' | 'keys' | 'note';
  readonly text: string;
}

/** The key press that a call is waiting for. */
export interface OpenGather {
  /** Digits that complete it; undefined: until `finishOnKey` or the timeout. */
  readonly numDigits: number | undefined;
  readonly finishOnKey: string;
  /** Pressed so far. */
  readonly digits: string;
  /** When it gives up. */
  readonly endsAt: Date;
}

/** One call made by the product. Fields change while it goes on. */
export interface CallRecord {
  readonly seq: number;
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly status: CallStatus;
  /** Who really picked up. */
  readonly takenBy: AnsweredBy | undefined;
  /** What answering-machine detection found; undefined before its verdict, or when it was not asked for. */
  readonly answeredBy: AnsweredBy | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly transcript: readonly TranscriptLine[];
  readonly gather: OpenGather | undefined;
  readonly request: CallRequest;
}

/** What the product asked for when it made the call. */
export interface CallRequest {
  readonly to: string;
  readonly from: string;
  /** Where the TwiML is fetched on answer; undefined with inline `twiml`. */
  readonly url: string | undefined;
  readonly method: 'GET' | 'POST';
  readonly fallbackUrl: string | undefined;
  readonly twiml: string | undefined;
  readonly statusCallback: string | undefined;
  /** `initiated`, `ringing`, `answered`, `completed`; Twilio's default is `completed` alone. */
  readonly statusCallbackEvents: readonly string[];
  /** Seconds to ring; Twilio's default is 60. */
  readonly timeoutSeconds: number;
  readonly machineDetection: 'Enable' | 'DetectMessageEnd' | undefined;
  readonly asyncAmd: boolean;
  readonly asyncAmdStatusCallback: string | undefined;
}

/** A call with the buttons of the phone that rings. */
export interface BoothCall extends CallRecord {
  /** Takes the call; resolves with the sentences spoken until the call waits for a key or ends. */
  answer(by?: AnsweredBy): Promise<string[]>;
  /** Presses keys; resolves with what is spoken next (nothing if the call is not waiting for a key). */
  press(digits: string): Promise<string[]>;
  /** Lets the current pause or key-press timeout pass at once; resolves with what is spoken next. */
  waitOut(): Promise<string[]>;
  /** Ends a taken call, or declines a ringing one (`busy`, as carriers report it). */
  hangUp(): void;
  /** Nobody picks up: `no-answer`, at once. */
  letItRing(): void;
  busy(): void;
  /** The carrier cannot connect the call: `failed`. */
  fail(): void;
}

/** A file that came with a mail; its content is not kept. */
export interface MailAttachment {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** One mail that the SMTP side accepted. */
export interface MailRecord {
  readonly seq: number;
  readonly at: Date;
  /** Envelope sender. */
  readonly from: string;
  /** Envelope recipients, lower case. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Undefined when the mail has no HTML part. */
  readonly html: string | undefined;
  /** http(s) links of text and HTML, in order, each once. */
  readonly links: readonly string[];
  readonly attachments: readonly MailAttachment[];
  /** Lower-case names; repeated headers are joined with a line feed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One request to send something, whether it was accepted or not. */
export interface AttemptRecord {
  readonly seq: number;
  readonly at: Date;
  readonly channel: Channel;
  readonly to: string;
  /** `hung`: never answered. `accepted` says nothing about delivery. */
  readonly outcome: 'accepted' | 'refused' | 'hung';
  /** HTTP status or SMTP code of the answer; undefined when hung. */
  readonly status: number | undefined;
  /** Twilio's error code, if it was refused with one. */
  readonly code: number | undefined;
}

/** One webhook or callback that the booth made. */
export interface WebhookRecord {
  readonly seq: number;
  readonly at: Date;
  readonly purpose: 'sms-status' | 'sms-inbound' | 'call-status' | 'call-twiml' | 'call-amd';
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  /** HTTP status of the answer; undefined while open or when none came. */
  readonly status: number | undefined;
  /** Why no usable answer came. */
  readonly error: string | undefined;
}

/** What the booth can receive. */
export type Channel = 'sms' | 'call' | 'mail';

/** A person whose phones and mailboxes are shown on one card of the page. */
export interface BoothPerson {
  readonly name: string;
  /** E.164 numbers and mail addresses. */
  readonly contacts: readonly string[];
}

/** Removes `readonly`: for the code that owns a record. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
