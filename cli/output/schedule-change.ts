import { z } from 'zod';
import { zoneTimes } from '../../config/zone-times.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Context } from '../context.js';
import { safe } from './safe.js';
import { table } from './table.js';

const why = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('rotation'), name: z.string() }),
    z.object({ kind: z.literal('override'), id: z.string() }),
  ])
  .nullable();

/** Who is on call, as answers of the API say it. */
export const places = {
  primary: z.string().nullable(),
  secondary: z.string().nullable(),
  why: z.object({ primary: why, secondary: why }),
};

export const shift = z.object({ from: z.number(), to: z.number(), ...places });
export type Shift = z.output<typeof shift>;

export const override = z.object({
  id: z.string(),
  schedule: z.string(),
  slot: z.string(),
  user: z.string(),
  insteadOf: z.string().optional(),
  from: z.number(),
  to: z.number(),
  reason: z.string(),
  by: z.string(),
  swapId: z.string().optional(),
  cancelledAt: z.number().optional(),
  cancelledBy: z.string().optional(),
});
export type Override = z.output<typeof override>;

export const change = z.object({
  dryRun: z.boolean(),
  sentence: z.string(),
  zone: z.string(),
  overrides: z.array(override),
  conflicts: z.array(override),
  warnings: z.array(z.object({ sentence: z.string() })),
  before: z.array(shift),
  after: z.array(shift),
});
export type Change = z.output<typeof change>;

/** "Thu 24 Dec, 18:00 CET"; with its year when it is another than this one. */
export function momentWords(at: Instant, now: Instant, zone: string): string {
  const year = (when: Instant): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric' }).format(when);
  const words = zoneTimes(zone).moment(at);
  return year(at) === year(now) ? words : words.replace(',', ` ${year(at)},`);
}

/** The person of a place, and whether an override put them there. */
export function placeWords(
  { colours }: Pick<Context, 'colours'>,
  place: { readonly primary: string | null; readonly secondary: string | null; readonly why: Shift['why'] },
  slot: 'primary' | 'secondary',
): string {
  const id = place[slot];
  if (id === null) return slot === 'primary' ? colours.red('nobody') : colours.dim('nobody');
  return place.why[slot]?.kind === 'override' ? `${safe(id)} ${colours.dim('(override)')}` : safe(id);
}

interface Row {
  readonly from: Instant;
  readonly to: Instant;
  readonly was: Shift;
  readonly is: Shift;
}

/** Both lists cut at the edges of either; they cover the same time. */
function sideBySide(before: readonly Shift[], after: readonly Shift[]): readonly Row[] {
  return before.flatMap((was) =>
    after
      .map((is) => ({ from: Math.max(was.from, is.from), to: Math.min(was.to, is.to), was, is }))
      .filter(({ from, to }) => from < to),
  );
}

function sentenceOf(row: Shift): string {
  return `${row.primary ?? 'nobody'}, ${row.secondary ?? 'nobody'}`;
}

/** What was done or would be, with before and after for a dry run. */
export function changeText(answer: Change, context: Pick<Context, 'colours' | 'now'>): string {
  const { colours } = context;
  const { zone, dryRun, before, after } = answer;
  const now = context.now();
  const lines = [safe(answer.sentence)];
  for (const { sentence } of answer.warnings) lines.push(`${colours.yellow('!')} ${safe(sentence)}`);
  for (const each of answer.conflicts)
    lines.push(
      `${colours.yellow('!')} ${dryRun ? 'It would need --force: ' : ''}${safe(each.id)} of ${safe(each.user)} (${safe(each.reason)}) no longer counts where they overlap.`,
    );
  if (!dryRun) return [...lines, ...answer.overrides.map(({ id }) => colours.dim(safe(id)))].join('\n');
  const rows = sideBySide(before, after).map(({ from, to, was, is }) => [
    momentWords(from, now, zone),
    momentWords(to, now, zone),
    safe(sentenceOf(was)),
    sentenceOf(was) === sentenceOf(is) ? colours.dim('the same') : safe(sentenceOf(is)),
  ]);
  const heads = ['FROM', 'UNTIL', 'BEFORE (PRIMARY, SECONDARY)', 'AFTER'].map((text) => colours.dim(text));
  return [...lines, '', table([heads, ...rows])].join('\n');
}
