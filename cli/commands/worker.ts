import type { Command } from 'commander';
import type { Context } from '../context.js';
import type { ProcessFlags } from '../up/run-process.js';

const HELP = `
Start as many as you like against one Temporal, and as many \`tocsin api\`. Whichever process comes first gives the namespace
its search attributes and retention; the order of starting does not matter.

Settings (environment), the same for every worker and API of one installation:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, or TEMPORAL_PROFILE of temporal.toml
  TOCSIN_CONFIG                      file or folder of YAML, read again by itself when it changes, and the keys it names
  TOCSIN_SECRET                      signs links; \`openssl rand -hex 32\` makes one
  TOCSIN_SECRET_PREVIOUS             accepted in links too, during a change of the secret
  TOCSIN_PUBLIC_URL                  where phones, browsers and Twilio reach the APIs
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, SMTP_URL, MAIL_FROM
  DATABASE_URL                       PostgreSQL for what is kept beside Temporal; without it this process has no store
This process's own:
  TOCSIN_HEALTH_PORT, HOST           where /healthz, /readyz and /metrics are (default 3002 on 127.0.0.1)
  TOCSIN_CACHED_INCIDENTS            incidents kept in memory between their tasks (default: by the machine's memory)
  TOCSIN_LOG_LEVEL                   of its log: JSON lines on stdout

SIGTERM or Ctrl-C drains: no new work is taken, deliveries under way are seen through (at most 20 s), exit code 0. A second one
ends it at once; other workers take over.

Examples:
  tocsin worker --config ./oncall
  tocsin worker --health-port 0 --json    any free port, told in the line of JSON`;

/** `tocsin worker`: one of any number of workers, as a process of its own. */
export function addWorker(program: Command, context: Context): void {
  program
    .command('worker')
    .summary('run a worker as a process of its own')
    .description('Runs a worker, which pages people, against an existing Temporal until Ctrl-C.')
    .option('--config <path>', 'file or folder of YAML (default: TOCSIN_CONFIG)')
    .option(
      '--health-port <port>',
      'port of its health; 0: any free one (default: TOCSIN_HEALTH_PORT, else 3002)',
    )
    .option('--json', 'no sentences; once ready, print where its health is as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (flags: ProcessFlags) => {
      // Loaded only here: the other commands need no worker, and are quicker without.
      const { runWorkerProcess } = await import('../up/run-process.js');
      await runWorkerProcess(flags, context);
    });
}
