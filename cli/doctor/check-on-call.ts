import { z } from 'zod';
import type { Config } from '../../config/types.js';
import type { ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { certainty } from '../output/overrides-age.js';
import { safe } from '../output/safe.js';
import { places } from '../output/schedule-change.js';
import { clockWords, terminalZone } from '../output/times.js';
import type { AskedProcess } from './check-processes.js';
import { ok, warn, type Finding } from './finding.js';
import { firstApi } from './first-api.js';

const answer = z.object({
  schedules: z.array(z.object({ schedule: z.string(), ...places })),
  ...certainty,
});

/** Who is on call, and how that is known. */
interface OnCall {
  readonly schedules: readonly z.output<typeof answer>['schedules'][number][];
  /** What is to be known of it, in words; null: it is as paging goes by it. */
  readonly remark: string | null;
}

/**
 * Whether somebody is on call now, for each schedule: as the first API that answers says it, which knows the overrides, else by
 * the configuration alone.
 * @param config null: it has errors, which are told elsewhere
 */
export async function checkOnCall(
  config: Config | null,
  asked: readonly AskedProcess[],
  flags: Pick<ApiFlags, 'dataDir'>,
  context: Context,
): Promise<readonly Finding[]> {
  const told = await fromApi(asked, flags, context);
  if (typeof told !== 'string') return [finding(told)];
  if (config === null) return [];
  const remark = `by the configuration alone, without overrides: ${told}`;
  return [finding({ schedules: config.onCall(context.now()), remark })];
}

/** What the first API says, or why none does. */
async function fromApi(
  asked: readonly AskedProcess[],
  flags: Pick<ApiFlags, 'dataDir'>,
  context: Context,
): Promise<OnCall | string> {
  const told = await firstApi('/v1/oncall', answer, { asked, flags, context });
  if (typeof told === 'string') return told;
  const { schedules, stale, overridesAsOf } = told.answer;
  if (overridesAsOf === undefined) return { schedules, remark: `${told.url} has no store, so no overrides` };
  return { schedules, remark: stale === true ? staleWords(overridesAsOf, context) : null };
}

function staleWords(asOf: number | null, context: Context): string {
  return asOf === null
    ? 'the store is away, and no overrides are known'
    : `the store is away: overrides as of ${clockWords(asOf, context.now(), terminalZone())}`;
}

function finding({ schedules, remark }: OnCall): Finding {
  const name = 'On call';
  const words = (text: string): string => (remark === null ? text : `${text} (${safe(remark)})`);
  const gaps = schedules.filter(({ primary }) => primary === null).map(({ schedule }) => safe(schedule));
  if (gaps.length > 0)
    return warn(
      name,
      words(`nobody is primary now of ${gaps.join(', ')}`),
      'Their pages go to the next step at once. Fill the gap in the schedule or with an override, or accept it.',
    );
  const people = schedules.map(({ schedule, primary, why }) => {
    const by = why.primary?.kind === 'override' ? ' by an override' : '';
    return `${safe(schedule)}: ${safe(primary ?? '')}${by}`;
  });
  return ok(name, people.length === 0 ? 'no schedules' : words(people.join(', ')));
}
