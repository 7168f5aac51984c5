import type { Instant } from '../time/instant.js';

/**
 * When each alert began, by fingerprint, in buckets: the state is never changed in place, and a storm that comes one alert
 * at a time copies a sixty-fourth of it each time instead of all.
 */
export type Fingerprints = Readonly<Record<string, Readonly<Record<string, Instant | null>>>>;

const BUCKETS = 64;

function bucketOf(fingerprint: string): string {
  let sum = 0;
  for (let index = 0; index < fingerprint.length; index += 1) {
    sum = (sum * 31 + fingerprint.charCodeAt(index)) % 65_521;
  }
  return `b${sum % BUCKETS}`;
}

/** When this alert began, null when its sender did not say; undefined when it is not in here. */
export function startOf(set: Fingerprints, fingerprint: string): Instant | null | undefined {
  const bucket = set[bucketOf(fingerprint)];
  return bucket !== undefined && Object.hasOwn(bucket, fingerprint) ? bucket[fingerprint] : undefined;
}

/** A set while many alerts go in and out of it: each bucket is copied once, however many alerts of a storm it gets. */
export interface FingerprintsEdit {
  /** As `startOf`. */
  startOf(fingerprint: string): Instant | null | undefined;
  /** With `keep`: about so many at most, the oldest go. */
  put(fingerprint: string, startsAt: Instant | null, keep?: number): void;
  remove(fingerprint: string): void;
  /** The new set; the same one when nothing changed. */
  done(): Fingerprints;
}

/** Begins to change a set. The one that went in stays as it is. */
export function edit(set: Fingerprints): FingerprintsEdit {
  const changed = new Map<string, Map<string, Instant | null>>();
  const bucketToChange = (fingerprint: string): Map<string, Instant | null> => {
    const name = bucketOf(fingerprint);
    const bucket = changed.get(name) ?? new Map(Object.entries(set[name] ?? {}));
    changed.set(name, bucket);
    return bucket;
  };
  const started = (fingerprint: string): Instant | null | undefined => {
    const bucket = changed.get(bucketOf(fingerprint));
    return bucket === undefined ? startOf(set, fingerprint) : bucket.get(fingerprint);
  };
  return {
    startOf: started,
    put: (fingerprint, startsAt, keep = Infinity) => {
      const bucket = bucketToChange(fingerprint);
      // The newest stand last.
      bucket.delete(fingerprint);
      bucket.set(fingerprint, startsAt);
      for (const oldest of bucket.keys()) {
        if (bucket.size <= Math.ceil(keep / BUCKETS)) break;
        bucket.delete(oldest);
      }
    },
    remove: (fingerprint) => {
      if (started(fingerprint) !== undefined) bucketToChange(fingerprint).delete(fingerprint);
    },
    done: () => {
      if (changed.size === 0) return set;
      const buckets = [...changed].map(([name, bucket]) => [name, Object.fromEntries(bucket)] as const);
      return { ...set, ...Object.fromEntries(buckets) };
    },
  };
}

/** Everything in the set, in no order that means anything. */
export function fingerprintsOf(set: Fingerprints): [fingerprint: string, startsAt: Instant | null][] {
  return Object.values(set).flatMap((bucket) => Object.entries(bucket));
}
