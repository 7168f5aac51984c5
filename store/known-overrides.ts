import { z } from 'zod';
import type { OverridesAsOf } from '../domain/oncall/known.js';
import type { Override } from '../domain/oncall/override.js';
import { DAY, type Instant } from '../domain/time/instant.js';
import { createLastKnown, type LastKnown, type LastKnownOptions } from './known.js';
import type { Overrides } from './overrides.js';

/** The last overrides that were known, whether or not the store answers now. */
export interface KnownOverrides extends Omit<LastKnown<readonly Override[]>, 'current'> {
  /**
   * At once, from memory: those that counted within the last day, count now, or will; also those that were taken back, up to
   * when they were.
   */
  current(): OverridesAsOf;
}

export interface KnownOverridesOptions extends LastKnownOptions {
  readonly store: { readonly overrides: Pick<Overrides, 'version' | 'list'> };
  /** Where they are kept for the next start, e.g. `<data>/overrides.json`. */
  readonly file: string;
}

const instant = z.number().int();
const schema = z.array(
  z
    .object({
      id: z.string(),
      schedule: z.string(),
      slot: z.enum(['primary', 'secondary']),
      userId: z.string(),
      insteadOf: z.string().nullable(),
      from: instant,
      to: instant,
      reason: z.string(),
      by: z.string(),
      createdAt: instant,
      swapId: z.string().nullable(),
      cancelledAt: instant.optional(),
    })
    .transform(({ cancelledAt, ...rest }): Override => ({
      ...rest,
      ...(cancelledAt === undefined ? {} : { cancelledAt }),
    })),
);

/** Begins to look every two seconds, and returns at once: first with what the file of an earlier process has. */
export function createKnownOverrides({ store, file, ...options }: KnownOverridesOptions): KnownOverrides {
  const known = createLastKnown<readonly Override[]>(
    {
      what: 'overrides',
      file,
      none: [],
      schema,
      version: () => store.overrides.version(),
      load: (at: Instant) => store.overrides.list({ from: at - DAY, includeCancelled: true }),
    },
    options,
  );
  return {
    ...known,
    current: () => {
      const { value, asOf, isStale } = known.current();
      return { overrides: value, asOf, isStale };
    },
  };
}
