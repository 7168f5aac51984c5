import { Option, type Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { safe } from '../output/safe.js';
import { momentWords } from '../output/schedule-change.js';
import { table } from '../output/table.js';
import { terminalZone } from '../output/times.js';
import { withQuery } from '../query.js';
import { addApiCommand, examplesText } from './api-command.js';

const TIMES =
  'Times: "2026-12-24 18:00" or a date in the zone of the configuration, 2026-12-24T18:00+01:00, or now. Lengths: 90m, 8h, 7d.';

const labelValue = z.union([z.string(), z.number(), z.boolean()]);

const window = z.looseObject({
  id: z.string(),
  origin: z.string(),
  state: z.string(),
  services: z.array(z.string()),
  match: z.record(z.string(), z.union([labelValue, z.array(labelValue)])).optional(),
  from: z.number(),
  to: z.number(),
  reason: z.string(),
  by: z.string().optional(),
  problem: z.string().optional(),
});
type Window = z.output<typeof window>;

const list = z.looseObject({ windows: z.array(window), asOf: z.number().nullable() });

const changed = z.looseObject({
  window,
  sentence: z.string(),
  notes: z.array(z.string()),
  incidents: z.number().nullable(),
});

/** `tocsin maintenance list`, `start` and `end`: times in which alerts are recorded and page nobody. */
export function addMaintenance(program: Command, context: Context): void {
  const parent = program
    .command('maintenance')
    .summary('page nobody for some services or labels, for a time')
    .description(
      'Maintenance windows: alerts are recorded and page nobody; what still fires at the end pages then.',
    )
    .addHelpText(
      'after',
      examplesText([
        ['maintenance start payments --for 2h --reason "database upgrade"', 'from now on'],
        ['maintenance list', 'what is in force, and to come'],
        ['maintenance end mw-0123456789abcdef', 'what still fires pages now'],
      ]),
    );
  addList(parent, context);
  addStart(parent, context);
  addEnd(parent, context);
}

function addList(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'list',
    summary: 'list maintenance windows',
    description: `Lists the windows that count now and within 14 days, or in another time: those of the configuration, each time that they come, and those that people made; times are shown in the zone of this machine. ${TIMES}`,
    examples: [
      ['maintenance list', ''],
      ['maintenance list --ended', 'also those that were ended within the last hour'],
      ['maintenance list --to 2027-01-01', 'until the end of the year'],
    ],
  })
    .option('--from <time>', 'that count then or later (default: now)')
    .option('--to <time>', 'that begin before')
    .option('--ended', 'also those that were ended early, or are over: of the last hour')
    .action(
      async (
        flags: ApiFlags & { readonly from?: string; readonly to?: string; readonly ended?: boolean },
      ) => {
        const client = await createApiClient(flags, context);
        const { from, to } = flags;
        const query = { from, to, ended: flags.ended === true ? 'true' : undefined };
        const found = expect(list, await client.get(withQuery('/v1/maintenance', query)));
        if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
        context.print(
          found.windows.length === 0 ? 'There is no maintenance.' : windowTable(found.windows, context),
        );
      },
    );
}

function windowTable(windows: readonly Window[], context: Context): string {
  const { colours } = context;
  const now = context.now();
  const zone = terminalZone();
  const paint = (state: string): string => {
    if (state === 'in-force') return colours.yellow('in force');
    return state === 'to-come' ? 'to come' : colours.dim(safe(state));
  };
  return table([
    ['WINDOW', 'STATE', 'WHAT', 'FROM', 'UNTIL', 'WHY'].map((text) => colours.dim(text)),
    ...windows.map((each) => [
      safe(each.id),
      paint(each.state),
      whomWords(each),
      momentWords(each.from, now, zone),
      momentWords(each.to, now, zone),
      `${safe(each.reason)} (${each.by === undefined ? 'configuration' : safe(each.by)})${each.problem === undefined ? '' : colours.yellow(' covers nothing: its labels can’t be compared')}`,
    ]),
  ]);
}

function whomWords({ services, match = {} }: Window): string {
  const labels = Object.entries(match).map(
    ([label, value]) => `${label}=${Array.isArray(value) ? value.join('|') : String(value)}`,
  );
  return safe([services.length === 0 ? 'all services' : services.join(', '), ...labels].join(' '));
}

