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

/** The set with this alert in it. With `keep`: about so many at most, the oldest go. */
export function withAlert(
  set: Fingerprints,
  fingerprint: string,
  startsAt: Instant | null,
  keep = Infinity,
): Fingerprints {
  const name = bucketOf(fingerprint);
  const entries = Object.entries(set[name] ?? {}).filter(([other]) => other !== fingerprint);
  entries.push([fingerprint, startsAt]);
  const kept = entries.slice(-Math.ceil(keep / BUCKETS));
  return { ...set, [name]: Object.fromEntries(keep === Infinity ? entries : kept) };
}

/** The set without this alert. */
export function withoutAlert(set: Fingerprints, fingerprint: string): Fingerprints {
  const name = bucketOf(fingerprint);
  const entries = Object.entries(set[name] ?? {});
  const rest = entries.filter(([other]) => other !== fingerprint);
  return rest.length === entries.length ? set : { ...set, [name]: Object.fromEntries(rest) };
}

/** Everything in the set, in no order that means anything. */
export function fingerprintsOf(set: Fingerprints): [fingerprint: string, startsAt: Instant | null][] {
  return Object.values(set).flatMap((bucket) => Object.entries(bucket));
}
