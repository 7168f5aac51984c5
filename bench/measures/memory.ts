import { untilIdle, usageOf } from '../process-usage.js';
import type { Stage } from '../stage.js';
import { summaryOf, type Summary } from '../statistics.js';
import type { Sent } from '../subject.js';
import { latencies, passagesOf } from './load.js';

/** What open incidents cost. Memory is the resident one, in MiB, of the process that runs Tocsin's worker (and API, where one process is both). */
export interface MemoryResult {
  /** Open incidents at the end. */
  readonly open: number;
  /** Before the first of them, after a short warm-up. */
  readonly beforeMiB: number;
  /** With all of them open and nothing happening. */
  readonly afterMiB: number;
  /** The largest seen on the way. */
  readonly largestMiB: number;
  /**
   * Of an incident in the worker's cache: growth until the cache is full (or all are open), by incident. In KiB; what the
   * collector has not collected yet counts.
   */
  readonly perCachedKiB: number;
  /** On the way. */
  readonly points: readonly { readonly open: number; readonly rssMiB: number }[];
  /** Milliseconds of an ack of the oldest (out of the cache when there are more than it holds, so replayed) and the newest. */
  readonly ackOldest: Summary;
  readonly ackNewest: Summary;
  /** Of the Temporal Server, before and after. */
  readonly serverBeforeMiB: number;
  readonly serverAfterMiB: number;
  /** From the request of another alert to its page, with all of them open. */
  readonly newPage: Summary;
}

/** Requests under way while incidents are opened; below what makes the server refuse. */
const WIDTH = 20;
const ACKS = 20;
const NEW_PAGES = 40;
const LOOK_EVERY = 250;
const TELL_EVERY = 1_000;

/** Opens so many incidents that wait on their timers, and looks at the process. On a stage where none is open yet. */
export async function measureMemory(stage: Stage, count: number): Promise<MemoryResult> {
  const { tocsin, provider, bare } = stage;
  const all = [stage.server.pid, bare.pid, tocsin.pid];
  await untilIdle(all);
  const before = await usageOf(tocsin.pid);
  const serverBefore = await usageOf(stage.server.pid);
  stage.say(`memory: ${count} incidents are opened`);
  const points: { readonly open: number; readonly rssMiB: number }[] = [];
  const opened: Sent[] = [];
  const marks: string[] = [];
  const lane = async (): Promise<void> => {
    while (marks.length < count) {
      const mark = `bench-open-${marks.length}`;
      marks.push(mark);
      opened.push(await tocsin.send(mark));
      stage.accepted.push(mark);
      // The next one only when this one is paged: what is measured is open incidents, not a backlog of them.
      await provider.untilArrived([mark], 120_000);
      const open = opened.length;
      if (open % TELL_EVERY === 0) stage.say(`memory: ${open} of ${count}`);
      if (open % LOOK_EVERY === 0) points.push({ open, rssMiB: (await usageOf(tocsin.pid)).rssMiB });
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, lane));
  await provider.untilArrived(marks, 120_000);
  await untilIdle(all);
  const after = await usageOf(tocsin.pid);
  const serverAfter = await usageOf(stage.server.pid);
  points.push({ open: count, rssMiB: after.rssMiB });
  const full = points.filter(({ open }) => open <= bare.cachedWorkflows).at(-1);
  const acks = async (sent: readonly Sent[]): Promise<Summary> => {
    const took: number[] = [];
    for (const one of sent) {
      const { askedAt, answeredAt } = await tocsin.acknowledge(await tocsin.openingOf(one), 'ann');
      took.push(answeredAt - askedAt);
    }
    return summaryOf(took);
  };
  // One by one: what is measured is a new page beside all that are open, not a burst.
  const newPages: number[] = [];
  for (let index = 0; index < NEW_PAGES; index += 1) {
    newPages.push(...latencies(await passagesOf(stage, tocsin, 1, Number.POSITIVE_INFINITY)));
  }
  return {
    open: count,
    beforeMiB: before.rssMiB,
    afterMiB: after.rssMiB,
    largestMiB: Math.max(...points.map(({ rssMiB }) => rssMiB)),
    perCachedKiB: full === undefined ? Number.NaN : (1_024 * (full.rssMiB - before.rssMiB)) / full.open,
    points,
    ackNewest: await acks(opened.slice(-ACKS)),
    ackOldest: await acks(opened.slice(0, ACKS)),
    serverBeforeMiB: serverBefore.rssMiB,
    serverAfterMiB: serverAfter.rssMiB,
    newPage: summaryOf(newPages),
  };
}
