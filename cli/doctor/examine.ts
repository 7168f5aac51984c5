import { loadConfig } from '../../config/load.js';
import { loadTemporalTarget, plainTarget } from '../../temporal-config/connection.js';
import { messageOf, TemporalSetupError } from '../../temporal-config/errors.js';
import { dataDirOf } from '../api-client.js';
import { shownPath, type Context } from '../context.js';
import { CliFailure } from '../failure.js';
import { chooseConfig, keyNames } from '../up/config-choice.js';
import { readRunState, type RunState } from '../up/run-state.js';
import { readSecrets } from '../up/secrets.js';
import { checkedEnvironment } from '../up/settings.js';
import { askedProcesses, type ProcessFlags } from './asked-processes.js';
import { checkConfigAndPeople } from './check-config.js';
import { checkNode } from './check-machine.js';
import { checkContacts } from './check-contacts.js';
import { checkOnCall } from './check-on-call.js';
import { checkMaintenance } from './check-maintenance.js';
import { checkConfigProviders } from './check-config-providers.js';
import { checkProcesses } from './check-processes.js';
import { answersComeBack, checkProviders, checkPublicUrl } from './check-providers.js';
import { checkStore } from './check-store.js';
import { checkTemporal } from './check-temporal.js';
import { fail, warn, type Finding } from './finding.js';
import { sendTest } from './send-test.js';

/** What `tocsin doctor` can be told. */
export interface DoctorFlags extends ProcessFlags {
  /** Id of a user, or `group:<id>`, to send a test message to. */
  readonly send?: string;
}

/**
 * Looks at everything, side by side. Never rejects for what it finds.
 * @throws CliFailure for addresses of processes that are none
 */
export async function examine(flags: DoctorFlags, context: Context): Promise<readonly Finding[]> {
  const { env } = context;
  const node = checkNode(process.versions.node);
  let environment;
  try {
    environment = checkedEnvironment(env, context.cwd);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return [node, fail('Settings', error.message, error.remedy ?? '')];
  }
  const dataDir = dataDirOf(flags, context);
  const running = await readRunState(dataDir);
  const choice = chooseConfig(environment.configPath ?? running?.config, context.cwd);
  const variables = {
    ...(choice.isExample ? await placeholders(choice.path) : {}),
    ...(await readSecrets(dataDir)),
    ...environment.all,
  };
  const loaded = await loadConfig(choice.path, variables, { secrets: 'optional' });
  const settings = loaded.ok ? loaded.config.providers : [];
  const byGateway = settings.some(({ kind }) => kind === 'sms-gateway');
  const asked = await askedProcesses(flags, context, running);
  const [config, onCall, contacts, maintenance, temporal, processes, providers, store] = await Promise.all([
    checkConfigAndPeople(
      choice.path,
      shownPath(choice.path, context.cwd),
      variables,
      context.now(),
      running?.config === choice.path,
    ),
    checkOnCall(loaded.ok ? loaded.config : null, asked, flags, context),
    checkContacts(loaded.ok ? loaded.config : null, asked, flags, context),
    checkMaintenance({ asked, flags, context }),
    lookAtTemporal(env, running),
    asked.length === 0 ? [] : checkProcesses(asked),
    checkProviders(environment.all, byGateway),
    checkStore(environment.databaseUrl),
  ]);
  const configured = loaded.ok ? await checkConfigProviders(loaded.config, environment.all) : [];
  const address =
    env['TOCSIN_PUBLIC_URL'] === undefined ? (running?.url ?? environment.publicUrl) : environment.publicUrl;
  const tested =
    flags.send !== undefined && loaded.ok
      ? await sendTest({
          config: loaded.config,
          env: environment.all,
          to: flags.send,
          now: context.now(),
        })
      : [];
  return [
    node,
    ...config,
    ...onCall,
    ...contacts,
    ...maintenance,
    ...temporal,
    ...(asked.some(({ expected }) => expected !== 'Worker')
      ? []
      : [
          warn(
            'API',
            `no Tocsin runs on the data folder ${shownPath(dataDir, context.cwd)}`,
            'Start it with `npm start`, or set TOCSIN_URL to where it runs.',
          ),
        ]),
    ...processes,
    ...store,
    ...providers,
    ...configured,
    checkPublicUrl(address, answersComeBack(env, settings)),
    ...tested,
  ];
}

/** `tocsin up` makes up the keys of the examples: before its first run they are no problem. */
async function placeholders(path: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await keyNames(path)).map((name) => [name, `made up by tocsin up: ${name}`]));
}

async function lookAtTemporal(env: Context['env'], running: RunState | null): Promise<readonly Finding[]> {
  try {
    const own =
      running?.temporal === undefined
        ? null
        : plainTarget(running.temporal.address, running.temporal.namespace);
    const target = loadTemporalTarget(env) ?? own;
    if (target !== null) return await checkTemporal(target);
    return [
      warn(
        'Temporal',
        'its own server does not run, and no other is set',
        '`npm start` starts it; for a cluster set TEMPORAL_ADDRESS.',
      ),
    ];
  } catch (error) {
    if (!(error instanceof TemporalSetupError)) throw error;
    return [fail('Temporal', messageOf(error), 'Correct the TEMPORAL_* settings.')];
  }
}
