import type { z } from 'zod';
import type { coverageSchema } from '../../api/contract/coverage.js';
import { durationWords } from '../../domain/messages/duration-words.js';
import { DAY, type Milliseconds } from '../../domain/time/instant.js';
import type { Colours } from './colours.js';
import { localWords } from './local-times.js';
import { safe } from './safe.js';
import { table } from './table.js';

/** What the API answers, or what the files alone say. */
export type CoverageAnswer = z.output<typeof coverageSchema>;
type Policy = CoverageAnswer['policies'][number];
type Reason = Policy['gaps'][number]['reasons'][number];

/** Rows of one kind and policy that a person is shown; people in a list. */
const MOST_ROWS = 12;
const MOST_PEOPLE = 25;

/** Why a step pages nobody, for people. */
export function reasonWords(reason: Reason): string {
  switch (reason.kind) {
    case 'nobody-on-call':
      return `nobody is ${reason.slot} of ${reason.schedule}`;
    case 'unreachable':
      return `${reason.userId} (${reason.via}) can't be reached`;
    case 'nobody-meant':
      return reason.words;
    default:
      return reason satisfies never;
  }
}

/** "step 2 backup", "catch-all". */
export function stepWords({ step, name }: { readonly step: number | null; readonly name: string }): string {
  return step === null ? name : `step ${step} ${name}`;
}

interface Row {
  readonly from: number;
  readonly to: number;
  readonly what: string;
  readonly why: string;
}

function cut(rows: readonly Row[]): { readonly shown: readonly Row[]; readonly more: number } {
  return { shown: rows.slice(0, MOST_ROWS), more: Math.max(0, rows.length - MOST_ROWS) };
}

function policyTable({ policy, zone, nobody, gaps, repeats }: Policy, colours: Colours): string {
  const kinds = [
    cut(
      nobody.map(({ from, to, isCaught }) => ({
        from,
        to,
        what: colours.red('nobody'),
        why: isCaught ? 'only the catch-all pages anybody' : 'not even the catch-all pages anybody',
      })),
    ),
    cut(
      gaps.map((gap) => ({
        ...gap,
        what: colours.red(safe(stepWords(gap))),
        why: safe(gap.reasons.map(reasonWords).join('; ')),
      })),
    ),
    cut(
      repeats.map((repeat) => ({
        ...repeat,
        what: colours.yellow(safe(stepWords(repeat))),
        why: safe(`repeats ${repeat.people.join(', ')}, paged already by the step before`),
      })),
    ),
  ];
  const rows = kinds.flatMap(({ shown }) => shown);
  const more = kinds.reduce((sum, each) => sum + each.more, 0);
  const lines = table([
    ['WHAT', 'FROM', 'TO', 'LENGTH', 'WHY'].map((text) => colours.dim(text)),
    ...rows.map(({ from, to, what, why }) => [
      what,
      localWords(from, zone),
      localWords(to, zone),
      durationWords(to - from),
      why,
    ]),
  ]);
  const rest = more === 0 ? '' : `\n… and ${more} more: all of them with --json or --csv`;
  return `${colours.bold(safe(policy))} ${colours.dim(`(${zone})`)}\n${lines}${rest}`;
}

/** A table, cut after {@link MOST_PEOPLE} rows beside its heading. */
function peopleTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  colours: Colours,
): string {
  const more = rows.length - MOST_PEOPLE;
  const shown = table([heading.map((text) => colours.dim(text)), ...rows.slice(0, MOST_PEOPLE)]);
  return more > 0 ? `${shown}\n… and ${more} more: all of them with --json` : shown;
}

function unreachableTable({ unreachable }: CoverageAnswer, colours: Colours): string {
  return peopleTable(
    ["CAN'T BE REACHED", 'BY PAGES OF', 'AS', 'POLICIES'],
    unreachable.map(({ userId, name, urgencies, via, policies }) => [
      colours.red(safe(name === userId ? userId : `${name} (${userId})`)),
      `${urgencies.join(' and ')} urgency`,
      safe(via.join(', ')),
      safe(policies.join(', ')),
    ]),
    colours,
  );
}

function unverifiedTable({ unverified }: CoverageAnswer, colours: Colours): string {
  const people = peopleTable(
    ['NO METHOD VERIFIED', 'FOR PAGES OF', 'AS', 'POLICIES', 'MEND IT'],
    unverified.map(({ userId, name, urgencies, via, policies }) => [
      colours.yellow(safe(name === userId ? userId : `${name} (${userId})`)),
      `${urgencies.join(' and ')} urgency`,
      safe(via.join(', ')),
      safe(policies.join(', ')),
      `tocsin contact verify ${safe(userId)}`,
    ]),
    colours,
  );
  return `${people}\n${colours.dim('They are paged, and the next step with them: nobody knows yet whether their messages arrive.')}`;
}

