import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { createProviders } from '../../activities/providers/create-providers.js';
import { createProviderHealth } from '../../activities/provider-health.js';
import { createTextSender } from '../../activities/providers/sms-gateway/replier.js';
import { createHandoffPorts } from '../../api/handoff/handoff-ports.js';
import { createHeartbeatTeller } from '../../api/heartbeats/intake.js';
import { startApi } from '../../api/server.js';
import type { Environment } from '../../config/environment.js';
import { createNativeConnection, createTemporalClient } from '../../temporal-config/connection.js';
import { attributes } from '../../temporal-config/search-attributes.js';
import { findTemporal } from '../../temporal-config/server/find-cli.js';
import { runCommand, type RunCommand } from '../../temporal-config/server/run-command.js';
import { createTokens } from '../../tokens/signed-token.js';
import { startWorker } from '../../worker/main.js';
import { installRuntime } from '../../worker/runtime.js';
import { answersComeBack, checkPublicUrl } from '../doctor/check-providers.js';
import { startBooth } from './booth-process.js';
import { prepareCluster } from './cluster.js';
import { chooseConfig, keyNames, type ConfigChoice } from './config-choice.js';
import type { Foreground } from './foreground.js';
import { keyShower, loadHolder } from './running-config.js';
import { openLog } from './logger.js';
import { startOwnTemporal } from './own-temporal.js';
import { portFrom, portSetting, requireFreePort } from './ports.js';
import { followStore } from './follow-store.js';
import { openOwnStore } from './own-store.js';
import type { OwnedDirectory } from './run-state.js';
import { keepSecrets, type Secrets } from './secrets.js';
import { checkedEnvironment, signingSecrets } from './settings.js';
import {
  BOOTH_TOKEN,
  boothEnvironment,
  providerVariables,
  standInsFor,
  standInWords,
  type StandIns,
} from './stand-ins.js';
import { tryIt, type TryIt } from './try-it.js';

/** What starting needs of the command around it. */
export interface StartOptions extends Foreground {
  readonly environment: Environment;
  readonly cwd: string;
  readonly directory: OwnedDirectory;
  readonly now: () => number;
}

/** Where everything is, once it runs. */
export interface Started {
  readonly url: string;
  readonly config: ConfigChoice;
  readonly dataDir: string;
  readonly logFile: string;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly uiUrl: string | null };
  readonly booth: { readonly url: string; readonly standIns: StandIns } | null;
  /** Incidents of before that go on; null when Temporal could not say. */
  readonly openIncidents: number | null;
  readonly tryIt: TryIt | null;
  /** The variables whose keys were made up here. */
  readonly madeUp: readonly string[];
}

const SECRET = 'TOCSIN_SECRET';

