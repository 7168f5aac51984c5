import type { ProviderSettings } from '../../config/provider-settings.js';
import type { Config } from '../../config/types.js';
import { createProviders, type ProviderEnvironment } from './create-providers.js';
import { createNtfy } from './ntfy/provider.js';
import { accountOf, type Provider } from './provider.js';
import { createSmsGateway } from './sms-gateway/provider.js';
import { createWebhook } from './webhook/provider.js';

/** How each kind of the config's `providers` is made. A new kind is one row. */
function providerOf(settings: ProviderSettings, now: () => number): Provider | null {
  switch (settings.kind) {
    case 'ntfy':
      return createNtfy(settings, now);
    case 'webhook':
      return createWebhook(settings, now);
    case 'sms-gateway':
      return createSmsGateway(settings, now);
    case 'twilio':
    case 'smtp':
      return null;
    default:
      return settings satisfies never;
  }
}

/**
 * All providers in the order in which they are tried: those of the config in its order, Twilio and SMTP (set up by
 * environment variables) where the config lists them, else first. Follows a reload of the config.
 * @throws ProviderSetupError when a provider of the environment is set up by half
 */
export function createProviderSet(
  environment: ProviderEnvironment,
  config: () => Pick<Config, 'providers'>,
  now: () => number = () => Date.now(),
): () => readonly Provider[] {
  const fixed = createProviders(environment, now);
  let made: { readonly of: Config['providers']; readonly providers: readonly Provider[] } | null = null;
  return () => {
    const { providers: settings } = config();
    if (made?.of !== settings) made = { of: settings, providers: inOrder(fixed, settings, now) };
    return made.providers;
  };
}

function inOrder(
  fixed: readonly Provider[],
  settings: Config['providers'],
  now: () => number,
): readonly Provider[] {
  const listed = new Set<string>(settings.map(({ kind }) => kind));
  return [
    ...fixed.filter((provider) => !listed.has(accountOf(provider))),
    ...settings.flatMap((one) => {
      const provider = providerOf(one, now);
      return provider === null ? fixed.filter((each) => accountOf(each) === one.kind) : [provider];
    }),
  ];
}
