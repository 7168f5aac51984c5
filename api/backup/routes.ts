import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BackupRefused, type BackupRefusal } from '../../store/errors.js';
import { addRoute } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { ApiError, type ErrorCode } from '../errors.js';
import { apiKeyOf } from '../incidents/caller.js';
import { auditOf } from '../schedules/change.js';
import { asked, requireStore, STORE_ERRORS } from '../store-errors.js';
import { openSpool } from './spool.js';
import { unmatchedProofs } from './unmatched-proofs.js';

/** One JSON in a line. */
const LINES = 'application/x-ndjson';

/** `/v1/backup`: all that the store keeps, out and in. */
export function backupRoutes(app: FastifyInstance, deps: AppDeps): void {
  saveRoute(app, deps);
  void app.register((scope, _options, done) => {
    // As it comes: a backup may be larger than memory.
    scope.addContentTypeParser(LINES, (_request, body, parsed) => parsed(null, body));
    restoreRoute(scope, deps);
    done();
  });
}

function saveRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/backup',
    {
      tag: 'operating',
      summary: 'Read a backup of the store',
      description:
        'All of one moment. The first line tells what follows, the last one has a checksum of all before; without that the file was cut off. Keys and the tokens of calendars are in it as hashes, phone numbers and addresses not at all; names of people are, in timelines.',
      auth: 'api-key',
      scope: 'admin',
      answers: {
        200: {
          description: 'One JSON in a line.',
          type: LINES,
          body: z.string(),
          headers: { 'content-disposition': 'A name for the file, with the time of the backup.' },
        },
      },
      errors: [...STORE_ERRORS],
    },
    async (_asked, request, reply) => {
      const { backup } = requireStore(deps.store);
      await openedAtFirst(deps.store);
      const at = deps.now();
      const spool = await openSpool();
      try {
        const { tables } = await asked(
          backup.save((text) => spool.write(text), at),
          'read',
        );
        const rows = tables.reduce((sum, table) => sum + table.rows, 0);
        request.log.info({ key: apiKeyOf(request).id, rows }, 'a backup of the store was read');
        const name = `tocsin-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '')}Z.jsonl`;
        return await reply
          .type(LINES)
          .header('content-length', await spool.size())
          .header('content-disposition', `attachment; filename="${name}"`)
          .header('cache-control', 'no-store')
          .send(spool.readAndClose());
      } catch (error) {
        await spool.close();
        throw error;
      }
    },
  );
}

/** A store that is only being opened is waited for: so long, since a new one takes its time on a busy machine. */
const OPENING_MS = 20_000;

async function openedAtFirst(store: AppDeps['store']): Promise<void> {
  if (store?.state?.().status !== 'starting') return;
  // In vain: what is asked of it then says why.
  await store.untilReady?.(OPENING_MS).catch(() => undefined);
}

const restoredSchema = z
  .object({
    tables: z.array(
      z.object({
        name: z.string(),
        added: z.int().describe('Rows that were put in.'),
        kept: z.int().describe('Rows of the backup that were there already.'),
      }),
    ),
    warnings: z.array(z.string()).describe('What is in and does not count here as it did there.'),
  })
  .meta({ id: 'Restored' });

function restoreRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/backup',
    {
      tag: 'operating',
      summary: 'Put a backup into the store',
      description:
        'All of it or nothing, whatever goes wrong. The store must not be in use yet (what Tocsin fills by itself does not count), unless `merge` is asked for: then rows that exist stay, and the others are added. Sent again, it changes nothing more.',
      auth: 'api-key',
      scope: 'admin',
      query: z.object({
        merge: z.enum(['true', 'false']).optional().describe('`true`: also into a store that is in use.'),
      }),
      body: { schema: z.unknown(), type: LINES, description: 'As GET gave it.' },
      answers: { 200: { description: 'It is in.', body: restoredSchema } },
      errors: ['invalid-backup', 'backup-too-new', 'store-not-empty', ...STORE_ERRORS],
    },
    async ({ query, body }, request) => {
      const { backup } = requireStore(deps.store);
      const audit = auditOf(deps, request, undefined);
      const spool = await openSpool();
      try {
        if (body instanceof Readable) for await (const piece of body) await spool.write(piece as Buffer);
        await openedAtFirst(deps.store);
        const restored = await asked(
          backup.restore(() => spool.read(), { merge: query.merge === 'true' }, audit),
          'write',
        );
        // Others find it at their next look.
        await Promise.all([deps.known?.refresh(), deps.apiKeys?.refresh(), deps.verified?.refresh()]);
        // It is in: what can't be looked up now is no reason to say otherwise.
        const warnings = await unmatchedProofs(deps).catch(() => []);
        return { ...restored, warnings: [...warnings] };
      } catch (error) {
        throw error instanceof BackupRefused ? refused(error) : error;
      } finally {
        await spool.close();
      }
    },
  );
}

const REFUSALS: Readonly<Record<BackupRefusal, { readonly code: ErrorCode; readonly remedy: string }>> = {
  damaged: { code: 'invalid-backup', remedy: 'Use another copy of the backup, or an earlier one.' },
  'too-new': { code: 'backup-too-new', remedy: 'Start that version, or a newer one, and send it there.' },
  'not-empty': {
    code: 'store-not-empty',
    remedy:
      'To add what is missing and leave what is there, ask for `merge` (`tocsin import --merge`); else use an empty store.',
  },
};

function refused(error: BackupRefused): ApiError {
  const { code, remedy } = REFUSALS[error.reason];
  const problems = error.line === null ? [] : [{ path: `line ${error.line}`, message: error.message }];
  return new ApiError(code, error.message, {
    remedy,
    ...(problems.length === 0 ? {} : { problems }),
    cause: error,
  });
}