/** Starts everything in order; what was started is in `cleanups`, also when a later step fails. */
export async function startTocsin(options: StartOptions): Promise<Started> {
  const { environment, cleanups, progress, warn, now } = options;
  const { dataDir } = environment;
  await requireFreePort(environment.port, environment.host);

  const choice = chooseConfig(environment.configPath, options.cwd);
  const keyVariables = await keyNames(choice.path);
  const secrets = await keepSecrets(
    dataDir,
    [SECRET, BOOTH_TOKEN, ...(choice.isExample ? keyVariables : [])],
    warn,
  );
  // What is really set goes before what was made up.
  const variables = { ...secrets, ...environment.all };

  const logFile = join(dataDir, 'tocsin.log');
  const { log, close } = await openLog(logFile, environment.logLevel, warn);
  cleanups.add('', close);

  const holder = await loadHolder(choice, variables, options, (sentence, fields) =>
    log.warn(fields, sentence),
  );
  cleanups.add('', () => holder.stop());

  const standIns = standInsFor(environment.all, holder.current().providers);
  const url = environment.publicUrl;
  requireProviders(environment, secrets, standIns);
  const reach = checkPublicUrl(url, answersComeBack(environment.all, holder.current().providers));
  if (reach.status !== 'ok') warn(`${reach.detail}. ${reach.remedy ?? ''}`);
  const shownKey = keyShower(keyVariables, secrets, environment.all);
  const began = now();
  const trial = tryIt(holder.current(), localUrl(environment), shownKey, began);
  const temporalStarts = startTemporal(options);
  // It may fail while the booth is still starting; its error is told below.
  temporalStarts.catch(() => undefined);
  const booth =
    standIns.phone || standIns.mail
      ? await settleBoth(
          startBooth({
            port: portSetting(environment.all, 'TOCSIN_BOOTH_PORT') ?? (await portFrom(environment.port + 1)),
            env: {
              ...boothEnvironment(
                environment.all,
                secrets,
                standIns,
                url,
                holder.current(),
                trial?.curl ?? '',
              ),
              BOOTH_FILE: join(dataDir, 'booth.json'),
            },
            onLine: (line) => log.info({ component: 'booth' }, line),
            say: warn,
          }),
          temporalStarts,
        )
      : null;
  if (booth !== null) {
    cleanups.add('stopping the phone booth', () => booth.stop());
    progress(`the phone booth stands in for ${standInWords(standIns)}`);
  }
  const temporal = await temporalStarts;

  const complete = checkedEnvironment(
    {
      ...variables,
      ...(booth === null ? {} : providerVariables(secrets, standIns, booth, environment.all)),
      TOCSIN_DATA_DIR: dataDir,
    },
    options.cwd,
  );
  const registry = await installRuntime(log);
  const connection = await createNativeConnection(temporal.target);
  cleanups.add('', () => connection.close());
  const client = await createTemporalClient(temporal.target, {}, connection);
  const tokens = createTokens(signingSecrets(complete));
  // Made before the worker and the API, so that it is closed after them; opened when they run, which it would slow down.
  let tellRunning: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    tellRunning = resolve;
  });
  const store = openOwnStore({ environment: complete, log, cleanups, after: running });
  const shared = { environment: complete, client, tokens, log, registry };
  progress('starting the worker and the API');
  const health = createProviderHealth();
  const { config, known, apiKeys, verified, nightPages, maintenance } = followStore({
    ...{ store, dataDir, log, cleanups, tokens, now },
    config: () => holder.current(),
  });
  const tellHeartbeat = createHeartbeatTeller({ client, config, now });
  const worker = await startWorker({
    ...{ ...shared, connection, config, health, store, tellHeartbeat },
    handoffs: createHandoffPorts({ client, known }),
    nightPages,
  });
  cleanups.add('draining the worker: deliveries under way are seen through', () => worker.stop());
  const api = await startApi({
    ...shared,
    store,
    ...(known === undefined ? {} : { known }),
    ...(maintenance === undefined ? {} : { maintenance }),
    ...(apiKeys === undefined ? {} : { apiKeys }),
    ...(verified === undefined ? {} : { verified }),
    nightPages: () => nightPages.current(),
    config: holder,
    workerRuns: worker.isRunning,
    refusedProviders: () => health.refused(),
    failingProviders: () => health.failing(),
    sendText: createTextSender({ config: () => holder.current(), now, log }),
  });
  cleanups.add('closing the API', async () => {
    await api.stop();
    // What it accepted a moment ago is paged now, not at the next start.
    await worker.settle();
  });

  const where = {
    address: temporal.target.address,
    namespace: temporal.target.namespace,
    uiUrl: temporal.uiUrl,
  };
  await options.directory.announce({
    url: api.url,
    temporal: where,
    config: choice.path,
    given: keyVariables.filter((name) => (environment.all[name] ?? '').trim() !== ''),
    ...(booth === null ? {} : { booth: booth.httpUrl }),
  });
  log.info({ url: api.url, config: choice.path, hash: holder.current().hash }, 'Tocsin is ready');
  tellRunning();
  // Settled by now: what an earlier run knew is read, and the store, which is only being opened, has refused its first call.
  await known?.loaded;
  return {
    url: api.url,
    config: choice,
    dataDir,
    logFile,
    temporal: where,
    booth: booth === null ? null : { url: booth.httpUrl, standIns },
    openIncidents: await countOpen(client),
    tryIt: tryIt(config(), localUrl(environment), shownKey, began, now()),
    madeUp: keyVariables.filter((name) => environment.all[name] === undefined && secrets[name] !== undefined),
  };
}

/**
 * Half a set-up is told before anything is started.
 * @throws ProviderSetupError
 */
function requireProviders(environment: Environment, secrets: Secrets, standIns: StandIns): void {
  const somewhere = { httpUrl: 'http://127.0.0.1:1', smtpUrl: 'smtp://127.0.0.1:1' };
  createProviders({
    ...environment.all,
    ...providerVariables(secrets, standIns, somewhere, environment.all),
  });
}

async function startTemporal(options: StartOptions) {
  const { environment, cleanups, warn, signal } = options;
  const progress = (line: string): void => {
    // What ends because it is no longer wanted has nothing to tell.
    if (!signal.aborted) options.progress(line);
  };
  const run: RunCommand = (command, args, settings) =>
    runCommand(command, args, { ...settings, signal: AbortSignal.any([settings.signal, signal]) });
  const env = environment.all;
  const source = await findTemporal({ env, onProgress: progress, run });
  signal.throwIfAborted();
  if (source.kind === 'cluster') {
    await prepareCluster(source.target, warn);
    return { target: source.target, uiUrl: null };
  }
  progress('starting the Temporal Server');
  const directory = join(environment.dataDir, 'temporal');
  await mkdir(directory, { recursive: true });
  const own = await startOwnTemporal({
    cli: source.cli.path,
    directory,
    env,
    onProgress: progress,
    say: warn,
  });
  cleanups.add('stopping the Temporal Server', () => own.stop());
  return own;
}

/** Waits for the first; when it fails, only after the second has come to an end too, so that its clean-up is known. */
async function settleBoth<T>(first: Promise<T>, second: Promise<unknown>): Promise<T> {
  try {
    return await first;
  } catch (error) {
    await second.catch(() => undefined);
    throw error;
  }
}

function localUrl({ port, host }: Environment): string {
  const isHere = ['127.0.0.1', '0.0.0.0', '::'].includes(host);
  return `http://${isHere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Counted by visibility; it may be warming up, which is no reason not to start. */
async function countOpen(client: Client): Promise<number | null> {
  try {
    const query = `${attributes.kind.name}="incident" AND ExecutionStatus="Running"`;
    const { count } = await client.connection.withDeadline(Date.now() + 3_000, () =>
      client.workflow.count(query),
    );
    return count;
  } catch {
    return null;
  }
}
