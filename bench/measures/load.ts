import { now, pause } from '../clock.js';
import type { Stage } from '../stage.js';
import type { Sent, Subject } from '../subject.js';

/** One request and the moment it reached the provider. */
export interface Passage {
  readonly sentAt: number;
  readonly acceptedAt: number;
  readonly arrivedAt: number;
  readonly refusals: number;
}

/** How long a page may take before it counts as not come in this block; what comes later still is not lost. */
const PATIENCE_MS = 120_000;

let blocks = 0;

/**
 * Sends so many requests, `perSecond` of them (Infinity: all at once) whether or not earlier ones were answered, and waits
 * until each has reached the provider.
 */
export async function passagesOf(
  stage: Pick<Stage, 'accepted' | 'provider'>,
  subject: Subject,
  count: number,
  perSecond: number,
): Promise<readonly Passage[]> {
  blocks += 1;
  const marks = Array.from({ length: count }, (_, index) => `bench-${blocks}-${index}`);
  const began = now();
  const requests: Promise<readonly [string, Sent]>[] = [];
  for (const [index, mark] of marks.entries()) {
    await pause(began + (1_000 * index) / perSecond - now());
    requests.push(subject.send(mark).then((sent) => [mark, sent] as const));
  }
  const sent = await Promise.all(requests);
  stage.accepted.push(...marks);
  await stage.provider.untilArrived(marks, PATIENCE_MS);
  return sent.flatMap(([mark, { sentAt, acceptedAt, refusals }]) => {
    const arrival = stage.provider.arrivalsOf(mark)[0];
    return arrival === undefined ? [] : [{ sentAt, acceptedAt, arrivedAt: arrival.at, refusals }];
  });
}

/** From request to provider, in milliseconds. */
export function latencies(passages: readonly Passage[]): readonly number[] {
  return passages.map(({ sentAt, arrivedAt }) => arrivedAt - sentAt);
}
