import type { Command } from 'commander';
import type { Context } from '../context.js';
import type { ProcessFlags } from '../up/run-process.js';

const HELP = `
Start as many as you like against one Temporal, behind one address that shares requests out by /readyz, and at least one
\`tocsin worker\`. The order of starting does not matter: alerts are taken, durably, before a worker runs.

Settings (environment), the same for every worker and API of one installation:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, or TEMPORAL_PROFILE of temporal.toml
  TOCSIN_CONFIG                      file or folder of YAML, read again by itself when it changes, and the keys it names
  TOCSIN_SECRET                      checks links; \`openssl rand -hex 32\` makes one
  TOCSIN_SECRET_PREVIOUS             accepted in links too, during a change of the secret
  TOCSIN_PUBLIC_URL                  where phones, browsers and Twilio reach the APIs
  TWILIO_AUTH_TOKEN                  checks what Twilio brings: replies and key presses
  DATABASE_URL                       PostgreSQL for what is kept beside Temporal; without it this process has no store
This process's own:
  PORT, HOST                         where it listens (default 3000 on 127.0.0.1)
  TOCSIN_DRAIN_SECONDS               at the end: not ready, but answering, for so long before it closes (default 0)
  TOCSIN_LOG_LEVEL                   of its log: JSON lines on stdout

SIGTERM or Ctrl-C drains: no new connection is taken, what was asked is answered (at most 5 s), exit code 0. A second one ends
it at once.

Examples:
  tocsin api --config ./oncall --port 8080
  TOCSIN_DRAIN_SECONDS=10 tocsin api --json    behind a load balancer that looks every few seconds`;

/** `tocsin api`: one of any number of APIs, as a process of its own. */
export function addApi(program: Command, context: Context): void {
  program
    .command('api')
    .summary('run an API as a process of its own')
    .description('Runs an API, which takes alerts and answers, against an existing Temporal until Ctrl-C.')
    .option('--config <path>', 'file or folder of YAML (default: TOCSIN_CONFIG)')
    .option('--port <port>', 'port to listen on (default: PORT, else 3000)')
    .option('--json', 'no sentences; once ready, print where it is as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (flags: ProcessFlags) => {
      // Loaded only here: the other commands are quicker without the server's libraries.
      const { runApiProcess } = await import('../up/run-process.js');
      await runApiProcess(flags, context);
    });
}
