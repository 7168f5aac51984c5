import type { Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { Environment } from '../../config/environment.js';
import type { ConfigHolder } from '../../config/holder.js';
import { loadTemporalTarget, type TemporalTarget } from '../../temporal-config/connection.js';
import { createTokens, type Tokens } from '../../tokens/signed-token.js';
import { ProcessRegistry } from '../../worker/process-registry.js';
import { CliFailure, EXIT } from '../failure.js';
import { prepareCluster } from './cluster.js';
import { chooseConfig } from './config-choice.js';
import type { Foreground } from './foreground.js';
import { loadHolder } from './running-config.js';
import { signingSecrets } from './settings.js';

/** A process of its own beside others: `tocsin worker` or `tocsin api`. */
export interface ProcessOptions extends Foreground {
  readonly environment: Environment;
  readonly cwd: string;
  readonly now: () => number;
  readonly log: Logger;
}

/** What worker and API are both made of when they are processes of their own. */
export interface ProcessBase {
  readonly environment: Environment;
  readonly target: TemporalTarget;
  readonly holder: ConfigHolder;
  readonly tokens: Tokens;
  readonly log: Logger;
  readonly registry: Registry;
}

/** In which processes that share one installation must agree, with what each is for. */
const SHARED_SETTINGS = {
  TOCSIN_CONFIG: 'the configuration: a file or folder of YAML, or --config',
  TOCSIN_SECRET:
    'signs the links and callbacks that workers write and APIs check: make one with `openssl rand -hex 32`',
  TOCSIN_PUBLIC_URL: 'where phones, browsers and Twilio reach the APIs, e.g. https://tocsin.example.com',
} as const;

/**
 * Checks what several processes must agree on, reads the configuration and keeps it up to date, and gets the Temporal namespace
 * what Tocsin needs (whichever process comes first does it, the others find it done).
 * @throws CliFailure `bad-setting`, `no-temporal`, `config-invalid`; TemporalSetupError as {@link prepareCluster}
 */
export async function openProcess(options: ProcessOptions): Promise<ProcessBase> {
  const { environment, cwd, progress, warn, log } = options;
  requireShared(environment);
  const target = loadTemporalTarget(environment.all);
  if (target === null) throw noTemporal();
  const holder = await loadHolder(
    chooseConfig(environment.configPath, cwd),
    environment.all,
    // Once it runs, what happens is a line of the log.
    { now: options.now, progress: (line) => log.info(line), warn, onReload: options.onReload },
    (sentence, fields) => log.warn(fields, sentence),
  );
  options.cleanups.add('', () => holder.stop());
  progress(
    `Temporal at ${target.address}, namespace ${target.namespace}: looking for what Tocsin needs there`,
  );
  await prepareCluster(target, warn);
  options.signal.throwIfAborted();
  return {
    environment,
    target,
    holder,
    tokens: createTokens(signingSecrets(environment)),
    log,
    registry: new ProcessRegistry(null),
  };
}

function requireShared({ all }: Environment): void {
  const missing = Object.entries(SHARED_SETTINGS).filter(([name]) => (all[name] ?? '').trim() === '');
  if (missing.length === 0) return;
  const lines = missing.map(([name, meaning]) => `\n     ${name}: ${meaning}`);
  throw new CliFailure(
    `Settings are missing in which all workers and APIs of one installation must agree:${lines.join('')}`,
    {
      code: 'bad-setting',
      exitCode: EXIT.badUsage,
      remedy: 'Set them to the same values for every process. `tocsin up` runs all in one process without.',
    },
  );
}

function noTemporal(): CliFailure {
  return new CliFailure(
    'No Temporal is named: TEMPORAL_ADDRESS is not set, and no profile of temporal.toml has an address.',
    {
      code: 'no-temporal',
      exitCode: EXIT.badUsage,
      remedy:
        'Set TEMPORAL_ADDRESS=host:7233 (with TEMPORAL_NAMESPACE, TEMPORAL_API_KEY or TEMPORAL_TLS_… where it needs them), or TEMPORAL_PROFILE. `tocsin up` runs a Temporal Server of its own.',
    },
  );
}
