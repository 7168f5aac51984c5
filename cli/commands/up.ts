import type { Command } from 'commander';
import type { Context } from '../context.js';
import type { UpFlags } from '../up/run-up.js';

const HELP = `
What it starts, all on this machine:
  Temporal Server with its web UI (found, or built once), or the cluster that TEMPORAL_ADDRESS names
  the worker, which pages people, and the API, which takes alerts and answers
  the phone booth, for what has no provider of its own: phone without any TWILIO_ setting, mail without SMTP_URL and MAIL_FROM

Settings (environment):
  TOCSIN_CONFIG, PORT, HOST, TOCSIN_DATA_DIR, TOCSIN_LOG_LEVEL
  TOCSIN_PUBLIC_URL                  where Twilio and phones reach this machine
  TOCSIN_SECRET                      signs links; made up and kept when it is not set
  TOCSIN_TEMPORAL_PORT, TOCSIN_TEMPORAL_UI_PORT, TOCSIN_BOOTH_PORT
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, SMTP_URL, MAIL_FROM
  DATABASE_URL                       PostgreSQL for what is kept beside Temporal (default: one embedded in the data folder)

Examples:
  npm start
  tocsin up --config ./oncall --port 8080
  tocsin up --data-dir /var/lib/tocsin --json`;

/** `tocsin up`: everything on one machine, in the foreground. */
export function addUp(program: Command, context: Context): void {
  program
    .command('up')
    .summary('run everything on this machine')
    .description('Runs all of Tocsin on this machine, in the foreground, until Ctrl-C.')
    .option('--config <path>', 'file or folder of YAML (default: TOCSIN_CONFIG, else examples/small)')
    .option('--port <port>', 'port of the API (default: PORT, else 3000)')
    .option('--data-dir <folder>', 'where everything is kept (default: TOCSIN_DATA_DIR, else .tocsin)')
    .option('--json', 'once ready, print where everything is as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (flags: UpFlags) => {
      // Loaded only here: the other commands need no worker, and are quicker without.
      const { runUp } = await import('../up/run-up.js');
      await runUp(flags, context);
    });
}
