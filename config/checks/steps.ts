import { entriesOf, entryOf, itemsOf, textsOf } from '../raw.js';
import { onCallCandidates } from '../reach.js';
import { parseTarget, targetWords } from '../targets.js';
import type { Check } from './check.js';

/** The only target of a step; null when it has none or several: somebody else is paged too, then. */
function onlyTarget(step: unknown) {
  const [text, another] = textsOf(entryOf(step, 'targets'));
  return text === undefined || another !== undefined ? null : parseTarget(text);
}

/** Who can be the one person that a target pages; null where it may page several, or is too broken to say. */
function candidatesOf(raw: unknown, target: ReturnType<typeof parseTarget>): readonly string[] | null {
  if (target?.kind === 'user') return [target.id];
  if (target?.kind === 'schedule')
    return onCallCandidates(entryOf(entryOf(raw, 'schedules'), target.id), target.slot);
  return null;
}

/**
 * A step that can page the very person who has not answered the step before it: for that time nobody else hears of it.
 * Primary and secondary of one schedule are never the same person.
 */
export const stepsReachOthers: Check = (raw, report) => {
  for (const [id, policy] of entriesOf(entryOf(raw, 'policies'))) {
    const steps = itemsOf(entryOf(policy, 'steps'));
    steps.slice(1).forEach((step, before) => {
      const [last, next] = [onlyTarget(steps[before]), onlyTarget(step)];
      if (last === null || next === null) return;
      const isOneSchedule = last.kind === 'schedule' && next.kind === 'schedule' && last.id === next.id;
      if (isOneSchedule && last.slot !== next.slot) return;
      // Two schedules with the same people are usual: whether they ever meet is for `tocsin coverage`.
      if (last.kind === 'schedule' && next.kind === 'schedule' && !isOneSchedule) return;
      const [earlier, later] = [candidatesOf(raw, last), candidatesOf(raw, next)];
      const both = (earlier ?? []).filter((user) => later?.includes(user) === true);
      if (both.length === 0) return;
      const isAlways = new Set([...(earlier ?? []), ...(later ?? [])]).size === 1 || isOneSchedule;
      const schedule = last.kind === 'schedule' ? last : next.kind === 'schedule' ? next : null;
      report('warning', ['policies', id, 'steps', before + 1, 'targets', 0], 'value', {
        message: isAlways
          ? `pages whom the step before has paged already (${targetWords(last)})`
          : `${both.join(', ')} can be whom the step before has paged already: ${targetWords(last)}, then ${targetWords(next)}`,
        remedy:
          schedule === null || isOneSchedule
            ? 'Name somebody else, or give the step before a longer timeout.'
            : `Name somebody who takes no part in it, or its ${schedule.slot === 'primary' ? 'secondary' : 'primary'}: schedule:${schedule.id}/${schedule.slot === 'primary' ? 'secondary' : 'primary'}.`,
      });
    });
  }
};
