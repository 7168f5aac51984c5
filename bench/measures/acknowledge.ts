import { now, pause } from '../clock.js';
import { SLOW_MARK } from '../provider-messages.js';
import type { Stage } from '../stage.js';
import { summaryOf, type Summary } from '../statistics.js';
import { ANSWERS } from '../tocsin-config.js';

/** What still left after somebody had answered. Milliseconds. */
export interface AckResult {
  readonly trials: number;
  /** From the ack's request to its answer. */
  readonly answer: Summary;
  /** From the ack's request to the last page that reached the provider after it; 0 when none did. */
  readonly lastPage: Summary;
  /** Pages that reached the provider after the ack had been answered. */
  readonly pagesAfterAnswer: number;
  /** How long after the answer the last of those arrived; 0 when there were none. */
  readonly latestAfterAnswer: number;
  /** Pages that the trials sent before that. */
  readonly pagesBefore: number;
}

/** Trials that go on at the same time. */
const LANES = 3;
/** Long enough for the second second's messages and the next tier (after two seconds) to come, were they not stopped. */
const WATCH_MS = 3_000;
/**
 * When the answers come, in milliseconds after the alert was accepted: while the first pages are under way, around the second
 * messages (after one second), around the next tier (after two). Each is spread evenly over its span.
 */
const MOMENTS = [
  { from: 0, to: 200 },
  { from: 900, to: 1_200 },
  { from: 1_900, to: 2_200 },
] as const;

/** The golden ratio spreads any number of trials evenly, without chance. */
function momentOf(trial: number): number {
  const { from, to } = MOMENTS[trial % MOMENTS.length] ?? MOMENTS[0];
  return from + (to - from) * ((trial * 0.618_034) % 1);
}

/** Pages six people, answers at a moment that differs from trial to trial, and watches what still comes. */
export async function measureAck(stage: Stage, trials: number): Promise<AckResult> {
  stage.say(`ack: ${trials} trials`);
  const answers: number[] = [];
  const lasts: number[] = [];
  let pagesAfterAnswer = 0;
  let pagesBefore = 0;
  let latestAfterAnswer = 0;
  const trial = async (index: number): Promise<void> => {
    const mark = `${SLOW_MARK}-${index}`;
    const sent = await stage.tocsin.alert(mark, 'crowd');
    stage.accepted.push(mark);
    const openingId = await stage.tocsin.openingOf(sent);
    await pause(sent.acceptedAt + momentOf(index) - now());
    const { askedAt, answeredAt } = await stage.tocsin.acknowledge(openingId, ANSWERS);
    await pause(WATCH_MS);
    const pages = stage.provider.arrivalsOf(mark).filter(({ isPage }) => isPage);
    const last = Math.max(askedAt, ...pages.map(({ at }) => at));
    answers.push(answeredAt - askedAt);
    lasts.push(last - askedAt);
    latestAfterAnswer = Math.max(latestAfterAnswer, last - answeredAt);
    pagesAfterAnswer += pages.filter(({ at }) => at > answeredAt).length;
    pagesBefore += pages.filter(({ at }) => at <= answeredAt).length;
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < trials) {
      next += 1;
      await trial(next);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return {
    trials,
    answer: summaryOf(answers),
    lastPage: summaryOf(lasts),
    pagesAfterAnswer,
    latestAfterAnswer,
    pagesBefore,
  };
}
