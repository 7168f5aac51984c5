import { createHmac, timingSafeEqual } from 'node:crypto';

/** Milliseconds since the Unix epoch. */
type Instant = number;

/** What a token lets its bearer do. A token of one purpose never passes for another. */
export type TokenPurpose =
  /** See one incident and answer it as one person, from a message. */
  | 'link'
  /** Answer the call that it was made for. */
  | 'voice'
  /** Report what became of one delivery. */
  | 'delivery'
  /** See one hand-over and confirm it as one person. */
  | 'handoff';

export interface TokenClaims {
  /** Purpose. */
  readonly p: TokenPurpose;
  /** Opening id of the incident; id of the hand-over. */
  readonly o: string;
  /** Who it was given to: a user id, at most 255 bytes. */
  readonly u?: string;
  /** The delivery it belongs to, at most 255 bytes. */
  readonly d?: string;
  /** The other deliveries that went out in the same message: at most 20, each of an incident of its own. */
  readonly m?: readonly TokenMember[];
  /** Valid until then (not after); kept in whole seconds, rounded up. */
  readonly e: Instant;
}

/** One delivery of one incident. */
export interface TokenMember {
  /** Opening id of the incident. */
  readonly o: string;
  /** The delivery, at most 255 bytes. */
  readonly d: string;
}

export type Verified =
  | { readonly ok: true; readonly claims: TokenClaims }
  /**
   * - `malformed`: no token of ours, e.g. cut off by a mail program.
   * - `forged`: its signature is not from any of our secrets (or they were rotated away).
   * - `expired`: ours, but too old; `claims` say what it was for.
   */
  | { readonly ok: false; readonly why: 'malformed' | 'forged' }
  | { readonly ok: false; readonly why: 'expired'; readonly claims: TokenClaims };

export interface Tokens {
  /** Signs with the first secret. 55 to 70 characters of base64url for usual ids. Throws a RangeError for claims that do not fit. */
  sign(claims: TokenClaims): string;
  /** Checks signature, then age. Constant time in the signature; never throws. */
  verify(token: string, now: Instant): Verified;
  /**
   * 32 bytes as base64url that follow from the text and a secret, and are the same each time: one for each secret, that of the
   * first in front. For what is made twice by one request that is sent twice, and kept nowhere.
   */
  derive(purpose: DerivedPurpose, text: string): readonly string[];
}

/** What bytes are derived for: those of one purpose never pass for another's. */
export type DerivedPurpose = 'calendar' | 'verification' | 'contact' | 'api-key';

/** How long a link in a message is good for, in milliseconds. Source: the postmortem deadline of 48 hours and a weekend. */
export const LINK_LIFETIME_MS = 7 * 24 * 3_600_000;

const PURPOSES: readonly TokenPurpose[] = ['link', 'voice', 'delivery', 'handoff'];
const VERSION = 1;
/** 128 bits, half of SHA-256: what RFC 2104 allows to cut to, and links must fit a text message. */
const MAC_BYTES = 16;
const SHORTEST_SECRET = 16;
const COMPACT_OPENING = /^([0-9a-f]{20})-([0-9a-f]{8})$/;
const COMPACT_OPENING_BYTES = 14;
const LONGEST_TOKEN = 1_200;
const MOST_MEMBERS = 20;

/**
 * Makes and checks tokens. The first secret signs, all of them verify: put a new one in front to rotate. A secret has at
 * least 16 characters; fewer, or none at all, throw a RangeError.
 *
 * Format (base64url): version and purpose, flags, expiry (seconds, 4 bytes), opening id, user, delivery, HMAC-SHA256 cut
 * to 16 bytes. Ids are length-prefixed UTF-8; an opening id of the usual form takes 14 bytes. Before the HMAC of a message about
 * several incidents: how many others, and of each whether its opening id is of the usual form, opening id and delivery.
 */
export function createTokens(secret: string | readonly string[]): Tokens {
  const secrets = typeof secret === 'string' ? [secret] : [...secret];
  const [signing] = secrets;
  if (signing === undefined || secrets.some((one) => one.length < SHORTEST_SECRET)) {
    throw new RangeError(
      `Expected secrets of at least ${SHORTEST_SECRET} characters to sign links with; make one with \`openssl rand -hex 32\`.`,
    );
  }
  return {
    sign: (claims) => {
      const payload = encode(claims);
      return Buffer.concat([payload, mac(signing, payload)]).toString('base64url');
    },
    verify: (token, now) => {
      if (token.length > LONGEST_TOKEN || !/^[A-Za-z0-9_-]+$/.test(token))
        return { ok: false, why: 'malformed' };
      const bytes = Buffer.from(token, 'base64url');
      // A second spelling of the same bytes is not the token that was given out.
      if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== token)
        return { ok: false, why: 'malformed' };
      const payload = bytes.subarray(0, -MAC_BYTES);
      const claims = decode(payload);
      if (claims === null) return { ok: false, why: 'malformed' };
      const given = bytes.subarray(-MAC_BYTES);
      const ours = secrets.filter((one) => timingSafeEqual(mac(one, payload), given));
      if (ours.length === 0) return { ok: false, why: 'forged' };
      return claims.e < now ? { ok: false, why: 'expired', claims } : { ok: true, claims };
    },
    derive: (purpose, text) =>
      secrets.map((one) =>
        createHmac('sha256', one).update(`tocsin-${purpose}\0`).update(text).digest('base64url'),
      ),
  };
}

