import { Option, type Command } from 'commander';
import type { Context } from '../context.js';
import type { DoctorFlags } from '../doctor/examine.js';
import type { Finding } from '../doctor/finding.js';
import { EXIT } from '../failure.js';
import { table } from '../output/table.js';
import { addApiCommand } from './api-command.js';

/** `tocsin doctor`: what works and what does not, with a remedy for each. */
export function addDoctor(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'doctor',
    summary: 'look whether everything works, with a remedy for what does not',
    description:
      'Looks at Node, configuration, people, who is on call, Temporal, workers, APIs and their stores, providers and the public address. Which providers fail again and again only a worker knows: where workers run as processes of their own, name their health addresses with --url, or in TOCSIN_WORKER_URLS with commas in between. Several processes are asked whether they have the same store. Nothing is changed, and nothing is sent unless --send asks for it. Exit code 1 when something is broken.',
    examples: [
      ['doctor', 'before going live, and when something is odd'],
      ['doctor --send alice', 'and send her a test message by each of her contact methods but calls'],
      [
        'doctor --url https://tocsin.example.com --url http://worker-1:3002',
        'an API and a worker that run as processes of their own',
      ],
      ['doctor --json', 'for a program'],
    ],
    url: new Option(
      '--url <url>',
      'an API, or the health address of a worker, in place of all settings; may be given several times (default: TOCSIN_URL, else what runs on the data folder; and the workers of TOCSIN_WORKER_URLS)',
    ).argParser((url: string, before: readonly string[] | undefined) => [...(before ?? []), url]),
  })
    .option(
      '--send <user>',
      'send a test message to this user (or group:<id>) by each contact method; nobody is called',
    )
    .action(async (flags: DoctorFlags) => {
      // Loaded only here: the other commands are quicker without the providers' libraries.
      const { examine } = await import('../doctor/examine.js');
      const findings = await examine(flags, context);
      const broken = findings.some(({ status }) => status === 'fail');
      if (broken) context.setExitCode(EXIT.failed);
      if (flags.json === true) {
        context.print(JSON.stringify({ ok: !broken, findings }, null, 2));
      } else {
        context.print(report(findings, context));
      }
    });
}

function report(findings: readonly Finding[], { colours }: Context): string {
  const mark: Readonly<Record<Finding['status'], string>> = {
    ok: colours.green('ok  '),
    warn: colours.yellow('warn'),
    fail: colours.red('fail'),
  };
  const lines = table(findings.map(({ name, status, detail }) => [mark[status], name, detail])).split('\n');
  const told = findings.flatMap(({ remedy }, index) => [
    lines[index] ?? '',
    ...(remedy === undefined ? [] : [`     → ${remedy}`]),
  ]);
  const count = (status: Finding['status']): number =>
    findings.filter((finding) => finding.status === status).length;
  const failures = count('fail');
  const warnings = count('warn');
  const end =
    failures > 0
      ? colours.red(`${failures} broken`)
      : warnings > 0
        ? colours.yellow('Nothing is broken')
        : colours.green('Everything is well');
  return [...told, '', `${end}${warnings > 0 ? `, ${warnings} to look at` : ''}.`].join('\n');
}
