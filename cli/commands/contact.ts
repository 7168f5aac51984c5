import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiClient, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { sentLines, sentSchema, standingWords } from '../output/contact-methods.js';
import { safe } from '../output/safe.js';
import { table } from '../output/table.js';
import { clockWords, terminalZone } from '../output/times.js';
import { addApiCommand } from './api-command.js';
import { addCard } from './contact-card.js';

interface ByFlags extends ApiFlags {
  readonly by?: string;
}

interface TestFlags extends ByFlags {
  readonly method?: readonly string[];
}

const person = z.object({
  id: z.string(),
  name: z.string(),
  reachable: z.enum(['yes', 'unproven', 'no']),
  methods: z.array(
    z.object({
      id: z.string(),
      channel: z.string(),
      address: z.string(),
      standing: z.enum(['trusted', 'verified', 'unverified']),
      since: z.number().optional(),
    }),
  ),
});
const people = z.object({
  verification: z.enum(['known', 'not-known-yet', 'no-store']),
  you: z.string().optional(),
  users: z.array(person),
});

/** `tocsin contact`: whether people's numbers and addresses lead to them, and test pages. */
export function addContact(program: Command, context: Context): void {
  const contact = program
    .command('contact')
    .summary('confirm numbers and addresses, send test pages')
    .description(
      'Whether people can be reached: their contact methods, which of them they have confirmed by typing back a code, and test pages by the ways of real ones.',
    );
  addList(contact, context);
  addVerify(contact, context);
  addConfirm(contact, context);
  addForget(contact, context);
  addTest(contact, context);
  addCard(contact, context);
}

function addList(contact: Command, context: Context): void {
  addApiCommand(contact, {
    usage: 'list [user]',
    summary: 'list people’s contact methods, and which of them count',
    description:
      'Lists contact methods with masked addresses. verified: its person typed back a code. trusted: the configuration says so, or nobody could type a code back. unverified: it is used, but where a person has no other the next step is paged at once as well.',
    examples: [
      ['contact list', 'everybody'],
      ['contact list alice', 'one person'],
    ],
  }).action(async (user: string | undefined, flags: ApiFlags) => {
    const client = await createApiClient(flags, context);
    const found = await client.get(
      user === undefined ? '/v1/users' : `/v1/users/${encodeURIComponent(user)}`,
    );
    if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
    const { verification, users } =
      user === undefined
        ? expect(people, found)
        : expect(
            people
              .omit({ users: true })
              .extend({ user: person })
              .transform(({ user: one, ...rest }) => ({ ...rest, users: [one] })),
            found,
          );
    const { colours } = context;
    const colour = { trusted: colours.dim, verified: colours.green, unverified: colours.yellow } as const;
    context.print(
      table([
        ['USER', 'METHOD', 'ADDRESS', 'STATE'].map((text) => colours.dim(text)),
        ...users.flatMap(({ id, methods }) =>
          methods.length === 0
            ? [[safe(id), '–', '–', colours.red('no way to be paged')]]
            : methods.map(({ id: method, address, standing, since }, index) => [
                index === 0 ? safe(id) : '',
                safe(method),
                safe(address),
                colour[standing](
                  since === undefined
                    ? standing
                    : `${standing} ${clockWords(since, context.now(), terminalZone())}`,
                ),
              ]),
        ),
      ]),
    );
    if (verification !== 'known') context.say(standingWords(verification));
    const open = users.flatMap(({ id, methods }) =>
      methods
        .filter(({ standing }) => standing === 'unverified')
        .map((method) => ({ id, method: method.id })),
    );
    const [first] = open;
    if (first !== undefined)
      context.say(`  tocsin contact verify ${safe(first.id)} ${safe(first.method)}    sends a code`);
  });
}

function pathOf(user: string, method: string, end = ''): string {
  return `/v1/users/${encodeURIComponent(user)}/methods/${encodeURIComponent(method)}/verification${end}`;
}

const byOption = ['--by <user>', 'id of the user who does it (default: the API key)'] as const;
const byOf = ({ by }: ByFlags): object => (by === undefined ? {} : { by });

