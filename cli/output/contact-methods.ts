import { z } from 'zod';
import { failureWords } from '../../domain/messages/labels.js';
import type { FailureReason } from '../../domain/incident/event.js';
import { WORTH_ANOTHER_TRY } from '../../domain/providers/failure-reasons.js';
import type { Context } from '../context.js';
import { safe } from './safe.js';
import { table } from './table.js';

/** What became of a letter by one method, as the API tells it. */
export const sentSchema = z.object({
  method: z.string(),
  channel: z.string(),
  outcome: z.enum(['sent', 'failed', 'under-way']),
  provider: z.string().optional(),
  reason: z.string().optional(),
  detail: z.string().optional(),
});

type Sent = z.output<typeof sentSchema>;

/** One line for each method. */
export function sentLines(sent: readonly Sent[], { colours }: Pick<Context, 'colours'>): string {
  const mark: Readonly<Record<Sent['outcome'], string>> = {
    sent: colours.green('sent'),
    failed: colours.red('failed'),
    'under-way': colours.yellow('under way'),
  };
  return table(sent.map((one) => [mark[one.outcome], safe(one.method), wordsOf(one)]));
}

function wordsOf({ outcome, provider, reason, detail }: Sent): string {
  switch (outcome) {
    case 'sent':
      return `${safe(provider ?? 'a provider')} took it`;
    case 'under-way':
      return 'no worker has said yet what became of it';
    case 'failed': {
      const why = isReason(reason) ? failureWords(reason) : safe(reason ?? 'nobody knows why');
      return detail === undefined ? why : `${why}: ${safe(detail)}`;
    }
    default:
      return outcome satisfies never;
  }
}

function isReason(text: string | undefined): text is FailureReason {
  return text !== undefined && Object.hasOwn(WORTH_ANOTHER_TRY, text);
}

/** Why everything counts for now. */
export function standingWords(verification: 'not-known-yet' | 'no-store'): string {
  return verification === 'no-store'
    ? 'This Tocsin has no store: nothing can be verified, so every method counts.'
    : 'The store has not answered since this API began: until it does every method counts.';
}
