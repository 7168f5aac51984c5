import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DAY } from '../../domain/time/instant.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { idempotencyHeader } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { keyReused } from '../incidents/caller.js';
import { auditOf, CHANGE_ERRORS, fields, idOf } from '../schedules/change.js';
import { scheduleId } from '../schedules/reading-routes.js';
import { asked, requireStore, STORE_ERRORS } from '../store-errors.js';
import { noteSchema } from './schemas.js';

const LONGEST_NOTE = 1_000;
/** No digest looks back further. */
const LISTED_MS = 7 * DAY;

/** `/v1/schedules/{id}/notes`: what whoever comes next should know. They stand in the next digests of the schedule. */
export function noteRoutes(app: FastifyInstance, deps: AppDeps): void {
  const answer = z.object({ note: noteSchema }).meta({ id: 'HandoffNoteAnswer' });
  addRoute(
    app,
    'POST',
    '/v1/schedules/:id/notes',
    {
      tag: 'on call',
      summary: 'Leave a note for whoever comes on duty next',
      description: 'It stands in the digests of the hand-overs that end the shift in which it was written.',
      auth: 'api-key',
      scope: 'respond',
      params: { id: scheduleId },
      headers: idempotencyHeader,
      body: {
        schema: z.object({ text: z.string().trim().min(1).max(LONGEST_NOTE), by: fields.by }),
        examples: { example: { text: 'The export job is slow: restart it when it hangs.', by: 'alice' } },
      },
      answers: { 201: { description: 'It is kept.', body: answer } },
      errors: ['schedule-not-found', ...CHANGE_ERRORS],
    },
    async ({ body }, request, reply) => {
      const { handoffs } = requireStore(deps.store);
      const schedule = scheduleOf(deps, paramOf(request, 'id'));
      const wanted = { id: idOf('note', request), schedule, text: body.text };
      const note = await asked(handoffs.addNote(wanted, auditOf(deps, request, body.by)), 'write');
      if (note.schedule !== schedule || note.text !== body.text) throw keyReused();
      return reply.code(201).send({ note });
    },
  );
  addRoute(
    app,
    'GET',
    '/v1/schedules/:id/notes',
    {
      tag: 'on call',
      summary: 'List the notes of a schedule',
      auth: 'api-key',
      scope: 'read',
      params: { id: scheduleId },
      answers: {
        200: {
          description: 'Those of the last seven days, oldest first.',
          body: z.object({ notes: z.array(noteSchema) }).meta({ id: 'HandoffNoteList' }),
        },
      },
      errors: ['schedule-not-found', ...STORE_ERRORS],
    },
    async (_asked, request) => {
      const { handoffs } = requireStore(deps.store);
      const schedule = scheduleOf(deps, paramOf(request, 'id'));
      return { notes: await asked(handoffs.notes({ schedule, since: deps.now() - LISTED_MS }), 'read') };
    },
  );
  addRoute(
    app,
    'POST',
    '/v1/schedules/:id/notes/:note/remove',
    {
      tag: 'on call',
      summary: 'Take a note away',
      description: 'Digests that went out before keep it. Twice is as good as once.',
      auth: 'api-key',
      scope: 'respond',
      params: { id: scheduleId, note: z.string().describe('`id` of the note.') },
      headers: idempotencyHeader,
      body: { schema: z.object({ by: fields.by }), optional: true, examples: { example: { by: 'alice' } } },
      answers: { 200: { description: 'It is taken away.', body: answer } },
      errors: ['schedule-not-found', 'note-not-found', ...CHANGE_ERRORS],
    },
    async ({ body }, request) => {
      const { handoffs } = requireStore(deps.store);
      scheduleOf(deps, paramOf(request, 'id'));
      const note = await asked(
        handoffs.removeNote(paramOf(request, 'note'), auditOf(deps, request, body.by)),
        'write',
      );
      if (note === null)
        throw new ApiError('note-not-found', 'There is no note of this id.', {
          remedy: 'GET /v1/schedules/{id}/notes (or `tocsin handoff notes`) tells their ids.',
        });
      return { note };
    },
  );
}

/** @throws ApiError `schedule-not-found` */
function scheduleOf(deps: AppDeps, id: string): string {
  const { schedules } = deps.config();
  if (schedules.has(id)) return id;
  throw new ApiError('schedule-not-found', 'The configuration has no such schedule.', {
    remedy: `Use one under \`schedules\` in the configuration: ${[...schedules.keys()].slice(0, 20).join(', ') || 'it has none'}.`,
  });
}
