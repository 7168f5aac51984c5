import type { Tokens } from './signed-token.js';

/** An address of one person, as the config has it now. */
export interface OwnedAddress {
  readonly userId: string;
  /** A number or an address. It leaves this file only as part of an HMAC. */
  readonly address: string;
}

/** A request for a code: `nonce` is random, and says nothing of the code. */
export interface CodeRequest extends OwnedAddress {
  readonly methodId: string;
  readonly nonce: string;
}

type Derive = Pick<Tokens, 'derive'>;

/** Digits of a code. Source: the size that people know from banks; five wrong tries leave 1 in 200,000. */
export const CODE_DIGITS = 6;

/** The code of a request: one for each secret, that of the newest in front. Another address, another code. */
export function codesOf(
  tokens: Derive,
  { nonce, userId, methodId, address }: CodeRequest,
): readonly string[] {
  const text = JSON.stringify([nonce, userId, methodId, address]);
  return tokens.derive('verification', text).map((derived) => {
    // 48 bits: what the remainder favours is one part in 10^8.
    const number = Buffer.from(derived, 'base64url').readUIntBE(0, 6);
    return String(number % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, '0');
  });
}

/**
 * What is kept of an address that was proven: it says that the address is still the same, and nothing else. By whichever method it
 * was proven. One for each secret, that of the newest in front; 22 characters of base64url.
 */
export function marksOf(tokens: Derive, { userId, address }: OwnedAddress): readonly string[] {
  const text = JSON.stringify([userId, address]);
  return tokens.derive('contact', text).map((derived) => derived.slice(0, 22));
}
