import { z } from 'zod';
import { parseDuration } from '../../config/duration.js';
import { MOMENT_WORDS, momentIn } from '../../config/moments.js';
import type { Config } from '../../config/types.js';
import type { Instant } from '../../domain/time/instant.js';
import { ApiError, type Problem } from '../errors.js';
import { invalidBody, shown } from '../validate.js';

/** A time as people write it; read once the schedule, and so its zone, is known. */
export const moment = (what: string) => z.string().trim().min(1).max(60).describe(`${what} ${MOMENT_WORDS}.`);

/** A beginning and an end as people write them. `examples`: lengths, in code quotes. */
export const spanFields = (examples: string) => ({
  from: moment('Absent, or past already: now.').optional(),
  to: moment('Not included. One of `to` and `for`.').optional(),
  for: z
    .string()
    .max(40)
    .refine((text) => parseDuration(text) !== null, {
      message: 'Expected a duration such as 90m, 8h or 7d.',
    })
    .optional()
    .describe(`How long, instead of \`to\`: ${examples}.`),
});

/**
 * The zone of times that are written without one: that of the schedule, else the one that all schedules have, else the
 * configuration's default.
 */
export function zoneOfMoments(config: Config, schedule: string | undefined): string {
  if (schedule !== undefined) return config.zoneOfSchedule(schedule);
  const [zone, ...others] = new Set([...config.schedules.keys()].map((id) => config.zoneOfSchedule(id)));
  return zone === undefined || others.length > 0 ? config.duty.zone : zone;
}

/** Reads times in a zone, and gathers those that are none. */
export interface MomentReader {
  /** The instant; `otherwise` when nothing is written, or no time. */
  read(path: string, text: string | undefined, otherwise: Instant): Instant;
  /** @throws ApiError naming every field that was no time */
  done(): void;
}

export function createMomentReader(zone: string, now: Instant, where: 'body' | 'query'): MomentReader {
  const problems: Problem[] = [];
  return {
    read: (path, text, otherwise) => {
      if (text === undefined) return otherwise;
      const at = momentIn(zone, text, now);
      if (at === null)
        problems.push({ path, message: `Expected ${MOMENT_WORDS}, found ${JSON.stringify(shown(text))}.` });
      return at ?? otherwise;
    },
    done: () => {
      if (problems.length === 0) return;
      throw where === 'body' ? invalidBody(problems) : invalidQuery(problems);
    },
  };
}

/** The error for a query string with these wrong parameters. */
export function invalidQuery(problems: readonly Problem[], remedy?: string): ApiError {
  return new ApiError('invalid-query', 'The query string asks for something that cannot be.', {
    problems,
    remedy: remedy ?? 'Mend the parameters named in `problems`.',
  });
}
