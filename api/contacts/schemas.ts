import { z } from 'zod';
import { channel, failureReason } from '../contract/words.js';
import { instant } from '../contract/timeline.js';

/** Whether a contact method counts. */
export const standing = z
  .enum(['trusted', 'verified', 'unverified'])
  .describe(
    'trusted: the configuration says so, or nobody could type a code back. unverified: it is used, and the next step is paged at once as well where a person has no other.',
  );

const method = z
  .object({
    id: z.string().describe('E.g. `sms-1`.'),
    channel,
    address: z.string().describe('Masked: enough for its owner to know it again.'),
    standing,
    since: instant.describe('When it was verified.').exactOptional(),
    by: z.string().describe('Id of the user or API key that typed the code.').exactOptional(),
  })
  .meta({ id: 'ContactMethod' });

/** A person and how they are reached. */
export const personSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    zone: z.string(),
    methods: z.array(method),
    reachable: z
      .enum(['yes', 'unproven', 'no'])
      .describe('By the methods of a page. unproven: none of them counts. no: there is none.'),
  })
  .meta({ id: 'Person' });

/** How it is known. */
export const knownSchema = z.object({
  verification: z
    .enum(['known', 'not-known-yet', 'no-store'])
    .describe('no-store: nothing can be verified, so that everything counts.'),
  asOf: instant.nullable().describe('When the store answered last.').exactOptional(),
});

/** What became of a letter by one method. */
export const sentSchema = z
  .object({
    method: z.string(),
    channel,
    outcome: z
      .enum(['sent', 'failed', 'under-way'])
      .describe('sent: a provider took it. under-way: look again later.'),
    provider: z.string().exactOptional(),
    reason: failureReason.exactOptional(),
    detail: z.string().describe('What the provider said, without the address.').exactOptional(),
  })
  .meta({ id: 'LetterSent' });

/** Parts of the path. */
export const params = {
  id: z.string().describe('Id of the user.'),
  method: z.string().describe('Id of the contact method, e.g. `sms-1`.'),
};