function addVerify(contact: Command, context: Context): void {
  addApiCommand(contact, {
    usage: 'verify <user> <method>',
    writes: 'once',
    summary: 'send a code to a contact method',
    description:
      'Sends six digits by this method; a call says them. They are good for ten minutes. At most five codes a day go to one address.',
    examples: [
      ['contact verify alice sms-1', 'then: tocsin contact confirm alice sms-1 <code>'],
      ['contact list alice', 'tells the ids of her methods'],
    ],
  })
    .option(...byOption)
    .action(async (user: string, method: string, flags: ByFlags) => {
      const client = await createApiClient(flags, context);
      const answer = await client.post(pathOf(user, method), byOf(flags));
      const { sent } = expect(z.object({ sent: sentSchema }), answer);
      if (sent.outcome === 'failed') context.setExitCode(EXIT.failed);
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      context.print(sentLines([sent], context));
      if (sent.outcome !== 'failed')
        context.say(`  tocsin contact confirm ${safe(user)} ${safe(method)} <code>    within ten minutes`);
    });
}

function addConfirm(contact: Command, context: Context): void {
  addApiCommand(contact, {
    usage: 'confirm <user> <method> <code>',
    writes: 'once',
    summary: 'type a code back',
    description: 'The code that was sent last counts, for ten minutes and five tries.',
    examples: [['contact confirm alice sms-1 493027', 'the six digits that Alice read']],
  })
    .option(...byOption)
    .action(async (user: string, method: string, code: string, flags: ByFlags) => {
      const client = await createApiClient(flags, context);
      const answer = await client.post(pathOf(user, method, '/confirm'), { code, ...byOf(flags) });
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      context.print(`Confirmed: ${safe(method)} leads to ${safe(user)}.`);
    });
}

function addForget(contact: Command, context: Context): void {
  addApiCommand(contact, {
    usage: 'forget <user> <method>',
    writes: 'once',
    summary: 'take a confirmation back',
    description: 'The number or address counts as unverified again, until a new code is typed back.',
    examples: [['contact forget alice sms-1', 'her number was given to somebody else']],
  })
    .option(...byOption)
    .action(async (user: string, method: string, flags: ByFlags) => {
      const client = await createApiClient(flags, context);
      const answer = await client.post(pathOf(user, method, '/forget'), byOf(flags));
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      context.print(`Forgotten: ${safe(method)} of ${safe(user)} counts again once a code is typed back.`);
    });
}

function addTest(contact: Command, context: Context): void {
  addApiCommand(contact, {
    usage: 'test [user]',
    writes: 'once',
    summary: 'send a test page, marked [TEST]',
    description:
      'Pages somebody by each contact method, calls included, through the workers and providers of the running Tocsin. No incident is opened. To oneself with a key of one’s own, to anybody with a key of the scope admin. Exit code 1 when a method failed.',
    examples: [
      ['contact test', 'oneself, with a key that is a user’s'],
      ['contact test alice --method voice-1', 'only call her'],
    ],
  })
    .option(
      '--method <id>',
      'only by this contact method; may be given several times (default: all)',
      (id: string, before: readonly string[] | undefined) => [...(before ?? []), id],
    )
    .option(...byOption)
    .action(async (user: string | undefined, flags: TestFlags) => {
      const client = await createApiClient(flags, context);
      const whom = user ?? (await oneself(client));
      const answer = await client.post(`/v1/users/${encodeURIComponent(whom)}/test-page`, {
        ...(flags.method === undefined ? {} : { methods: flags.method }),
        ...byOf(flags),
      });
      const { sent } = expect(z.object({ sent: z.array(sentSchema) }), answer);
      if (sent.length === 0 || sent.some(({ outcome }) => outcome === 'failed'))
        context.setExitCode(EXIT.failed);
      if (flags.json === true) return context.print(JSON.stringify(answer, null, 2));
      if (sent.length === 0) return context.print(`${safe(whom)} has no way to be paged.`);
      context.print(sentLines(sent, context));
      context.say('What a provider took has left: see whether it arrives.');
    });
}

/** @throws CliFailure `bad-usage` when the key is nobody’s */
async function oneself(client: ApiClient): Promise<string> {
  const { you } = expect(people, await client.get('/v1/users'));
  if (you !== undefined) return you;
  throw new CliFailure('The API key is not a user’s: say whom to page.', {
    code: 'bad-usage',
    exitCode: EXIT.badUsage,
    remedy: 'tocsin contact test alice',
  });
}
