import { createHash, randomBytes } from 'node:crypto';

/** By this prefix people and secret scanners know what they have found. */
const PREFIX = 'tocsin_';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is just above 2^256. */
const SECRET_LENGTH = 43;
/** 62^6 is above 2^32. */
const CHECK_LENGTH = 6;

/** A regular expression for secret scanners: `tocsin_`, 43 characters of 256 random bits, 6 of a checksum. */
export const API_KEY_PATTERN = /^tocsin_[0-9A-Za-z]{49}$/;

/**
 * The key of 32 bytes: random ones, unless they follow from a secret of ours.
 * @throws RangeError for more or fewer bytes
 */
export function apiKeyFrom(bytes: Buffer = randomBytes(32)): string {
  if (bytes.length !== 32) throw new RangeError('Expected 32 bytes for an API key.');
  const secret = base62(bytes, SECRET_LENGTH);
  return `${PREFIX}${secret}${checksumOf(secret)}`;
}

/** Whether a text means to be one of these keys; keys that people made up themselves do not. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** Whether it was copied whole: nothing is asked of a store for a key that was cut off or mistyped. */
export function isWholeApiKey(text: string): boolean {
  if (!API_KEY_PATTERN.test(text)) return false;
  const secret = text.slice(PREFIX.length, -CHECK_LENGTH);
  return checksumOf(secret) === text.slice(-CHECK_LENGTH);
}

/** What is kept of a key, in hex. 256 random bits need no slow hash. Source: NIST SP 800-63B, 5.1.2.2. */
export function hashOfApiKey(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The first 4 bytes of the SHA-256 of prefix and secret. */
function checksumOf(secret: string): string {
  const digest = createHash('sha256').update(PREFIX).update(secret).digest();
  return base62(digest.subarray(0, 4), CHECK_LENGTH);
}

function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let place = 0; place < length; place += 1) {
    text = `${ALPHABET[Number(rest % 62n)] ?? ''}${text}`;
    rest /= 62n;
  }
  return text;
}
