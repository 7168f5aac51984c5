import { z } from 'zod';
import type { Board } from './board.js';
import type { Channel } from './types.js';

const where = {
  /** `any` means all three. */
  channel: z.enum(['sms', 'call', 'mail', 'any']),
  /** Phone number or mail address; without it, everybody. */
  to: z.string().min(1).optional(),
  /** For how many matching requests; 1 unless told. */
  times: z.union([z.int().positive(), z.literal('always')]).optional(),
};

/** A fault as `POST /booth/api/faults` takes it. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Refused with this HTTP status and no Twilio code, as from a broken gateway (mail: 421). */
  z.object({ kind: z.literal('http-error'), status: z.int().min(400).max(599), ...where }),
  /** HTTP 429 with code 20429 and Retry-After in seconds (mail: 452). */
  z.object({
    kind: z.literal('rate-limited'),
    retryAfterSeconds: z.int().nonnegative().optional(),
    ...where,
  }),
  /** The request is never answered; `accept` says whether the message goes out all the same. */
  z.object({ kind: z.literal('never-answer'), accept: z.boolean(), ...where }),
  /** Refused with this Twilio error code, e.g. 21610 (mail: 550). */
  z.object({ kind: z.literal('error-code'), code: z.int().min(10_000).max(99_999), ...where }),
  /** Accepted, and reported later as undelivered or failed with this code. A call becomes `failed`. */
  z.object({
    kind: z.literal('fails-later'),
    code: z.int().min(10_000).max(99_999),
    status: z.enum(['undelivered', 'failed']).optional(),
    ...where,
  }),
  /** Accepted and kept in the queue until its validity period ends, then failed with 30036. */
  z.object({ kind: z.literal('stuck'), ...where }),
  /** Answered late. */
  z.object({ kind: z.literal('delay'), delayMs: z.int().positive().max(600_000), ...where }),
  /** No status callback for the message or call comes. */
  z.object({ kind: z.literal('drop-callbacks'), ...where }),
  /** Each status callback comes `copies` times (2 unless told). */
  z.object({
    kind: z.literal('duplicate-callbacks'),
    copies: z.int().min(2).max(20).optional(),
    ...where,
  }),
  /** The phone does this by itself as soon as it rings. */
  z.object({
    kind: z.literal('call-outcome'),
    outcome: z.enum(['busy', 'no-answer', 'failed', 'machine']),
    ...where,
  }),
  /** The recipient is refused with this SMTP code. */
  z.object({
    kind: z.literal('smtp-reject'),
    code: z.int().min(400).max(599),
    message: z.string().optional(),
    ...where,
  }),
  /** The recipient is refused with 451 and asked to try again. */
  z.object({ kind: z.literal('greylist'), ...where }),
]);

/** Something that goes wrong on demand. */
export type Fault = z.infer<typeof faultSchema>;

/** A fault in force. */
export interface FaultInForce {
  readonly fault: Fault;
  /** Matching requests that it will still hit. */
  readonly left: number;
}

/** The faults that are in force. */
export interface Faults {
  readonly inForce: readonly FaultInForce[];
  /** Returns the function that ends this fault. */
  add(fault: Fault): () => void;
  /** The faults that hit this request; each is used up once. */
  take(channel: Channel, to: string): Fault[];
  /** Ends all faults, or those of one number or address. */
  clear(to?: string): void;
}

/** Creates an empty set of faults. */
export function createFaults(board: Board): Faults {
  let inForce: { fault: Fault; left: number }[] = [];
  return {
    get inForce() {
      return inForce;
    },
    add: (fault) => {
      const entry = { fault, left: fault.times === 'always' ? Infinity : (fault.times ?? 1) };
      inForce.push(entry);
      board.changed();
      return () => {
        inForce = inForce.filter((other) => other !== entry);
        board.changed();
      };
    },
    take: (channel, to) => {
      const hit = inForce.filter(
        ({ fault }) =>
          (fault.channel === 'any' || fault.channel === channel) &&
          (fault.to === undefined || fault.to.toLowerCase() === to.toLowerCase()),
      );
      for (const entry of hit) entry.left -= 1;
      inForce = inForce.filter((entry) => entry.left > 0);
      return hit.map((entry) => entry.fault);
    },
    clear: (to) => {
      inForce =
        to === undefined ? [] : inForce.filter(({ fault }) => fault.to?.toLowerCase() !== to.toLowerCase());
      board.changed();
    },
  };
}

/** One sentence about a fault, for the page. */
export function describeFault({ fault, left }: FaultInForce): string {
  const whom = fault.to ?? 'everybody';
  const often = left === Infinity ? 'until cleared' : left === 1 ? 'the next one' : `the next ${left}`;
  return `${whatGoesWrong(fault)} (${fault.channel === 'any' ? 'all channels' : fault.channel}, ${whom}, ${often})`;
}

function whatGoesWrong(fault: Fault): string {
  switch (fault.kind) {
    case 'http-error':
      return `provider answers HTTP ${fault.status}`;
    case 'rate-limited':
      return 'provider answers 429, too many requests';
    case 'never-answer':
      return fault.accept ? 'accepted, but the answer never comes' : 'provider never answers';
    case 'error-code':
      return `refused with error ${fault.code}`;
    case 'fails-later':
      return `${fault.status ?? 'undelivered'} with error ${fault.code}`;
    case 'stuck':
      return 'stuck in the queue';
    case 'delay':
      return `answered ${fault.delayMs} ms late`;
    case 'drop-callbacks':
      return 'no status callbacks';
    case 'duplicate-callbacks':
      return `each status callback ${fault.copies ?? 2} times`;
    case 'call-outcome':
      return fault.outcome === 'machine' ? 'voicemail takes the call' : `the call ends as ${fault.outcome}`;
    case 'smtp-reject':
      return `mail refused with ${fault.code}`;
    case 'greylist':
      return 'mail greylisted';
    default:
      return assertNever(fault);
  }
}

function assertNever(fault: never): never {
  throw new Error(`Unknown fault ${JSON.stringify(fault)}`);
}
