import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { addApiCommand, type ApiCommandWords } from './api-command.js';

interface Flags extends ApiFlags {
  readonly by?: string;
  readonly reason?: string;
}

/** One thing that people do about an incident. */
interface Action extends ApiCommandWords {
  /** Last part of the API's address. */
  readonly path: string;
  /** Whether a reason may be given. */
  readonly reason?: true;
  /** What the arguments after the incident become in the request. */
  readonly body: (words: readonly string[]) => Readonly<Record<string, string>>;
}

const none = (): Readonly<Record<string, string>> => ({});
const text = (words: readonly string[]): Readonly<Record<string, string>> => ({ text: words.join(' ') });

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
];

const answer = z.object({ outcome: z.string(), sentence: z.string() });

/** `tocsin ack`, `resolve`, and whatever else people do about an incident. */
export function addActions(program: Command, context: Context): void {
  for (const action of actions) {
    const command = addApiCommand(program, action).option(
      '--by <user>',
      'id of the user who does it (default: the API key)',
    );
    if (action.reason === true)
      command.option('--reason <text>', 'why, for the timeline and those who are paged');
    command.action(async (...given: unknown[]) => {
      const [incident = '', ...words] = command.args;
      const flags = command.opts<Flags>();
      void given;
      const client = await createApiClient(flags, context);
      const result = await client.post(`/v1/incidents/${encodeURIComponent(incident)}/${action.path}`, {
        ...action.body(words),
        ...(flags.by === undefined ? {} : { by: flags.by }),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      });
      context.print(
        flags.json === true ? JSON.stringify(result, null, 2) : safe(expect(answer, result).sentence),
      );
    });
  }
}
