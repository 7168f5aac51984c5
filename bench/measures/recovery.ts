import { now, pause } from '../clock.js';
import { untilIdle } from '../process-usage.js';
import type { Stage } from '../stage.js';
import { summaryOf, type Summary } from '../statistics.js';
import { isSecondTier } from '../tocsin-config.js';

/** How long it takes until pages go out again after a process was killed and started anew at once. Milliseconds. */
export interface RecoveryResult {
  readonly killed: 'worker' | 'server';
  readonly trials: number;
  /** From the kill to the page of an alert that a sender kept sending since. */
  readonly newAlert: Summary;
  /** From the moment it was due to the page of an escalation that fell into the outage. */
  readonly dueMeanwhile: Summary;
  /** Escalations whose page never came. */
  readonly missed: number;
}

/** Of the service `crowd`: its next tier is paged after this. */
const NEXT_TIER_MS = 2_000;
/** The kill comes so long before that. */
const BEFORE_MS = 500;
const PATIENCE_MS = 60_000;

/**
 * Kills what runs Tocsin's worker and API, or the Temporal Server, half a second before the next tier of an incident is due, and
 * starts it again at once, as a supervisor does.
 */
export async function measureRecovery(
  stage: Stage,
  killed: RecoveryResult['killed'],
  trials: number,
): Promise<RecoveryResult> {
  const { provider } = stage;
  const newAlert: number[] = [];
  const dueMeanwhile: number[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    await untilIdle([stage.server.pid, stage.bare.pid, stage.tocsin.pid]);
    stage.say(`recovery: the ${killed} is killed, ${trial + 1} of ${trials}`);
    const mark = `bench-kill-${killed}-${trial}`;
    const sent = await stage.tocsin.alert(mark, 'crowd');
    stage.accepted.push(mark);
    const due = sent.acceptedAt + NEXT_TIER_MS;
    await pause(due - BEFORE_MS - now());
    const killedAt = now();
    if (killed === 'worker') {
      await stage.tocsin.kill();
      await stage.tocsin.startAgain();
    } else {
      await stage.restartServer();
    }
    const fresh = `${mark}-new`;
    await sendUntilTaken(stage, fresh);
    stage.accepted.push(fresh);
    await provider.untilArrived([fresh], PATIENCE_MS);
    newAlert.push((provider.arrivalsOf(fresh)[0]?.at ?? Number.NaN) - killedAt);
    const late = await nextTierOf(stage, mark);
    if (late !== undefined) dueMeanwhile.push(late - due);
  }
  return {
    killed,
    trials,
    newAlert: summaryOf(newAlert),
    dueMeanwhile: summaryOf(dueMeanwhile),
    missed: trials - dueMeanwhile.length,
  };
}

/** A sender that tries again while nobody listens; the door itself tries again on a 503. */
async function sendUntilTaken(stage: Stage, mark: string): Promise<void> {
  for (const began = now(); ; await pause(50)) {
    try {
      await stage.tocsin.alert(mark, 'single');
      return;
    } catch (error) {
      if (now() - began > PATIENCE_MS) throw error;
    }
  }
}

/** When the first page of the second tier came; the first tier has six people, each paged twice at most. */
async function nextTierOf(stage: Stage, mark: string): Promise<number | undefined> {
  for (const began = now(); now() - began < PATIENCE_MS; await pause(50)) {
    const arrival = stage.provider.arrivalsOf(mark).find(({ to }) => isSecondTier(to));
    if (arrival !== undefined) return arrival.at;
  }
  return undefined;
}
