import type { z } from 'zod';
import type { ContactMethod, User } from '../../config/types.js';
import type { Letter } from '../../domain/messages/letter.js';
import type { AppDeps } from '../deps.js';
import { ApiError, RETRY_AFTER_SECONDS } from '../errors.js';
import type { LetterOutcome } from './letters.js';
import type { sentSchema } from './schemas.js';

/** Whom a letter goes to, by which method. */
export interface LetterTo {
  readonly user: User;
  readonly method: ContactMethod;
  readonly letter: Letter;
  /** Names it: the same again is the same letter. Without personal data. */
  readonly id: string;
  readonly triedForMs: number;
  readonly verification?: { readonly nonce: string };
}

/**
 * Writes a letter by one method, and tells what became of it.
 * @throws ApiError `temporal-unavailable`
 */
export async function writeLetter(
  deps: Pick<AppDeps, 'letters' | 'now'>,
  { user, method, letter, id, triedForMs, verification }: LetterTo,
): Promise<z.output<typeof sentSchema>> {
  if (deps.letters === undefined)
    throw new ApiError('temporal-unavailable', 'This API writes no letters.', {
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    });
  const outcome = await deps.letters.write(id, {
    userId: user.id,
    letter,
    by: { kind: 'method', id: method.id },
    idempotencyKey: id,
    until: deps.now() + triedForMs,
    ...(verification === undefined ? {} : { verification }),
  });
  return { method: method.id, channel: method.channel, ...wordsOf(outcome) };
}

function wordsOf(outcome: LetterOutcome): Omit<z.output<typeof sentSchema>, 'method' | 'channel'> {
  switch (outcome.status) {
    case 'under-way':
      return { outcome: 'under-way' };
    case 'sent':
      return { outcome: 'sent', provider: outcome.provider };
    case 'failed': {
      const last = outcome.tries.at(-1);
      return {
        outcome: 'failed',
        reason: last?.reason ?? (outcome.unknown === true ? 'timed-out' : 'bad-address'),
        ...(last?.detail === undefined ? {} : { detail: last.detail }),
      };
    }
    default:
      return outcome satisfies never;
  }
}
