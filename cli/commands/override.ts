import { Option, type Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { safe } from '../output/safe.js';
import { change, changeText, momentWords, override, type Override } from '../output/schedule-change.js';
import { table } from '../output/table.js';
import { terminalZone } from '../output/times.js';
import { addApiCommand, examplesText } from './api-command.js';
import { withQuery } from '../query.js';

interface Flags extends ApiFlags {
  readonly from?: string;
  readonly to?: string;
  readonly for?: string;
  readonly slot?: string;
  readonly insteadOf?: string;
  readonly reason?: string;
  readonly by?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly schedule?: string;
  readonly user?: string;
  readonly cancelled?: boolean;
  readonly gives?: string;
  readonly takes?: string;
}

const TIMES =
  'Times: "2026-12-24 18:00" or a date in the zone of the schedule, 2026-12-24T18:00+01:00, or now. Lengths: 90m, 8h, 7d.';

const page = z.object({ overrides: z.array(override), next: z.string().optional() });

/** `tocsin override add`, `list`, `show`, `cancel` and `swap`: who is on call instead. */
export function addOverride(program: Command, context: Context): void {
  const parent = program
    .command('override')
    .summary('put somebody else on call for a time, or let two swap')
    .description(
      'Changes who is on call for a time, without a change of the configuration: overrides, temporary shifts and swaps.',
    )
    .addHelpText(
      'after',
      examplesText([
        ['override add payments fay --for 8h --reason "Bob is ill"', 'fay is primary for the next 8 hours'],
        ['override list', 'what counts now and later'],
        [
          'override swap payments alice bob --gives 2026-12-22 --takes 2026-12-29 --reason holidays',
          'two swap',
        ],
        ['override cancel ov-0123456789abcdef', 'taken back'],
      ]),
    );
  addAdd(parent, context);
  addList(parent, context);
  addShow(parent, context);
  addCancel(parent, context);
  addSwap(parent, context);
}

function writing(command: Command): Command {
  return command
    .option('--by <user>', 'id of the user who does it (default: the API key)')
    .option('--dry-run', 'change nothing; show before and after');
}

/** Sends a change, and says what came of it. */
async function send(path: string, body: object, flags: Flags, context: Context): Promise<void> {
  const client = await createApiClient(flags, context);
  const found = await client.post(path, {
    ...body,
    ...(flags.by === undefined ? {} : { by: flags.by }),
    ...(flags.dryRun === true ? { dryRun: true } : {}),
  });
  context.print(
    flags.json === true ? JSON.stringify(found, null, 2) : changeText(expect(change, found), context),
  );
}

function addAdd(parent: Command, context: Context): void {
  const command = addApiCommand(parent, {
    usage: 'add <schedule> <user>',
    writes: 'once',
    summary: 'put a user on call for a time',
    description: `Gives a place of a schedule to a user for a time, whatever its rotations say. Where nobody would be on call it fills the gap. ${TIMES}`,
    examples: [
      ['override add payments fay --for 8h --reason "Bob is ill"', 'from now on'],
      [
        'override add payments fay --from "2026-12-24 18:00" --to 2026-12-27 --instead-of bob --reason holidays',
        "bob's shifts of that time",
      ],
      [
        'override add payments fay --slot secondary --for 2h --reason training --dry-run',
        'what it would change',
      ],
    ],
  });
  writing(command)
    .option('--from <time>', 'the beginning (default: now)')
    .option('--to <time>', 'the end, not included')
    .addOption(new Option('--for <length>', 'how long, instead of --to').conflicts('to'))
    .addOption(
      new Option('--slot <slot>', 'which place').choices(['primary', 'secondary']).default('primary'),
    )
    .option('--instead-of <user>', 'only while this user would have the place')
    .requiredOption('--reason <text>', 'why, for those who read the schedule')
    .option('--force', 'also when others no longer count by it')
    .action(async (schedule: string, user: string, flags: Flags) => {
      const { from, to, for: length, slot, insteadOf, reason, force } = flags;
      if (to === undefined && length === undefined)
        throw new CliFailure('It is not said when it ends.', {
          code: 'no-end',
          exitCode: EXIT.badUsage,
          remedy: 'Add --for 8h, or --to "2026-12-24 18:00". Run with --help for examples.',
        });
      const times = { from, to, for: length, insteadOf, force };
      await send('/v1/overrides', { schedule, user, slot, reason, ...times }, flags, context);
    });
}

function overrideTable(overrides: readonly Override[], context: Context): string {
  const now = context.now();
  const zone = terminalZone();
  return table([
    ['OVERRIDE', 'SCHEDULE', 'WHO', 'FROM', 'UNTIL', 'WHY'].map((text) => context.colours.dim(text)),
    ...overrides.map((each) => [
      safe(each.id),
      `${safe(each.schedule)} ${safe(each.slot)}`,
      `${safe(each.user)}${each.insteadOf === undefined ? '' : ` instead of ${safe(each.insteadOf)}`}`,
      momentWords(each.from, now, zone),
      momentWords(each.to, now, zone),
      `${safe(each.reason)} (${safe(each.by)})${each.swapId === undefined ? '' : ', a swap'}${each.cancelledAt === undefined ? '' : context.colours.red(`, taken back ${momentWords(each.cancelledAt, now, zone)}`)}`,
    ]),
  ]);
}

function addList(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'list',
    summary: 'list overrides',
    description: `Lists the overrides that count now and later, or in another time; times are shown in the zone of this machine. ${TIMES}`,
    examples: [
      ['override list', 'now and later, of all schedules'],
      ['override list --schedule payments --from 2026-12-01 --to 2027-01-01 --cancelled', 'all of December'],
    ],
  })
    .option('--schedule <id>', 'of one schedule')
    .option('--user <id>', 'in which this user takes or gives a place')
    .option('--from <time>', 'that count then or later (default: now)')
    .option('--to <time>', 'that begin before')
    .option('--cancelled', 'also those that were taken back')
    .action(async (flags: Flags) => {
      const client = await createApiClient(flags, context);
      const { schedule, user, from, to } = flags;
      const cancelled = flags.cancelled === true ? 'true' : undefined;
      const overrides: Override[] = [];
      let cursor: string | undefined;
      do {
        const query = { schedule, user, from, to, cancelled, limit: '100', cursor };
        const found = expect(page, await client.get(withQuery('/v1/overrides', query)));
        overrides.push(...found.overrides);
        cursor = found.next;
      } while (cursor !== undefined);
      if (flags.json === true) return context.print(JSON.stringify({ overrides }, null, 2));
      context.print(overrides.length === 0 ? 'There are no overrides.' : overrideTable(overrides, context));
    });
}

