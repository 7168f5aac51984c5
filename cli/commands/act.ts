import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { safe } from '../output/safe.js';
import { addApiCommand, type ApiCommandWords } from './api-command.js';

interface Flags extends ApiFlags {
  readonly by?: string;
  readonly reason?: string;
  readonly user?: readonly string[];
  readonly team?: readonly string[];
  readonly schedule?: readonly string[];
  readonly service?: readonly string[];
}

/** One thing that people do about an incident. */
interface Action extends ApiCommandWords {
  /** Last part of the API's address. */
  readonly path: string;
  /** Whether a reason may be given. */
  readonly reason?: true;
  /** Options that may be given several times: whom it is about. */
  readonly whom?: typeof WHOM;
  /** What the arguments after the incident become in the request. */
  readonly body: (words: readonly string[]) => Body;
}

type Body = Readonly<Record<string, string | readonly string[]>>;

/** Options that name people to page: the API's name for them, and their words. */
const WHOM = {
  user: ['users', 'page this user (may be repeated)'],
  team: ['teams', 'page everybody of this team (may be repeated)'],
  schedule: ['schedules', 'page who is on call in this schedule, primary first (may be repeated)'],
  service: ['services', "page along this service's escalation policy (may be repeated)"],
} as const;

const none = (): Body => ({});
const text = (words: readonly string[]): Body => ({ text: words.join(' ') });

const actions: readonly Action[] = [
  {
    usage: 'ack <incident>',
    path: 'acknowledge',
    summary: 'acknowledge: somebody has it',
    description: 'Acknowledges an incident, so that nobody else is paged for it.',
    examples: [
      ['ack 7KQ2 --by alice', 'alice has it'],
      ['ack 7KQ2', 'whoever holds the API key has it'],
    ],
    body: none,
  },
  {
    usage: 'take <incident>',
    path: 'take',
    summary: 'take an incident over from its owner',
    description: 'Takes an incident over from whoever has it; they are told.',
    examples: [['take 7KQ2 --by bob', 'bob has it now']],
    body: none,
  },
  {
    usage: 'progress <incident>',
    path: 'progress',
    summary: 'say "still on it"',
    description: 'Says that the owner is still on it, so that it does not escalate for lack of progress.',
    examples: [['progress 7KQ2 --by alice', '30 more minutes']],
    body: none,
  },
  {
    usage: 'resolve <incident>',
    path: 'resolve',
    summary: 'resolve: it is fixed',
    description:
      'Says that it is fixed. While alerts still fire it counts as mitigated and is looked at again; else it is watched, then resolved.',
    examples: [['resolve 7KQ2 --by alice', 'alice fixed it']],
    body: none,
  },
  {
    usage: 'escalate <incident>',
    path: 'escalate',
    summary: 'page the next tier now',
    description: 'Pages the next tier at once.',
    examples: [['escalate 7KQ2 --by alice --reason "needs a DBA"', 'the next tier reads the reason']],
    reason: true,
    body: none,
  },
  {
    usage: 'severity <incident> <severity>',
    path: 'severity',
    summary: 'raise or lower the severity',
    description: 'Changes the severity; what it asks for is done at once.',
    examples: [['severity 7KQ2 SEV1 --by alice --reason "customers affected"', 'more people are told']],
    reason: true,
    body: ([severity = '']) => ({ severity }),
  },
  {
    usage: 'update <incident> <text...>',
    path: 'updates',
    summary: 'post a status update',
    description: 'Posts a status update; it counts as progress.',
    examples: [['update 7KQ2 --by alice rolling back the deploy', 'no quotes needed']],
    body: text,
  },
  {
    usage: 'note <incident> <text...>',
    path: 'notes',
    summary: 'add a note to the timeline',
    description: 'Adds a note to the timeline, for those who read it later. It is no progress.',
    examples: [['note 7KQ2 --by alice "see the graph of 14:02"', '']],
    body: text,
  },
  {
    usage: 'snooze <incident> <duration>',
    path: 'snooze',
    summary: 'have it, and be left alone for a while',
    description:
      'Whoever snoozes has it. Until it ends nothing is asked of them; then they are paged again. From 5 minutes to 24 hours, unless the configuration says otherwise.',
    examples: [
      ['snooze 7KQ2 30m --by alice', 'alice has it, and is paged again in half an hour'],
      ['snooze 7KQ2 1h30m', 'for whoever holds the API key; the policy is paged then'],
    ],
    body: ([duration = '']) => ({ for: duration }),
  },
  {
    usage: 'unack <incident>',
    path: 'unacknowledge',
    summary: 'undo an acknowledgement: nobody has it',
    description:
      'Takes an acknowledgement back: nobody has it, and paging begins anew at the first step. Whoever was told who has it is told.',
    examples: [['unack 7KQ2 --by alice', 'that was a slip: page again']],
    body: none,
  },
  {
    usage: 'reassign <incident> <user>',
    path: 'reassign',
    summary: 'ask somebody to take it over',
    description:
      'Pages a user to take an incident over. Until they answer its owner keeps it; if they do not, the tier above the owner is paged.',
    examples: [['reassign 7KQ2 bob --by alice --reason "my shift is over"', 'bob is paged, and reads why']],
    reason: true,
    body: ([to = '']) => ({ to }),
  },
  {
    usage: 'page <incident>',
    path: 'responders',
    summary: 'page people, teams or services to help',
    description:
      'Pages people beside the escalation policy. Who has the incident keeps it; who answers joins. One of --user, --team, --schedule and --service at least.',
    examples: [
      ['page 7KQ2 --user carol --by alice --reason "needs a DBA"', 'carol is paged to help'],
      ['page 7KQ2 --service payments --schedule network', 'along the policy of payments, and who is on call'],
    ],
    reason: true,
    whom: WHOM,
    body: none,
  },
];

/** One more of an option that may be repeated. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** What the options that name people become in the request. */
function whomOf(flags: Flags): Body {
  return Object.fromEntries(
    Object.entries(WHOM).flatMap(([option, [field]]) => {
      const ids = flags[option as keyof typeof WHOM];
      return ids === undefined ? [] : [[field, ids]];
    }),
  );
}

const answer = z.object({ outcome: z.string(), sentence: z.string() });

/** `tocsin ack`, `resolve`, and whatever else people do about an incident. */
export function addActions(program: Command, context: Context): void {
  for (const action of actions) {
    const command = addApiCommand(program, { ...action, writes: 'once-if-unchanged' }).option(
      '--by <user>',
      'id of the user who does it (default: the API key)',
    );
    if (action.reason === true)
      command.option('--reason <text>', 'why, for the timeline and those who are paged');
    for (const [option, [, words]] of Object.entries(action.whom ?? {}))
      command.option(`--${option} <id>`, words, collect);
    command.action(async (...given: unknown[]) => {
      const [incident = '', ...words] = command.args;
      const flags = command.opts<Flags>();
      void given;
      if (action.whom !== undefined && Object.keys(whomOf(flags)).length === 0)
        throw new CliFailure('Nobody was named to be paged.', {
          code: 'nobody-named',
          exitCode: EXIT.badUsage,
          remedy: 'Name somebody with --user, --team, --schedule or --service. Run with --help for examples.',
        });
      const client = await createApiClient(flags, context);
      const result = await client.post(`/v1/incidents/${encodeURIComponent(incident)}/${action.path}`, {
        ...action.body(words),
        ...whomOf(flags),
        ...(flags.by === undefined ? {} : { by: flags.by }),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      });
      context.print(
        flags.json === true ? JSON.stringify(result, null, 2) : safe(expect(answer, result).sentence),
      );
    });
  }
}
