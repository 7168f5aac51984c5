import { commandWords, shownPath } from '../context.js';
import type { Colours } from '../output/colours.js';
import { table } from '../output/table.js';
import { standInWords, type StandIns } from './stand-ins.js';
import type { Started } from './start-tocsin.js';

/** What a person reads once everything runs: where it is, and what to try. */
export function summary(started: Started, cwd: string, tookMs: number, colours: Colours): string {
  const { bold, dim, cyan, green, yellow } = colours;
  const { temporal, booth, openIncidents } = started;
  const tocsin = (words: string): string => `${commandWords(cwd)} ${words}${dataFlag(started.dataDir, cwd)}`;
  const rows: string[][] = [
    ['API', cyan(started.url), dim(`its docs: ${started.url}/docs, health: ${started.url}/readyz`)],
    ...(booth === null
      ? []
      : [
          [
            'Phone booth',
            cyan(booth.url),
            dim(`stands in for ${standInWords(booth.standIns)}: ${boothWords(booth.standIns)}`),
          ],
        ]),
    temporal.uiUrl === null
      ? ['Temporal', temporal.address, dim(`namespace ${temporal.namespace}`)]
      : [
          'Temporal UI',
          cyan(temporal.uiUrl),
          dim(`running incidents and their timers (gRPC ${temporal.address})`),
        ],
    ['Config', shownPath(started.config.path, cwd), dim('read again by itself when you change it')],
    ...(started.madeUp.length === 0 ? [] : [['Keys', tocsin('keys'), dim('shows those that were made up')]]),
    ['Data', shownPath(started.dataDir, cwd), dim(`log: ${shownPath(started.logFile, cwd)}`)],
  ];
  return [
    '',
    `  ${green('●')} ${bold('Tocsin is ready')}${dim(`, after ${(tookMs / 1_000).toFixed(1)} s`)}`,
    '',
    indent(table(rows)),
    '',
    ...(openIncidents === null || openIncidents === 0
      ? []
      : [
          `  ${yellow(`${openIncidents} open incident${openIncidents === 1 ? ' goes' : 's go'} on`)}: ${tocsin('incidents')}`,
          '',
        ]),
    ...trial(started, tocsin, colours),
    `  ${dim('Ctrl-C stops all of it. Open incidents go on at the next start.')}`,
    '',
  ].join('\n');
}

function trial(started: Started, tocsin: (words: string) => string, { bold, dim }: Colours): string[] {
  const { tryIt, booth } = started;
  if (tryIt === null) return [];
  const by = tryIt.firstUser === undefined ? '' : ` --by ${tryIt.firstUser}`;
  return [
    `  ${bold('Try it')}: paste this alert into another terminal`,
    '',
    tryIt.curl,
    '',
    ...tryIt.story.map((sentence) => `  ${sentence}`),
    ...(booth?.standIns.phone === true
      ? [`  Acknowledge by replying ACK on that phone at ${booth.url}, by pressing 4 in the call, or with`]
      : ['  Acknowledge by replying ACK to the SMS, by pressing 4 in the call, or with']),
    '',
    indent(
      table([
        [tocsin('incidents'), dim('lists them with their codes')],
        [tocsin(`ack <code>${by}`), dim('takes one')],
        [tocsin('show <code>'), dim('what happened, and what happens next')],
      ]),
      4,
    ),
    '',
  ];
}

function boothWords({ phone }: StandIns): string {
  return phone ? 'read, reply, pick up, press keys' : 'read what was sent';
}

/** The flag by which the command finds this data folder; none when it is the usual one. */
function dataFlag(dataDir: string, cwd: string): string {
  const shown = shownPath(dataDir, cwd);
  if (shown === '.tocsin') return '';
  return ` --data-dir ${/^[\w./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`}`;
}

function indent(text: string, by = 2): string {
  return text.replaceAll(/^/gm, ' '.repeat(by));
}
