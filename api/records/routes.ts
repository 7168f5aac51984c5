import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addRoute } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { requireStore, STORE_ERRORS } from '../store-errors.js';

/** The answer of `POST /v1/records/rebuild`. */
export const rebuiltSchema = z
  .object({
    there: z.int().describe('Incidents and reviews that the store had already, with all of their entries.'),
    added: z.int().describe('Those of which it lacked something.'),
    entries: z.int().describe('Entries of timelines that were added.'),
    unreadable: z
      .array(z.object({ workflowId: z.string(), why: z.string() }))
      .describe('Those that could not be read, and why.'),
    next: z.string().exactOptional().describe('Where to go on. Absent: that was all.'),
  })
  .meta({ id: 'RecordsRebuilt' });

const body = z.object({
  cursor: z.string().min(1).max(2_000).optional().describe('`next` of the answer before.'),
});

/** `/v1/records`: filling the store from Temporal. */
export function recordRoutes(app: FastifyInstance, { records }: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/records/rebuild',
    {
      tag: 'operating',
      summary: 'Fill the store with the timelines that Temporal still has',
      description:
        'Reads the next 10 incidents and reviews, open and closed, and keeps what the store lacks of them; go on with `next` until there is none. Done again it changes nothing. For a store that was lost, or that came late.',
      auth: 'api-key',
      scope: 'admin',
      body: { schema: body, optional: true, examples: { first: {} } },
      answers: { 200: { description: 'What came of these.', body: rebuiltSchema } },
      errors: [...STORE_ERRORS, 'invalid-query', 'temporal-unavailable', 'worker-unavailable'],
    },
    async ({ body: { cursor } }) => requireStore(records).rebuild(cursor),
  );
}
