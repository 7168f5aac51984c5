import type { Command } from 'commander';
import { z } from 'zod';
import { spanWords } from '../../domain/heartbeat/words.js';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { table } from '../output/table.js';
import { clockWords, relativeWords, terminalZone } from '../output/times.js';
import { addApiCommand } from './api-command.js';

const STATES = ['waiting', 'beating', 'missed', 'unknown'] as const;

const answer = z.object({
  at: z.number(),
  heartbeats: z.array(
    // What else the API tells goes on to programs (--json).
    z.looseObject({
      id: z.string(),
      service: z.string(),
      everyMs: z.number(),
      graceMs: z.number(),
      state: z.enum(STATES),
      lastBeat: z.number().nullable(),
      dueAt: z.number().nullable(),
      missedAt: z.number().nullable(),
    }),
  ),
});

/** `tocsin heartbeats`: what says that it lives, and what does not. */
export function addHeartbeats(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'heartbeats',
    summary: 'heartbeats with their state',
    description:
      'Lists the heartbeats of the configuration: their state, their last beat, and when the next one is missed. `waiting` has not beaten yet; `unknown` is not watched (yet).',
    examples: [
      ['heartbeats', 'all of them'],
      ['heartbeats --missed', 'those that are missed'],
      ['heartbeats --json', 'for a program'],
    ],
  })
    .option('--missed', 'only those that are missed')
    .action(async (flags: ApiFlags & { readonly missed?: boolean }) => {
      const client = await createApiClient(flags, context);
      const found = expect(answer, await client.get('/v1/heartbeats'));
      const heartbeats = found.heartbeats.filter(({ state }) => flags.missed !== true || state === 'missed');
      if (flags.json === true) return context.print(JSON.stringify({ ...found, heartbeats }, null, 2));
      if (found.heartbeats.length === 0)
        return context.print('The configuration has no heartbeats: see docs/heartbeats.md.');
      if (heartbeats.length === 0) return context.print('No heartbeat is missed.');
      const { colours } = context;
      const { at } = found;
      const time = (instant: number): string =>
        `${clockWords(instant, at, terminalZone())} ${colours.dim(relativeWords(instant, at))}`;
      const paint: Readonly<Record<(typeof STATES)[number], (text: string) => string>> = {
        waiting: colours.dim,
        beating: colours.green,
        missed: colours.red,
        unknown: colours.yellow,
      };
      context.print(
        table([
          ['HEARTBEAT', 'SERVICE', 'STATE', 'LAST BEAT', 'EXPECTED'].map((text) => colours.dim(text)),
          ...heartbeats.map(({ id, service, state, lastBeat, dueAt, everyMs, graceMs }) => [
            safe(id),
            safe(service),
            paint[state](state),
            lastBeat === null ? colours.dim('none') : time(lastBeat),
            `every ${spanWords(everyMs)}${graceMs === 0 ? '' : ` (+${spanWords(graceMs)})`}${dueAt === null ? '' : `, missed from ${time(dueAt)}`}`,
          ]),
        ]),
      );
    });
}
