import {
  ActivityCancellationType,
  ActivityFailure,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { LetterActivities } from '../activities/letter-contracts.js';
import type {
  LetterReport,
  LetterStart,
  LetterTry,
  SendLetterInput,
} from '../domain/messages/letter-report.js';
import type { Milliseconds } from '../domain/time/instant.js';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** All methods of a person: 8 s each, and what they wait for their turn (activities/pacing); a worker that dies with a letter in its hands is found out by its heartbeat. */
const SEND = {
  startToCloseTimeout: '120s',
  scheduleToCloseTimeout: '5m',
  heartbeatTimeout: '3s',
  // Known failures are results; what is retried here is a worker that died.
  retry: { initialInterval: '1s', maximumInterval: '10s' },
  // A call that is being placed: its id is worth knowing.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

const world = proxyActivities<LetterActivities>(SEND);

/**
 * Writes one letter to one person: tries again while that can help and it is worth delivering. Returns what became of it; a letter
 * that could not be delivered is a result, not a failed workflow.
 */
export async function letter(start: LetterStart): Promise<LetterReport> {
  const { until, ...input } = start;
  let waitMs = FIRST_WAIT_MS;
  for (let number = 1; ; number += 1) {
    const report = await trySending(input, number);
    if (report.status === 'sent') return report;
    const next = Math.max(waitMs, soonest(report.tries));
    if (!canHelp(report) || Date.now() + next > until) return report;
    await sleep(next, { summary: `try ${number + 1} of a ${input.letter.topic} letter` });
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
}

function canHelp({ tries, unknown }: Extract<LetterReport, { status: 'failed' }>): boolean {
  return unknown === true || tries.some(({ retryable }) => retryable);
}

/** When all providers say how long to wait, not before the first of them. */
function soonest(tries: readonly LetterTry[]): Milliseconds {
  const waits = tries.filter(({ retryable }) => retryable).map(({ retryAfterMs }) => retryAfterMs ?? 0);
  return waits.length === 0 ? 0 : Math.min(...waits);
}

async function trySending(input: SendLetterInput, number: number): Promise<LetterReport> {
  const summary = `${input.letter.topic} letter${number === 1 ? '' : `, try ${number}`}`;
  try {
    return await world.sendLetter.executeWithOptions({ ...SEND, summary }, [input]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    // No worker saw it through in five minutes.
    return { status: 'failed', tries: [], unknown: true };
  }
}
