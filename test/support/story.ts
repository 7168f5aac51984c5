import type { TimelineEntry } from '../../domain/incident/timeline.js';
import type { IncidentView } from '../../domain/incident/view.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Simulation } from '../../simulation/result.js';

/** What came of a scenario, in lines that the simulator's and the real workflow's can be compared by. Times are seconds since its beginning. */
export interface Story {
  /** One line for each entry of each timeline: `1800 s A {"type":"no-progress",…}`, those of one moment in the order of their words. */
  readonly timeline: readonly string[];
  /** One line for each message handed to a provider: `60 s alice voice page, 1 firing`. */
  readonly contacts: readonly string[];
  /** What people heard in answer to what they did. */
  readonly answers: readonly string[];
}

/** What an opening is called, and what it is to be called instead. */
interface Named {
  readonly label: string;
  readonly openingId: string;
  readonly code: string;
}

/** What the simulator says. */
export function storyOf(simulation: Simulation): Story {
  const { startsAt, incidents } = simulation;
  const openings = incidents.map(({ label, openingId, code }) => ({ label, openingId, code }));
  return {
    timeline: sorted(
      incidents.flatMap(({ label, timeline, review }) =>
        timelineLines([...timeline, ...(review?.timeline ?? [])], { startsAt }, label, openings),
      ),
    ),
    contacts: sorted(
      simulation.contacts.map(
        ({ at, userId, channel, kind, firing }) =>
          `${seconds(at, simulation)} s ${userId} ${channel} ${kind}, ${firing} firing`,
      ),
    ),
    answers: simulation.answers.map(({ userId, sentence }) => `${userId}: ${labelled(sentence, openings)}`),
  };
}

/** A sentence with labels for the codes of incidents. */
export function labelled(sentence: string, openings: readonly Pick<Named, 'label' | 'code'>[]): string {
  return openings.reduce((text, { label, code }) => text.replaceAll(code, label), sentence);
}

export function seconds(at: Instant, { startsAt }: { readonly startsAt: Instant }): number {
  return (at - startsAt) / 1_000;
}

/** Instants within an entry count from the beginning too, spans in seconds; what names an opening names its label. */
export function timelineLines(
  timeline: readonly TimelineEntry[],
  start: { readonly startsAt: Instant },
  label: string,
  openings: readonly Named[],
): string[] {
  return timeline.map(({ at, ...entry }) => {
    const told = Object.fromEntries(
      Object.entries(entry).map(([name, value]: [string, unknown]) => {
        if (typeof value !== 'number') return [name, value];
        if (name.endsWith('At') || name === 'until') return [name, `${seconds(value, start)} s`];
        return [name, name.endsWith('Ms') ? `${value / 1_000} s` : value];
      }),
    );
    const words = openings.reduce(
      (text, opening) =>
        text.replaceAll(opening.openingId, opening.label).replaceAll(opening.code, opening.label),
      // Deliveries are numbered in the order in which they were begun, which within one moment is nobody's promise.
      JSON.stringify(told, Object.keys(told).sort()).replace(/("providerId":"[a-z]+)-[dr]\d+/, '$1'),
    );
    return `${seconds(at, start)} s ${label} ${words}`;
  });
}

/** What an incident is at some moment: its timeline, every open promise, who was paged, who has it. */
export function viewLines(
  view: Pick<IncidentView, 'timeline' | 'deadlines' | 'paged' | 'phase' | 'severity' | 'owner' | 'alerts'>,
  start: { readonly startsAt: Instant },
  label: string,
  openings: readonly Named[],
): string[] {
  const { timeline, deadlines, paged, phase, severity, owner, alerts } = view;
  return [
    ...timelineLines(timeline, start, label, openings),
    ...deadlines.map(
      ({ name, at, label: words }) => `${seconds(at, start)} s ${label} due: ${name}, ${words}`,
    ),
    ...paged.map(
      ({ userId, at, open }) => `${seconds(at, start)} s ${label} paged: ${userId}${open ? ', open' : ''}`,
    ),
    `0 s ${label} is ${phase}, ${severity}, ${alerts.firing} firing, ${owner?.id ?? 'nobody'} has it`,
  ];
}

/**
 * The server's clock runs on in real time while a task or an activity is under way, so the real workflow is late by what the
 * machine needs: by this much at most, in seconds. No two things of a scenario that could be taken for one another are closer.
 */
export const LATE_BY = 1;

/** The real lines, each that is a simulated one but for what the machine needed in the words of that one. */
export function snapped(real: readonly string[], simulated: readonly string[]): string[] {
  const left = simulated.map((line) => ({ line, ...parted(line) }));
  return real.map((line) => {
    const { words, times } = parted(line);
    const index = left.findIndex(
      (other) =>
        other.words === words &&
        other.times.every((time, each) => Math.abs((times[each] ?? Number.NaN) - time) <= LATE_BY),
    );
    return index < 0 ? line : (left.splice(index, 1)[0]?.line ?? line);
  });
}

/** A line's words, and its times in seconds. */
function parted(line: string): { readonly words: string; readonly times: readonly number[] } {
  const times: number[] = [];
  const words = line.replaceAll(/-?\d+(?:\.\d+)? s\b/g, (time) => {
    times.push(Number.parseFloat(time));
    return '… s';
  });
  return { words, times };
}

/** By time; those of one moment by their words: deliveries of one moment come back in any order. */
export function sorted(lines: readonly string[]): string[] {
  return [...lines].sort(
    (one, other) => Number.parseFloat(one) - Number.parseFloat(other) || (one < other ? -1 : 1),
  );
}
