import { z } from 'zod';
import type { ContractAnswer } from './contract.js';
import { answerSchema, notedSchema } from './schemas.js';

/** The part `{id}` of an address. */
export const incidentId = z
  .string()
  .describe(
    'The id of an incident, or its code (4 characters, any case): the open incident with this code, else the latest that had it.',
  )
  .meta({ examples: ['7KQ2', '0123456789abcdef0123-00c0ffee'] });

/** Who asks for a write. */
export const by = z
  .string()
  .min(1)
  .optional()
  .describe('Id of the user who does it. Absent: whoever holds the API key.')
  .meta({ examples: ['alice'] });

/** How a write counts once. */
export const idempotencyHeader = {
  'idempotency-key':
    'A name of your own for this request, 1 to 255 printable characters, best a UUID: sent again it does nothing more and gets the same answer; sent with another request it is refused with `idempotency-key-reused`. Each API key has its own.',
} as const;

/** Headers that an action takes. */
export const actionHeaders = {
  ...idempotencyHeader,
  'if-match':
    'The `ETag` of an earlier answer about this incident: refused with `incident-changed` when something has happened to it since.',
} as const;

/** An action that was carried out. */
export const acted: ContractAnswer = {
  description: 'What was done, as a name for programs and a sentence for people.',
  body: answerSchema,
  example: {
    outcome: 'acknowledged',
    sentence: 'You have it: SEV1 payments, checkout is down.',
    owner: 'alice',
  },
};

/** An action that no worker has taken yet. */
export const noted: ContractAnswer = {
  description: 'No worker took it within 3 seconds. It is durable, and counts as soon as one is back.',
  body: notedSchema,
  example: { outcome: 'pending', sentence: 'Noted. Tocsin is busy right now; a confirmation follows.' },
};