function dutyTable({ duties, tooLong, limits }: CoverageAnswer, colours: Colours): string {
  const over = new Set(tooLong.map(({ userId }) => userId));
  const length = (duty: { readonly from: number; readonly to: number; readonly isCut: boolean } | null) =>
    duty === null ? '–' : `${duty.isCut ? 'at least ' : ''}${durationWords(duty.to - duty.from)}`;
  const notes = (userId: string): string =>
    over.has(userId) && limits.maxDutyMs !== null
      ? colours.yellow(`longer than ${durationWords(limits.maxDutyMs)}`)
      : '';
  return peopleTable(
    ['LONGEST DUTY', 'AS PRIMARY', 'FROM', 'TO', 'AS EITHER', ''],
    duties.map(({ userId, name, zone, primary, either }) => [
      safe(name === userId ? userId : `${name} (${userId})`),
      length(primary),
      primary === null || primary.isCut ? '' : localWords(primary.from, zone),
      primary === null || primary.isCut ? '' : localWords(primary.to, zone),
      length(either),
      notes(userId),
    ]),
    colours,
  );
}

function restTable({ shortRests, duties }: CoverageAnswer, colours: Colours): string {
  const zones = new Map(duties.map(({ userId, zone }) => [userId, zone]));
  const people = [...new Set(shortRests.map(({ userId }) => userId))];
  const rows = people.map((userId) => {
    const own = shortRests.filter((each) => each.userId === userId);
    const shortest = own.reduce((best, each) => (each.to - each.from < best.to - best.from ? each : best));
    return [
      colours.yellow(safe(userId)),
      String(own.length),
      durationWords(shortest.to - shortest.from),
      localWords(shortest.from, zones.get(userId) ?? 'UTC'),
      localWords(shortest.to, zones.get(userId) ?? 'UTC'),
    ];
  });
  return peopleTable(['TOO LITTLE REST', 'TIMES', 'SHORTEST', 'FROM', 'TO'], rows, colours);
}

function ignoredTable({ ignored, zone }: CoverageAnswer, colours: Colours): string {
  return peopleTable(
    ['OVERRIDE OF SOMEBODY WHO HAS LEFT', 'SCHEDULE', 'FROM', 'TO'],
    ignored.map(({ userId, schedule, slot, from, to }) => [
      colours.yellow(safe(userId)),
      safe(`${slot} of ${schedule}`),
      localWords(from, zone),
      localWords(to, zone),
    ]),
    colours,
  );
}

function counted(amount: number, one: string, many: string): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

function spanWords(span: Milliseconds): string {
  const weeks = span / (7 * DAY);
  return Number.isInteger(weeks) ? counted(weeks, 'week', 'weeks') : durationWords(span);
}

/** "26 weeks, 3 policies: nobody is paged in 2 gaps of 14 hours in all, 1 person can't be reached". */
export function coverageSentence({ from, to, summary }: CoverageAnswer): string {
  const { policies, nobody, nobodyMs, gaps, gapsMs, unreachable, unverified } = summary;
  const findings = [
    nobody > 0
      ? `nobody is paged in ${counted(nobody, 'gap', 'gaps')} of ${durationWords(nobodyMs)} in all`
      : '',
    gaps > 0 ? `${counted(gaps, 'gap', 'gaps')} of single steps (${durationWords(gapsMs)})` : '',
    unreachable > 0 ? `${counted(unreachable, 'person', 'people')} can't be reached` : '',
    unverified > 0
      ? `${counted(unverified, 'person', 'people')} without a verified contact method (paged all the same)`
      : '',
    summary.repeats > 0 ? `${counted(summary.repeats, 'repetition', 'repetitions')}` : '',
    summary.tooLong > 0 ? `${counted(summary.tooLong, 'duty', 'duties')} too long` : '',
    summary.shortRests > 0 ? `${counted(summary.shortRests, 'rest', 'rests')} too short` : '',
    summary.ignored > 0 ? `${counted(summary.ignored, 'override', 'overrides')} that no longer count` : '',
  ].filter((text) => text !== '');
  const found = findings.length === 0 ? 'no gap, and everybody can be reached' : findings.join(', ');
  return `${spanWords(to - from)}, ${counted(policies, 'policy', 'policies')}: ${found}`;
}

/** Everything that a person should see, with the sums as the last line. */
export function coverageReport(answer: CoverageAnswer, colours: Colours): string {
  const isFaulty = ({ nobody, gaps, repeats }: Policy): boolean =>
    nobody.length + gaps.length + repeats.length > 0;
  const sound = answer.policies.filter((each) => !isFaulty(each)).map(({ policy }) => safe(policy));
  const { nobody, gaps } = answer.summary;
  const mark = nobody + gaps > 0 ? colours.red('gaps') : colours.green('ok');
  return [
    ...answer.policies.filter(isFaulty).map((each) => policyTable(each, colours)),
    ...(sound.length === 0 ? [] : [`${colours.green('Without a gap:')} ${sound.join(', ')}`]),
    ...(answer.unreachable.length === 0 ? [] : [unreachableTable(answer, colours)]),
    ...(answer.unverified.length === 0 ? [] : [unverifiedTable(answer, colours)]),
    ...(answer.duties.length === 0 ? [] : [dutyTable(answer, colours)]),
    ...(answer.shortRests.length === 0 ? [] : [restTable(answer, colours)]),
    ...(answer.ignored.length === 0 ? [] : [ignoredTable(answer, colours)]),
    `${mark} ${coverageSentence(answer)}`,
  ].join('\n\n');
}