function mac(secret: string, payload: Buffer): Buffer {
  return createHmac('sha256', secret)
    .update('tocsin-token\0')
    .update(payload)
    .digest()
    .subarray(0, MAC_BYTES);
}

const COMPACT = 1;
const HAS_USER = 2;
const HAS_DELIVERY = 4;
const HAS_MEMBERS = 8;

function encode(claims: TokenClaims): Buffer {
  const seconds = Math.ceil(claims.e / 1_000);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 0xffffffff) {
    throw new RangeError(
      `Expected the expiry of a token to be an instant up to the year 2106, got ${claims.e}.`,
    );
  }
  const compact = COMPACT_OPENING.exec(claims.o);
  const head = Buffer.alloc(6);
  head.writeUInt8((VERSION << 4) | PURPOSES.indexOf(claims.p), 0);
  head.writeUInt8(
    (compact === null ? 0 : COMPACT) |
      (claims.u === undefined ? 0 : HAS_USER) |
      (claims.d === undefined ? 0 : HAS_DELIVERY) |
      (claims.m === undefined ? 0 : HAS_MEMBERS),
    1,
  );
  head.writeUInt32BE(seconds, 2);
  return Buffer.concat([
    head,
    compact === null ? prefixed(claims.o) : Buffer.from(`${compact[1] ?? ''}${compact[2] ?? ''}`, 'hex'),
    ...(claims.u === undefined ? [] : [prefixed(claims.u)]),
    ...(claims.d === undefined ? [] : [prefixed(claims.d)]),
    ...(claims.m === undefined ? [] : membersOf(claims.m)),
  ]);
}

function membersOf(members: readonly TokenMember[]): readonly Buffer[] {
  if (members.length > MOST_MEMBERS)
    throw new RangeError(
      `Expected a token for at most ${MOST_MEMBERS + 1} deliveries, got ${members.length + 1}.`,
    );
  return [
    Buffer.from([members.length]),
    ...members.flatMap(({ o, d }) => {
      const compact = COMPACT_OPENING.exec(o);
      return compact === null
        ? [Buffer.from([0]), prefixed(o), prefixed(d)]
        : [Buffer.from([COMPACT]), Buffer.from(`${compact[1] ?? ''}${compact[2] ?? ''}`, 'hex'), prefixed(d)];
    }),
  ];
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 255) throw new RangeError('Expected an id in a token to have at most 255 bytes.');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function decode(payload: Buffer): TokenClaims | null {
  if (payload.length < 7) return null;
  const first = payload.readUInt8(0);
  const p = PURPOSES[first & 0x0f];
  const flags = payload.readUInt8(1);
  if (first >> 4 !== VERSION || p === undefined || flags > (COMPACT | HAS_USER | HAS_DELIVERY | HAS_MEMBERS))
    return null;
  let at = 6;
  const take = (length: number): Buffer | null => {
    if (at + length > payload.length) return null;
    at += length;
    return payload.subarray(at - length, at);
  };
  const text = (): string | null => take(take(1)?.[0] ?? Number.POSITIVE_INFINITY)?.toString('utf8') ?? null;
  const o = (flags & COMPACT) === 0 ? text() : opening(take(COMPACT_OPENING_BYTES));
  const u = (flags & HAS_USER) === 0 ? undefined : text();
  const d = (flags & HAS_DELIVERY) === 0 ? undefined : text();
  const members = (): readonly TokenMember[] | null => {
    const found: TokenMember[] = [];
    for (let left = take(1)?.[0] ?? Number.POSITIVE_INFINITY; left > 0; left -= 1) {
      const form = take(1)?.[0];
      const opened = form === COMPACT ? opening(take(COMPACT_OPENING_BYTES)) : form === 0 ? text() : null;
      const delivery = text();
      if (opened === null || delivery === null) return null;
      found.push({ o: opened, d: delivery });
    }
    return found;
  };
  const m = (flags & HAS_MEMBERS) === 0 ? undefined : members();
  if (o === null || u === null || d === null || m === null || at !== payload.length) return null;
  return {
    p,
    o,
    ...(u === undefined ? {} : { u }),
    ...(d === undefined ? {} : { d }),
    ...(m === undefined ? {} : { m }),
    e: payload.readUInt32BE(2) * 1_000,
  };
}

function opening(bytes: Buffer | null): string | null {
  const hex = bytes?.toString('hex');
  return hex === undefined ? null : `${hex.slice(0, 20)}-${hex.slice(20)}`;
}
