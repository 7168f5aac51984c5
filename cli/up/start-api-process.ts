import { createTextSender } from '../../activities/providers/sms-gateway/replier.js';
import { startApi } from '../../api/server.js';
import { createTemporalClient } from '../../temporal-config/connection.js';
import { openProcess, type ProcessOptions } from './one-process.js';
import { followStore } from './follow-store.js';
import { openSharedStore } from './own-store.js';
import { requireFreePort } from './ports.js';

/** An API that runs alone. */
export interface StartedApi {
  /** Where it is reached on this machine. */
  readonly url: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
}

/** Channels whose answers come by Twilio. */
const PHONE = ['sms', 'voice'];

/**
 * Starts an API as a process of its own, one of any number.
 * @throws CliFailure and TemporalSetupError as `openProcess`; ListenError
 */
export async function startApiProcess(options: ProcessOptions): Promise<StartedApi> {
  await requireFreePort(options.environment.port, options.environment.host);
  const base = await openProcess(options);
  const { environment, target, holder, log } = base;
  const { cleanups, warn } = options;
  const byPhone = [...holder.current().users.values()].some(({ methods }) =>
    methods.some(({ channel }) => PHONE.includes(channel)),
  );
  const byGateway = holder.current().providers.some(({ kind }) => kind === 'sms-gateway');
  if (byPhone && !byGateway && environment.twilioAuthTokens.length === 0)
    warn(
      'TWILIO_AUTH_TOKEN is not set here, so replies and key presses that Twilio brings are refused. Set it as for the workers.',
    );
  const client = await createTemporalClient(target);
  cleanups.add('', () => client.connection.close());
  const sendText = createTextSender({ config: () => holder.current(), now: options.now, log });
  const shared = openSharedStore({ environment, log, cleanups });
  const { known, apiKeys, verified, nightPages, maintenance } = followStore({
    ...{ ...shared, dataDir: environment.dataDir, log, cleanups, tokens: base.tokens, now: options.now },
    config: () => holder.current(),
  });
  const follows = {
    ...(known === undefined ? {} : { known }),
    ...(maintenance === undefined ? {} : { maintenance }),
    ...(apiKeys === undefined ? {} : { apiKeys }),
    ...(verified === undefined ? {} : { verified }),
    nightPages: () => nightPages.current(),
  };
  const api = await startApi({ ...base, ...shared, ...follows, client, config: holder, sendText });
  const words =
    environment.drainMs === 0
      ? 'closing the API: what it was asked is answered'
      : `closing the API: not ready any more, it goes on answering for ${environment.drainMs / 1_000} s`;
  cleanups.add(words, () => api.stop());
  const temporal = { address: target.address, namespace: target.namespace };
  log.info({ url: api.url, temporal, hash: holder.current().hash }, 'the API is ready');
  return { url: api.url, temporal };
}
