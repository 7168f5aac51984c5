import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { safe } from '../output/safe.js';
import { table } from '../output/table.js';
import { clockWords, terminalZone } from '../output/times.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';

interface SubjectFlags extends ApiFlags {
  readonly person?: string;
  readonly schedule?: string;
}

interface CreateFlags extends SubjectFlags {
  readonly by?: string;
}

interface ListFlags extends SubjectFlags {
  readonly revoked?: boolean;
}

interface RevokeFlags extends ApiFlags {
  readonly by?: string;
}

const calendar = z.object({
  id: z.string(),
  subject: z.object({ kind: z.string(), id: z.string() }),
  createdAt: z.number(),
  createdBy: z.string(),
  revokedAt: z.number().optional(),
  revokedBy: z.string().optional(),
});

/** `tocsin calendar`: addresses for calendar programs to subscribe to. */
export function addCalendar(program: Command, context: Context): void {
  const calendars = program
    .command('calendar')
    .summary('calendars of who is on call, to subscribe to')
    .description(
      'Addresses under which calendar programs read who is on call: all shifts of a person, or all of a schedule.',
    );
  addCreate(calendars, context);
  addList(calendars, context);
  addRevoke(calendars, context);
}

function addCreate(calendars: Command, context: Context): void {
  addApiCommand(calendars, {
    usage: 'create',
    writes: 'once',
    summary: 'make an address, which is told once',
    description:
      'Makes the address of a calendar and prints it: once, since only a hash of it is kept. Whoever has it can read who is on call when, without a key.',
    examples: [
      ['calendar create --person anna', 'all her shifts, in all schedules'],
      ['calendar create --schedule payments', 'all shifts of a schedule'],
    ],
  })
    .option('--person <user>', 'id of the user whose shifts it has')
    .option('--schedule <id>', 'the schedule whose shifts it has')
    .option('--by <user>', 'id of the user who makes it (default: the API key)')
    .action(async (flags: CreateFlags) => {
      const subject = subjectOf(flags);
      if (subject === null) throw oneOf('Say of what: --person <user> or --schedule <id>.');
      const client = await createApiClient(flags, context);
      const answer = await client.post('/v1/calendars', {
        ...subject,
        ...(flags.by === undefined ? {} : { by: flags.by }),
      });
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      const { url, calendar: made } = expect(z.object({ url: z.string(), calendar }), answer);
      context.print(safe(url));
      context.say(
        `Subscribe to it in a calendar program (“from URL”). It is not told again; whoever has it can read it.`,
      );
      context.say(`  tocsin calendar revoke ${safe(made.id)}    takes it back`);
    });
}

function addList(calendars: Command, context: Context): void {
  addApiCommand(calendars, {
    usage: 'list',
    summary: 'list them, without their addresses',
    description: 'Lists the calendars that can be read. Their addresses were told when they were made.',
    examples: [
      ['calendar list', 'all that can be read'],
      ['calendar list --person anna --revoked', 'those of a person, also those that were taken back'],
    ],
  })
    .option('--person <user>', 'of one user')
    .option('--schedule <id>', 'of one schedule')
    .option('--revoked', 'those that were taken back, too')
    .action(async (flags: ListFlags) => {
      const subject = subjectOf(flags);
      const query = { ...subject, revoked: flags.revoked === true ? 'true' : undefined };
      const client = await createApiClient(flags, context);
      const found = await client.get(withQuery('/v1/calendars', query));
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      const { calendars: all } = expect(z.object({ calendars: z.array(calendar) }), found);
      if (all.length === 0)
        return context.print('There are none. `tocsin calendar create --person <user>` makes one.');
      const { colours } = context;
      const when = (at: number): string => clockWords(at, context.now(), terminalZone());
      context.print(
        table([
          ['ID', 'OF', 'MADE', 'BY', 'STATE'].map((text) => colours.dim(text)),
          ...all.map(({ id, subject: of, createdAt, createdBy, revokedAt, revokedBy }) => [
            safe(id),
            safe(`${of.kind} ${of.id}`),
            when(createdAt),
            safe(createdBy),
            revokedAt === undefined
              ? 'can be read'
              : colours.dim(`taken back ${when(revokedAt)} by ${safe(revokedBy ?? '')}`),
          ]),
        ]),
      );
    });
}

function addRevoke(calendars: Command, context: Context): void {
  addApiCommand(calendars, {
    usage: 'revoke <calendar>',
    writes: 'once',
    summary: 'take an address back',
    description:
      'Takes the address of a calendar back: nobody can read it any more. For a new one, make one.',
    examples: [['calendar revoke 3f9a1c0b7d2e', 'by its id, as `calendar list` tells it']],
  })
    .option('--by <user>', 'id of the user who does it (default: the API key)')
    .action(async (id: string, flags: RevokeFlags) => {
      const client = await createApiClient(flags, context);
      const answer = await client.post(
        `/v1/calendars/${encodeURIComponent(id)}/revoke`,
        flags.by === undefined ? {} : { by: flags.by },
      );
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      const { subject } = expect(z.object({ calendar }), answer).calendar;
      context.print(`Taken back: the calendar ${safe(id)} of ${safe(`${subject.kind} ${subject.id}`)}.`);
    });
}

/** @throws CliFailure when both are given */
function subjectOf({
  person,
  schedule,
}: SubjectFlags): { readonly kind: string; readonly id: string } | null {
  if (person !== undefined && schedule !== undefined)
    throw oneOf('A calendar is of a person or of a schedule: use one of --person and --schedule.');
  if (person !== undefined) return { kind: 'person', id: person };
  return schedule === undefined ? null : { kind: 'schedule', id: schedule };
}

function oneOf(message: string): CliFailure {
  return new CliFailure(message, {
    code: 'bad-usage',
    exitCode: EXIT.badUsage,
    remedy: 'tocsin calendar create --person anna, or: tocsin calendar create --schedule payments',
  });
}