function addShow(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'show <override>',
    summary: 'show one override',
    description: 'Shows one override by its id, also one that is over.',
    examples: [['override show ov-0123456789abcdef', '']],
  }).action(async (id: string, flags: Flags) => {
    const client = await createApiClient(flags, context);
    const found = await client.get(`/v1/overrides/${encodeURIComponent(id)}`);
    context.print(
      flags.json === true
        ? JSON.stringify(found, null, 2)
        : overrideTable([expect(override, found)], context),
    );
  });
}

function addCancel(parent: Command, context: Context): void {
  const command = addApiCommand(parent, {
    usage: 'cancel <override>',
    writes: 'once',
    summary: 'take an override back',
    description:
      'Takes an override back: from now on it does not count. Of a swap both halves are taken back, as far as they are not over.',
    examples: [
      ['override cancel ov-0123456789abcdef --by bob', ''],
      ['override cancel ov-0123456789abcdef --dry-run', 'who would be on call without it'],
    ],
  });
  writing(command).action((id: string, flags: Flags) =>
    send(`/v1/overrides/${encodeURIComponent(id)}/cancel`, {}, flags, context),
  );
}

/** What somebody gives away: a whole shift by a time in it, or `from..to`. */
function sideOf(user: string, text: string): object {
  const [from = '', to] = text.split('..');
  return to === undefined ? { user, at: text } : { user, from: from.trim(), to: to.trim() };
}

function addSwap(parent: Command, context: Context): void {
  const command = addApiCommand(parent, {
    usage: 'swap <schedule> <first> <second>',
    writes: 'once',
    summary: 'let two users swap shifts',
    description: `The first of two users gives a shift away, and takes one of the second's. A time means the whole shift around it; from..to a part. ${TIMES}`,
    examples: [
      [
        'override swap payments alice bob --gives 2026-12-22 --takes 2026-12-29 --reason holidays',
        'their shifts around these dates',
      ],
      [
        'override swap payments alice bob --gives "2026-12-24 18:00..2026-12-25 09:00" --takes 2026-12-29 --reason family --dry-run',
        'what one night for a shift would change',
      ],
    ],
  });
  writing(command)
    .requiredOption('--gives <time>', 'what the first gives: a time in the shift, or from..to')
    .requiredOption('--takes <time>', 'what the first takes of the second')
    .requiredOption('--reason <text>', 'why, for those who read the schedule')
    .action((schedule: string, first: string, second: string, flags: Flags) =>
      send(
        '/v1/swaps',
        {
          schedule,
          first: sideOf(first, flags.gives ?? ''),
          second: sideOf(second, flags.takes ?? ''),
          reason: flags.reason,
        },
        flags,
        context,
      ),
    );
}
