import type { Milliseconds } from '../domain/time/instant.js';

const UNITS: Readonly<Record<string, Milliseconds>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** How a duration is written in YAML: `30s`, `5m`, `1h30m`, `48h`, `7d`. */
export const DURATION_PATTERN = /^(?:\d{1,9}(?:ms|s|m|h|d|w))+$/;

/** The longest duration a config may ask for: 400 days. Longer ones are slips of the pen. */
export const LONGEST_DURATION: Milliseconds = 400 * 86_400_000;

/** Milliseconds of a written duration; null when it is none, or longer than {@link LONGEST_DURATION}. */
export function parseDuration(text: string): Milliseconds | null {
  if (!DURATION_PATTERN.test(text)) return null;
  let total = 0;
  for (const [, count = '0', unit = 'ms'] of text.matchAll(/(\d+)(ms|s|m|h|d|w)/g)) {
    total += Number(count) * (UNITS[unit] ?? 0);
  }
  return total > LONGEST_DURATION ? null : total;
}

/** Milliseconds of a duration that the schema has already accepted. Throws a RangeError for anything else. */
export function durationOf(text: string): Milliseconds {
  const parsed = parseDuration(text);
  if (parsed === null) throw new RangeError(`"${text}" is not a duration such as 30s, 5m or 48h.`);
  return parsed;
}
