import { csvCell } from '../../domain/messages/export.js';
import { reasonWords, type CoverageAnswer } from './coverage-report.js';
import { hasPages, loadCells, type FairnessAnswer } from './fairness-report.js';
import { hoursText } from './local-times.js';

/** Lines of RFC 4180 without the end of the last. */
function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => cells.map(csvCell).join(',')).join('\r\n');
}

const COVERAGE_COLUMNS = ['kind', 'policy', 'step', 'name', 'from', 'to', 'hours', 'who', 'why'];

interface Finding {
  readonly kind: string;
  readonly policy?: string;
  readonly step?: number | null;
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
  readonly who?: string;
  readonly why?: string;
}

function findingsOf(answer: CoverageAnswer): readonly Finding[] {
  return [
    ...answer.policies.flatMap(({ policy, nobody, gaps, repeats }): readonly Finding[] => [
      ...nobody.map(({ from, to, isCaught }) => ({
        kind: isCaught ? 'nobody' : 'nobody at all',
        policy,
        from,
        to,
      })),
      ...gaps.map(({ reasons, ...gap }) => ({
        kind: 'gap',
        policy,
        ...gap,
        why: reasons.map(reasonWords).join('; '),
      })),
      ...repeats.map(({ people, ...each }) => ({ kind: 'repeat', policy, ...each, who: people.join(' ') })),
    ]),
    ...(['unreachable', 'unverified'] as const).flatMap((kind) =>
      answer[kind].map(({ userId, policies, urgencies, via }) => ({
        kind,
        policy: policies.join(' '),
        who: userId,
        why: `${urgencies.join(' and ')} urgency, as ${via.join(', ')}`,
      })),
    ),
    ...answer.tooLong.map(({ userId, from, to, isCut }) => ({
      kind: 'long duty',
      from,
      to,
      who: userId,
      ...(isCut ? { why: 'may be longer' } : {}),
    })),
    ...answer.shortRests.map(({ userId, from, to }) => ({ kind: 'short rest', from, to, who: userId })),
    ...answer.ignored.map(({ userId, schedule, slot, from, to }) => ({
      kind: 'ignored override',
      from,
      to,
      who: userId,
      why: `${slot} of ${schedule}`,
    })),
  ];
}

/** Every finding as a line; times in UTC. */
export function coverageCsv(answer: CoverageAnswer): string {
  const time = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString());
  return csv([
    COVERAGE_COLUMNS,
    ...findingsOf(answer).map(({ kind, policy, step, name, from, to, who, why }) => [
      kind,
      policy ?? '',
      String(step ?? ''),
      name ?? '',
      time(from),
      time(to),
      from === undefined || to === undefined ? '' : hoursText(to - from),
      who ?? '',
      why ?? '',
    ]),
  ]);
}

const FAIRNESS_COLUMNS = [
  'user',
  'name',
  'zone',
  'shifts',
  'hours',
  'primary_hours',
  'secondary_hours',
  'nights',
  'night_hours',
  'weekends',
  'weekend_hours',
  'holidays',
  'holiday_hours',
];

/** Where there are records. */
const PAGE_COLUMNS = ['incidents_paged', 'incidents_paged_at_night'];

/** A line for each person. */
export function fairnessCsv(answer: FairnessAnswer): string {
  return csv([
    [...FAIRNESS_COLUMNS, ...(hasPages(answer) ? PAGE_COLUMNS : [])],
    ...answer.people.map((each) => [each.userId, each.name, each.zone, ...loadCells(each)]),
  ]);
}
