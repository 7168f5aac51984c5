import { z } from 'zod';
import { createProviderSet } from '../../activities/providers/provider-set.js';
import { exchange } from '../../activities/http.js';
import type { NtfySettings, ProviderSettings, SmsGatewaySettings } from '../../config/provider-settings.js';
import type { Config } from '../../config/types.js';
import { channelWords } from '../../domain/messages/labels.js';
import { fail, ok, warn, type Finding } from './finding.js';

type Variables = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 8_000;
const health = z.object({ healthy: z.boolean() });

/** Whether the providers of the config let us in, and in which order they are tried. Nothing is sent. */
export async function checkConfigProviders(config: Config, env: Variables): Promise<readonly Finding[]> {
  const looked = await Promise.all(config.providers.map((settings) => checkOne(settings, config, env)));
  return [...looked, ...orderOf(config, env)];
}

async function checkOne(settings: ProviderSettings, config: Config, env: Variables): Promise<Finding> {
  switch (settings.kind) {
    case 'ntfy':
      return checkNtfy(settings);
    case 'sms-gateway':
      return checkGateway(settings);
    case 'webhook': {
      const count = [...config.users.values()].filter(({ methods }) =>
        methods.some(({ channel }) => channel === 'webhook'),
      ).length;
      return ok(
        `Webhooks (${settings.id})`,
        `of ${count} ${count === 1 ? 'person' : 'people'}; receivers are not asked: see doctor --send`,
      );
    }
    case 'twilio':
    case 'smtp': {
      const variable = settings.kind === 'twilio' ? 'TWILIO_ACCOUNT_SID' : 'SMTP_URL';
      return (env[variable] ?? '').trim() !== ''
        ? ok(`Place of ${settings.kind}`, 'as the configuration lists it')
        : warn(
            `Place of ${settings.kind}`,
            `listed in the configuration, but ${variable} is not set`,
            `Set ${variable} and what goes with it, or remove ${settings.id} from providers.`,
          );
    }
    default:
      return settings satisfies never;
  }
}

async function checkNtfy({ id, url, token }: NtfySettings): Promise<Finding> {
  const name = `Push (${id})`;
  const ask = (path: string) =>
    exchange({
      method: 'GET',
      url: `${url}${path}`,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      read: 'body',
    });
  try {
    const { status, text } = await ask('/v1/health');
    if (status !== 200 || health.safeParse(json(text)).data?.healthy !== true) {
      return fail(
        name,
        `what answers at ${url} is no healthy ntfy server (HTTP ${status})`,
        `Check providers.${id}.url.`,
      );
    }
    if (token === undefined) {
      return ok(name, `${url} is healthy; it asks for no token, so topics must not be guessable`);
    }
    const account = await ask('/v1/account');
    return account.status === 401 || account.status === 403
      ? fail(
          name,
          `${url} refuses the token (HTTP ${account.status})`,
          'Make a new one with `ntfy token add`, and set its environment variable.',
        )
      : ok(name, `${url} lets us in`);
  } catch {
    return fail(name, `${url} can't be reached`, `Check the network, and providers.${id}.url.`);
  }
}

/** Its key can't be tried without a message: only whether it is there. */
async function checkGateway(settings: SmsGatewaySettings): Promise<Finding> {
  const name = `SMS (${settings.id})`;
  const { origin } = new URL(settings.url.replace(/\$\{[A-Z_][A-Z0-9_]*\}|\{[a-z]+\}/g, 'x'));
  try {
    await exchange({
      method: 'GET',
      url: `${origin}/`,
      headers: {},
      signal: AbortSignal.timeout(TIMEOUT_MS),
      read: 'none',
    });
    return ok(name, `${origin} answers; its key is tried by doctor --send only`);
  } catch {
    return fail(name, `${origin} can't be reached`, `Check the network, and providers.${settings.id}.url.`);
  }
}

/** Which provider stands in for which. Told only where there is a choice. */
function orderOf(config: Config, env: Variables): readonly Finding[] {
  let providers;
  try {
    providers = createProviderSet(env, () => config)();
  } catch {
    // Set up by half: that is told already.
    return [];
  }
  const channels = [...new Set(providers.map(({ channel }) => channel))];
  const orders = channels.flatMap((channel) => {
    const names = providers.filter((provider) => provider.channel === channel).map(({ name }) => name);
    return names.length > 1 ? [`${channelWords(channel)}: ${names.join(', then ')}`] : [];
  });
  return orders.length === 0 ? [] : [ok('Failover', orders.join('; '))];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
