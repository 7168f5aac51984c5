import { z } from 'zod';
import type { Config } from '../../config/types.js';
import type { ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import type { AskedProcess } from './check-processes.js';
import { fail, ok, warn, type Finding } from './finding.js';
import { firstApi } from './first-api.js';

const NAME = 'Contacts';
/** More would fill the screen. */
const NAMED = 5;

const answer = z.object({
  verification: z.enum(['known', 'not-known-yet', 'no-store']),
  users: z.array(
    z.object({
      id: z.string(),
      reachable: z.enum(['yes', 'unproven', 'no']),
      methods: z.array(z.object({ id: z.string(), standing: z.string() })),
    }),
  ),
});

/**
 * Whether people's contact methods lead to them, as the first API that answers says it, which knows what was confirmed.
 * @param config null: it has errors, which are told elsewhere
 */
export async function checkContacts(
  config: Config | null,
  asked: readonly AskedProcess[],
  flags: Pick<ApiFlags, 'dataDir'>,
  context: Context,
): Promise<readonly Finding[]> {
  const told = await firstApi('/v1/users', answer, { asked, flags, context });
  if (typeof told !== 'string') return findings(told.answer, told.url);
  const needCode = [...(config?.users.values() ?? [])].filter(({ methods }) =>
    methods.some(({ needsProof }) => needsProof === true),
  );
  if (needCode.length === 0) return [];
  return [ok(NAME, `whose are confirmed only a running Tocsin knows: ${told}`)];
}

function findings({ verification, users }: z.output<typeof answer>, url: string): readonly Finding[] {
  const mute = users.filter(({ reachable }) => reachable === 'no').map(({ id }) => id);
  const unproven = users.filter(({ reachable }) => reachable === 'unproven');
  const open = users.flatMap(({ id, methods }) =>
    methods.filter(({ standing }) => standing === 'unverified').map((method) => ({ id, method: method.id })),
  );
  const [first] = unproven.flatMap(({ id }) => open.find((each) => each.id === id) ?? []);
  const command = (one: { readonly id: string; readonly method: string }): string =>
    `tocsin contact verify ${safe(one.id)} ${safe(one.method)}`;
  return [
    ...(mute.length === 0
      ? []
      : [
          fail(
            NAME,
            `${names(mute)} can’t be paged at all`,
            'Give them a phone, or take them out of the schedules.',
          ),
        ]),
    ...(first === undefined
      ? []
      : [
          warn(
            NAME,
            `${names(unproven.map(({ id }) => id))} confirmed no contact method for pages: the next step is paged at once as well`,
            `Send a code: ${command(first)}. Or trust them: \`trusted: true\`, \`defaults.contactMethods\` (docs/contact-methods.md).`,
          ),
        ]),
    ...(first === undefined && open[0] !== undefined
      ? [
          ok(
            NAME,
            `everybody has one that counts; not confirmed: ${names(open.map(({ id, method }) => `${id} ${method}`))}`,
          ),
        ]
      : []),
    ...(mute.length === 0 && open.length === 0
      ? [
          ok(
            NAME,
            verification === 'known'
              ? 'all of them count'
              : `all of them count, since ${verification === 'no-store' ? `${url} has no store to keep confirmations in` : `the store of ${url} has not answered yet`}`,
          ),
        ]
      : []),
  ];
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, NAMED).map(safe).join(', ');
  return all.length > NAMED ? `${shown} and ${all.length - NAMED} more` : shown;
}
