import { z } from 'zod';
import { HOUR, type Instant } from '../domain/time/instant.js';
import { createLastKnown, type LastKnown, type LastKnownOptions } from './known.js';
import type { Maintenance, StoredWindow } from './maintenance.js';

/**
 * The last windows that were known, whether or not the store answers now: those that count now or later, and those that ended
 * within the last hour.
 */
export type KnownMaintenance = LastKnown<readonly StoredWindow[]>;

export interface KnownMaintenanceOptions extends LastKnownOptions {
  readonly store: { readonly maintenance: Pick<Maintenance, 'version' | 'list'> };
  /** Where they are kept for the next start, e.g. `<data>/maintenance.json`. */
  readonly file: string;
}

const instant = z.number().int();
const value = z.union([z.string(), z.number(), z.boolean()]);
const schema = z.array(
  z
    .object({
      id: z.string(),
      services: z.array(z.string()),
      match: z.record(z.string(), z.union([value, z.array(value)])).nullable(),
      from: instant,
      to: instant,
      reason: z.string(),
      stopPages: z.boolean(),
      by: z.string(),
      createdAt: instant,
      endedAt: instant.optional(),
      endedBy: z.string().optional(),
    })
    .transform(({ endedAt, endedBy, ...rest }): StoredWindow => ({
      ...rest,
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(endedBy === undefined ? {} : { endedBy }),
    })),
);

/** Begins to look every two seconds, and returns at once: first with what the file of an earlier process has. */
export function createKnownMaintenance({
  store,
  file,
  ...options
}: KnownMaintenanceOptions): KnownMaintenance {
  return createLastKnown<readonly StoredWindow[]>(
    {
      what: 'maintenance windows',
      file,
      none: [],
      schema,
      version: () => store.maintenance.version(),
      load: (at: Instant) => store.maintenance.list({ from: at - HOUR }),
    },
    options,
  );
}

/** A window as alerts are compared with it. */
interface Counting extends Pick<StoredWindow, 'id' | 'from' | 'to' | 'reason' | 'services' | 'match'> {
  /** Not included: when it was ended, where somebody did. */
  readonly to: Instant;
}

const counted = new WeakMap<readonly StoredWindow[], readonly Counting[]>();

/** Those that count at all, up to when they were ended: the same array for the same windows. */
export function countingWindows(windows: readonly StoredWindow[]): readonly Counting[] {
  const known = counted.get(windows);
  if (known !== undefined) return known;
  const counting = windows
    .map(({ id, from, to, reason, services, match, endedAt }) => ({
      ...{ id, from, reason, services, match },
      to: Math.min(to, endedAt ?? to),
    }))
    .filter(({ from, to }) => from < to);
  counted.set(windows, counting);
  return counting;
}
