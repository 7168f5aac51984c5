import type { Severity } from '../domain/severity/severity.js';
import type { Milliseconds } from '../domain/time/instant.js';
import { durationOf } from './duration.js';
import { DEFAULT_PRESET, PRESETS, SENDER_WORDS } from './presets.js';
import type { WrittenChange, WrittenLevel, WrittenSeverities } from './schema/root.js';

/** The levels of a scheme as they are written, worst first: the preset or the config's own, without overrides. */
export function writtenLevels(written: WrittenSeverities): Readonly<Record<string, WrittenLevel>> {
  return written.levels ?? PRESETS[written.preset ?? DEFAULT_PRESET];
}

function span(text: string | undefined): Milliseconds | undefined {
  return text === undefined || text === 'off' ? undefined : durationOf(text);
}

/** A severity with its changes; what is `off` is gone. */
function toSeverity(id: string, rank: number, facts: WrittenChange & Pick<WrittenLevel, 'page'>): Severity {
  const managementAfterMs = span(facts.managementAfter);
  const updateEveryMs = span(facts.updateEvery);
  const acknowledgeTargetMs = span(facts.acknowledgeTarget);
  const resolveTargetMs = span(facts.resolveTarget);
  const postmortemWithinMs = span(facts.postmortemWithin);
  return {
    id,
    rank,
    name: facts.name ?? id,
    page: facts.page,
    allHands: facts.allHands ?? false,
    executives: facts.executives !== undefined && facts.executives !== false,
    startAtTier: facts.startAtTier ?? 1,
    ...(managementAfterMs === undefined ? {} : { managementAfterMs }),
    ...(updateEveryMs === undefined ? {} : { updateEveryMs }),
    ...(acknowledgeTargetMs === undefined ? {} : { acknowledgeTargetMs }),
    ...(resolveTargetMs === undefined ? {} : { resolveTargetMs }),
    ...(postmortemWithinMs === undefined ? {} : { postmortemWithinMs }),
  };
}

/** What a policy or a service changes about severities: `page` for all of them, `response` for single ones. */
export interface Changes {
  readonly page?: WrittenLevel['page'] | undefined;
  readonly response?: Readonly<Record<string, WrittenChange>> | undefined;
}

/** The scheme, worst first, with the config's overrides and then these changes, later ones last. */
export function schemeOf(written: WrittenSeverities, ...changes: readonly Changes[]): readonly Severity[] {
  return Object.entries(writtenLevels(written)).map(([id, level], index) => {
    let facts: WrittenLevel = merge(level, written.override?.[id]);
    for (const { page, response } of changes) {
      facts = merge(facts, page === undefined ? undefined : { page });
      facts = merge(facts, response?.[id]);
    }
    return toSeverity(id, index + 1, facts);
  });
}

function merge(level: WrittenLevel, change: WrittenChange | undefined): WrittenLevel {
  return { ...level, ...change, page: change?.page ?? level.page };
}

/** The severity that an alert gets when nothing says which: the second worst, since too loud beats lost. */
export function fallbackSeverity(scheme: readonly Severity[]): string {
  const found = scheme[1] ?? scheme[0];
  if (found === undefined) throw new RangeError('A severity scheme has at least one severity.');
  return found.id;
}

/**
 * From a sender's word to a severity id; null when it says nothing. In this order: an id of the scheme, the config's
 * `severities.map`, {@link SENDER_WORDS}. Upper and lower case are one.
 */
export function createSeverityWords(
  written: WrittenSeverities,
  scheme: readonly Severity[],
): (word: string) => string | null {
  const byWord = new Map<string, string>();
  for (const [word, rank] of Object.entries(SENDER_WORDS)) {
    const severity = scheme[Math.min(rank, scheme.length) - 1];
    if (severity !== undefined) byWord.set(word, severity.id);
  }
  for (const [word, id] of Object.entries(written.map ?? {})) byWord.set(word.toLowerCase(), id);
  for (const { id } of scheme) byWord.set(id.toLowerCase(), id);
  return (word) => byWord.get(word.trim().toLowerCase()) ?? null;
}
