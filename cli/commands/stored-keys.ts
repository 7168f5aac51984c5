import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { table } from '../output/table.js';
import { clockWords, terminalZone } from '../output/times.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';

interface CreateFlags extends ApiFlags {
  readonly scope: string;
  readonly user?: string;
  readonly expires?: string;
  readonly for?: string;
  readonly by?: string;
}

interface ListFlags extends ApiFlags {
  readonly revoked?: boolean;
}

interface RevokeFlags extends ApiFlags {
  readonly by?: string;
}

const key = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.string(),
  user: z.string().optional(),
  createdBy: z.string(),
  expiresAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  revokedAt: z.number().optional(),
  revokedBy: z.string().optional(),
});

type Key = z.output<typeof key>;

/** `tocsin keys create` */
export function addCreate(keys: Command, context: Context): void {
  addApiCommand(keys, {
    usage: 'create <name>',
    writes: 'once',
    summary: 'make a key, which is told once',
    description:
      'Makes a key and prints it: once, since only a hash of it is kept. Needs a key of scope admin, such as those of the configuration. What scopes allow, each with those before: read (see everything), respond (act on incidents, make overrides and calendars), admin (everything). integration:<id> sends alerts of that integration, and nothing else.',
    examples: [
      ['keys create "Alice’s laptop" --scope respond --user alice --for 90d', 'acts as Alice, for 90 days'],
      ['keys create "wall screen" --scope read', 'sees everything, changes nothing'],
      ['keys create Frankfurt --scope integration:prometheus', 'for a second Alertmanager'],
    ],
  })
    .requiredOption('--scope <scope>', 'read, respond, admin, or integration:<id>')
    .option(
      '--user <user>',
      'id of the user as whom it acts, and nobody else (default: nobody in particular)',
    )
    .option('--expires <time>', 'when it ends (default: never)')
    .option('--for <duration>', 'how long it is good for, instead of --expires, e.g. 90d')
    .option('--by <user>', 'id of the user who makes it (default: the API key)')
    .action(async (name: string, flags: CreateFlags) => {
      const { scope, user, expires, for: length, by } = flags;
      const client = await createApiClient(flags, context);
      const answer = await client.post('/v1/keys', {
        ...{ name, scope },
        ...(user === undefined ? {} : { user }),
        ...(expires === undefined ? {} : { expires }),
        ...(length === undefined ? {} : { for: length }),
        ...(by === undefined ? {} : { by }),
      });
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      const { secret, key: made } = expect(z.object({ secret: z.string(), key }), answer);
      context.print(safe(secret));
      context.say(
        `Keep it now: it is not told again. ${made.expiresAt === undefined ? 'It has no end.' : `It ends ${when(made.expiresAt, context)}.`}`,
      );
      context.say(`  tocsin keys revoke ${safe(made.id)}    takes it back`);
    });
}

/** `tocsin keys list` */
export function addList(keys: Command, context: Context): void {
  addApiCommand(keys, {
    usage: 'list',
    summary: 'list the keys, without what makes them work',
    description:
      'Lists the keys of the store, and those of the configuration. The keys themselves were told when they were made. Needs a key of scope admin.',
    examples: [
      ['keys list', 'all that open something'],
      ['keys list --revoked', 'also those that were taken back'],
    ],
  })
    .option('--revoked', 'those that were taken back, too')
    .action(async (flags: ListFlags) => {
      const isAll = flags.revoked === true;
      const query = { revoked: isAll || flags.json !== true ? 'true' : undefined };
      const client = await createApiClient(flags, context);
      const found = await client.get(withQuery('/v1/keys', query));
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      const { keys: made, configured } = expect(
        z.object({
          keys: z.array(key),
          configured: z.array(z.object({ id: z.string(), scope: z.string() })),
        }),
        found,
      );
      const all = isAll ? made : made.filter(({ revokedAt }) => revokedAt === undefined);
      const { dim } = context.colours;
      context.print(
        table([
          ['ID', 'NAME', 'SCOPE', 'ACTS AS', 'MADE BY', 'LAST USED', 'STATE'].map((text) => dim(text)),
          ...all.map((each) => [
            safe(each.id),
            safe(each.name),
            safe(each.scope),
            safe(each.user ?? '–'),
            safe(each.createdBy),
            each.lastUsedAt === undefined ? 'never' : when(each.lastUsedAt, context),
            stateOf(each, context),
          ]),
          ...configured.map(({ id, scope }) => [
            dim('–'),
            safe(id),
            safe(scope),
            '–',
            'configuration',
            dim('not kept'),
            `apiKeys.${safe(id)}`,
          ]),
        ]),
      );
      const gone = made.length - all.length;
      if (gone > 0)
        context.say(
          `${gone === 1 ? '1 was' : `${gone} were`} taken back: --revoked shows ${gone === 1 ? 'it' : 'them'}.`,
        );
      if (made.length === 0)
        context.say('None was made so far. `tocsin keys create <name> --scope respond` makes one.');
    });
}

/** `tocsin keys revoke` */
export function addRevoke(keys: Command, context: Context): void {
  addApiCommand(keys, {
    usage: 'revoke <key>',
    writes: 'once',
    summary: 'take a key back',
    description:
      'Takes a key back: it opens nothing any more, on every process within two seconds. Needs a key of scope admin.',
    examples: [['keys revoke 3f9a1c0b7d2e', 'by its id, as `keys list` tells it']],
  })
    .option('--by <user>', 'id of the user who does it (default: the API key)')
    .action(async (id: string, flags: RevokeFlags) => {
      const client = await createApiClient(flags, context);
      const answer = await client.post(
        `/v1/keys/${encodeURIComponent(id)}/revoke`,
        flags.by === undefined ? {} : { by: flags.by },
      );
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      const { name } = expect(z.object({ key }), answer).key;
      context.print(`Taken back: the key ${safe(id)} (${safe(name)}).`);
    });
}

function stateOf({ expiresAt, revokedAt, revokedBy }: Key, context: Context): string {
  const { dim } = context.colours;
  if (revokedAt !== undefined)
    return dim(`taken back ${when(revokedAt, context)} by ${safe(revokedBy ?? '')}`);
  if (expiresAt === undefined) return 'good';
  const until = when(expiresAt, context);
  return expiresAt > context.now() ? `good until ${until}` : dim(`ended ${until}`);
}

function when(at: number, context: Context): string {
  return clockWords(at, context.now(), terminalZone());
}
