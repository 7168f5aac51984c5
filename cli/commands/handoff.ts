import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { momentWords } from '../output/schedule-change.js';
import { table } from '../output/table.js';
import { clockWords, relativeWords, terminalZone } from '../output/times.js';
import { withQuery } from '../query.js';
import { addApiCommand, examplesText } from './api-command.js';

interface ListFlags extends ApiFlags {
  readonly schedule?: string;
  readonly days?: string;
}

interface ByFlags extends ApiFlags {
  readonly by?: string;
}

const list = z.object({
  at: z.number(),
  handoffs: z.array(
    z.looseObject({
      code: z.string(),
      schedule: z.string(),
      slot: z.string(),
      at: z.number(),
      leaving: z.string().nullable(),
      coming: z.string().nullable(),
      status: z.string(),
    }),
  ),
});
const note = z.object({ id: z.string(), text: z.string(), by: z.string(), createdAt: z.number() });

/** `tocsin handoff list`, `confirm`, `note`, `notes` and `forget`: shifts that are handed over. */
export function addHandoff(program: Command, context: Context): void {
  const parent = program
    .command('handoff')
    .summary('hand-overs of shifts: what comes, confirm one, leave notes')
    .description(
      'Shifts are handed over with a digest of what is open. Who comes on duty confirms, and then has what the other leaves open.',
    )
    .addHelpText(
      'after',
      examplesText([
        ['handoff list', 'the coming seven days'],
        ['handoff confirm 7KQ2 --by bob', 'bob takes over'],
        ['handoff note payments "The export job hangs: restart it"', 'stands in the next digest'],
      ]),
    );
  addList(parent, context);
  addConfirm(parent, context);
  addNote(parent, context);
  addNotes(parent, context);
  addForget(parent, context);
}

function addList(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'list',
    summary: 'the hand-overs that come, and those under way',
    description:
      'Lists every change of a primary or secondary in the coming days, with how far its hand-over is. `planned`: nothing runs for it yet.',
    examples: [
      ['handoff list', 'the coming seven days'],
      ['handoff list --schedule payments --days 28', 'of one schedule, four weeks ahead'],
    ],
  })
    .option('--schedule <id>', 'of one schedule')
    .option('--days <number>', 'so many days ahead (default 7)')
    .action(async (flags: ListFlags) => {
      const client = await createApiClient(flags, context);
      const { schedule, days } = flags;
      const found = expect(list, await client.get(withQuery('/v1/handoffs', { schedule, days })));
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      if (found.handoffs.length === 0) return context.print('No shift is handed over in that time.');
      const { colours } = context;
      const who = (id: string | null): string => (id === null ? colours.yellow('nobody') : safe(id));
      context.print(
        table([
          ['AT', 'SCHEDULE', 'PLACE', 'FROM', 'TO', 'CODE', 'STATE'].map((text) => colours.dim(text)),
          ...found.handoffs.map(({ at, schedule: id, slot, leaving, coming, code, status }) => [
            `${momentWords(at, found.at, terminalZone())} ${colours.dim(relativeWords(at, found.at))}`,
            safe(id),
            safe(slot),
            who(leaving),
            who(coming),
            // It means something once the hand-over is under way.
            status === 'planned' ? colours.dim('–') : safe(code),
            painted(status, context),
          ]),
        ]),
      );
    });
}

function painted(status: string, { colours }: Context): string {
  if (status === 'unconfirmed') return colours.red(status);
  if (status === 'asked') return colours.yellow(status);
  return status === 'confirmed' || status === 'done' ? colours.green(status) : safe(status);
}

function addConfirm(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'confirm <handoff>',
    summary: 'confirm one as who comes on duty',
    description:
      'Confirms a hand-over, by its code or id. Before the change it takes effect at the change. Only who comes on duty can confirm; again changes nothing.',
    examples: [['handoff confirm 7KQ2 --by bob', 'bob takes over']],
  })
    .requiredOption('--by <user>', 'id of the user who comes on duty')
    .action(async (id: string, flags: ByFlags) => {
      const client = await createApiClient(flags, context);
      const answer = await client.post(`/v1/handoffs/${encodeURIComponent(id)}/confirm`, { by: flags.by });
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      context.print(safe(expect(z.object({ sentence: z.string() }), answer).sentence));
    });
}

function addNote(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'note <schedule> <text>',
    writes: 'once',
    summary: 'leave a note for whoever comes next',
    description:
      'Keeps a note, which stands in the digests of the hand-overs that end this shift. Everybody who reads those reads it.',
    examples: [['handoff note payments "The export job hangs: restart it" --by alice', 'for the next one']],
  })
    .option('--by <user>', 'id of the user who writes it (default: the API key)')
    .action(async (schedule: string, text: string, flags: ByFlags) => {
      const client = await createApiClient(flags, context);
      const answer = await client.post(`/v1/schedules/${encodeURIComponent(schedule)}/notes`, {
        text,
        ...(flags.by === undefined ? {} : { by: flags.by }),
      });
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      const { id } = expect(z.object({ note }), answer).note;
      context.print(`Noted for the next hand-over of ${safe(schedule)}.`);
      context.say(`  tocsin handoff forget ${safe(schedule)} ${safe(id)}    takes it away`);
    });
}

function addNotes(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'notes <schedule>',
    summary: 'list the notes of a schedule',
    description: 'Lists the notes of the last seven days.',
    examples: [['handoff notes payments', 'with their ids']],
  }).action(async (schedule: string, flags: ApiFlags) => {
    const client = await createApiClient(flags, context);
    const found = await client.get(`/v1/schedules/${encodeURIComponent(schedule)}/notes`);
    if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
    const { notes } = expect(z.object({ notes: z.array(note) }), found);
    if (notes.length === 0)
      return context.print(`There are none. \`tocsin handoff note ${safe(schedule)} <text>\` leaves one.`);
    const { colours } = context;
    context.print(
      table([
        ['ID', 'WHEN', 'BY', 'NOTE'].map((text) => colours.dim(text)),
        ...notes.map(({ id, createdAt, by, text }) => [
          safe(id),
          clockWords(createdAt, context.now(), terminalZone()),
          safe(by),
          safe(text),
        ]),
      ]),
    );
  });
}

function addForget(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'forget <schedule> <note>',
    writes: 'once',
    summary: 'take a note away',
    description: 'Takes a note away: later digests do not have it. Those that went out keep it.',
    examples: [['handoff forget payments note-0123456789abcdef', 'by its id, as `handoff notes` tells it']],
  })
    .option('--by <user>', 'id of the user who does it (default: the API key)')
    .action(async (schedule: string, id: string, flags: ByFlags) => {
      const client = await createApiClient(flags, context);
      const path = `/v1/schedules/${encodeURIComponent(schedule)}/notes/${encodeURIComponent(id)}/remove`;
      const answer = await client.post(path, flags.by === undefined ? {} : { by: flags.by });
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      context.print(`Taken away: ${safe(expect(z.object({ note }), answer).note.text)}`);
    });
}