function addStart(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'start [services...]',
    writes: 'once',
    summary: 'page nobody for a time',
    description: `For a time the alerts of these services, or with these labels, are recorded and page nobody, whatever their severity; what still fires at the end pages then. What is being paged already goes on, unless --stop-pages says otherwise. At most 30 days. ${TIMES}`,
    examples: [
      ['maintenance start payments orders --for 2h --reason "database upgrade"', 'from now on'],
      ['maintenance start payments --for 2h --reason upgrade --stop-pages', 'pages under way rest, too'],
      [
        `maintenance start --match 'cluster=~staging-.*' --from "2026-12-01 22:00" --to 2026-12-02 --reason "new hardware"`,
        'alerts with a label, of any service',
      ],
    ],
  })
    .option('--from <time>', 'the beginning (default: now)')
    .option('--to <time>', 'the end, not included')
    .addOption(new Option('--for <length>', 'how long, instead of --to').conflicts('to'))
    .requiredOption('--reason <text>', 'why, for people')
    .option(
      '--match <label>',
      'only alerts with label=value, or label=~expression that matches the whole value; several: all of them',
      (text: string, before: readonly string[]) => [...before, text],
      [] as readonly string[],
    )
    .option('--stop-pages', 'what is being paged of these services rests too, until the end')
    .option('--by <user>', 'id of the user who does it (default: the API key)')
    .action(
      async (
        services: readonly string[],
        flags: ApiFlags & {
          readonly from?: string;
          readonly to?: string;
          readonly for?: string;
          readonly reason: string;
          readonly match: readonly string[];
          readonly stopPages?: boolean;
          readonly by?: string;
        },
      ) => {
        const { from, to, for: length, reason, by } = flags;
        if (to === undefined && length === undefined)
          throw new CliFailure('It is not said when it ends.', {
            code: 'no-end',
            exitCode: EXIT.badUsage,
            remedy: 'Add --for 2h, or --to "2026-12-24 18:00". Run with --help for examples.',
          });
        if (services.length === 0 && flags.match.length === 0)
          throw new CliFailure('It is not said what it is for.', {
            code: 'bad-usage',
            exitCode: EXIT.badUsage,
            remedy: 'Name services, or labels with --match cluster=staging. Run with --help for examples.',
          });
        const match = flags.match.length === 0 ? {} : { match: matchOf(flags.match) };
        await send(
          '/v1/maintenance',
          {
            ...(services.length === 0 ? {} : { services }),
            ...match,
            ...{ from, to, for: length, reason, by },
            ...(flags.stopPages === true ? { stopPages: true } : {}),
          },
          flags,
          context,
        );
      },
    );
}

/** `cluster=staging`, `cluster=~staging-.*`: as the API has it, several values of one label as a list. */
function matchOf(texts: readonly string[]): Readonly<Record<string, string | string[]>> {
  const found = new Map<string, string[]>();
  for (const text of texts) {
    const [, label = '', operator, value = ''] = /^([^=]+)(=~|=)(.+)$/s.exec(text) ?? [];
    if (label === '')
      throw new CliFailure(`${JSON.stringify(text)} is not a label with its value.`, {
        code: 'bad-usage',
        exitCode: EXIT.badUsage,
        remedy: `Write --match cluster=staging, or --match 'cluster=~staging-.*'.`,
      });
    found.set(label, [...(found.get(label) ?? []), operator === '=~' ? `/${value}/` : value]);
  }
  return Object.fromEntries(
    [...found].map(([label, values]) => [label, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

function addEnd(parent: Command, context: Context): void {
  addApiCommand(parent, {
    usage: 'end <window>',
    writes: 'once',
    summary: 'end maintenance before its time',
    description:
      'Ends a window now: what it kept quiet and still fires pages at once, unless another window covers it. One that has not begun never does. Windows of the configuration are changed there.',
    examples: [['maintenance end mw-0123456789abcdef --by alice', '']],
  })
    .option('--by <user>', 'id of the user who does it (default: the API key)')
    .action(async (id: string, flags: ApiFlags & { readonly by?: string }) => {
      const { by } = flags;
      await send(`/v1/maintenance/${encodeURIComponent(id)}/end`, { by }, flags, context);
    });
}

/** Sends a change, and says what came of it. */
async function send(path: string, body: object, flags: ApiFlags, context: Context): Promise<void> {
  const client = await createApiClient(flags, context);
  const found = await client.post(path, body);
  if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
  const { sentence, notes, incidents, window: made } = expect(changed, found);
  context.print(
    [
      `${safe(sentence)} ${context.colours.dim(safe(made.id))}`,
      ...(incidents === null || incidents === 0
        ? []
        : [`${incidents} open incident${incidents === 1 ? ' hears' : 's hear'} of it.`]),
      ...notes.map((note) => `${context.colours.yellow('note')} ${safe(note)}`),
    ].join('\n'),
  );
}
