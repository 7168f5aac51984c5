import { randomBytes } from 'node:crypto';
import { createProviderSet } from '../../activities/providers/provider-set.js';
import type { Config } from '../../config/types.js';
import { failureWords } from '../../domain/messages/labels.js';
import { testLetter } from '../../domain/messages/contact-letters.js';
import { closest } from '../../config/closest.js';
import { fail, ok, warn, type Finding } from './finding.js';

type Variables = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 8_000;

/** What a test message needs of the set-up. */
export interface TestSend {
  readonly config: Config;
  readonly env: Variables;
  /** Id of a user, or `group:<id>`. */
  readonly to: string;
  readonly now: number;
}

/**
 * Sends one test page to each contact method of a person, through each provider that would serve it, the ones in reserve
 * too, as this shell has them set up: before anything runs. `tocsin contact test` has the workers of a running Tocsin do it, and
 * calls as well. Nobody is called here, and no incident is opened.
 */
export async function sendTest({ config, env, to, now }: TestSend): Promise<readonly Finding[]> {
  const user = config.person(to);
  if (user === null) {
    const meant = closest(to, [...config.users.keys()]);
    return [
      fail(
        'Test',
        `there is no user ${JSON.stringify(to)}`,
        meant === undefined
          ? 'Name one of `users`, or group:<id>.'
          : `Did you mean ${JSON.stringify(meant)}?`,
      ),
    ];
  }
  const providers = createProviderSet(env, () => config)();
  const run = randomBytes(6).toString('hex');
  const letter = testLetter(`test-${run}`, 'tocsin doctor', now);
  const findings: Finding[] = [];
  for (const method of user.methods) {
    const { id, channel, address } = method;
    if (channel === 'voice') {
      findings.push(ok(`Test ${id}`, 'nobody is called for a test'));
      continue;
    }
    const able = providers.filter((provider) => provider.channel === channel);
    if (able.length === 0) {
      findings.push(
        warn(
          `Test ${id}`,
          `no provider for ${channel} is set up in this shell`,
          'Set its environment variables here as for the worker; `tocsin up` may use its phone booth.',
        ),
      );
    }
    for (const provider of able) {
      const name = `Test ${id} by ${provider.name}`;
      const result = await provider.sendLetter(
        letter,
        { userId: user.id, name: user.name, address, zone: user.zone },
        {
          idempotencyKey: `test/${run}/${id}/${provider.name}`,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
      );
      findings.push(
        result.ok
          ? ok(name, 'handed over: see whether it arrives')
          : fail(
              name,
              failureWords(result.reason),
              result.detail === undefined ? 'Look at the provider’s own log.' : `It said: ${result.detail}.`,
            ),
      );
    }
  }
  return findings;
}
