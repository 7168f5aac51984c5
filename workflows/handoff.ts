import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertMemo,
} from '@temporalio/workflow';
import type { HandoffActivities } from '../activities/handoff-contracts.js';
import type {
  Confirmation,
  HandoffMemo,
  HandoffStatus,
  HandoffView,
  PlannedHandoff,
  Side,
} from '../domain/handoff/handoff.js';
import { BEGUN, nextStep, type HandoffProgress, type HandoffStep } from '../domain/handoff/steps.js';
import { utcTimes } from '../domain/messages/times.js';
import { MINUTE } from '../domain/time/instant.js';
import { confirmHandoffSignal, handoffQuery } from './messages.js';
import { LETTERS, LOOKS } from './letter-options.js';

const looks = proxyLocalActivities<Pick<HandoffActivities, 'isHandoffStillSo' | 'whomToTell'>>(LOOKS);
const letters = proxyActivities<Pick<HandoffActivities, 'writeHandoff'>>(LETTERS);
const incidents = proxyActivities<Pick<HandoffActivities, 'takeOver'>>({
  startToCloseTimeout: '60s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/** What the schedule no longer has may be so again when an override is taken back: looked at so often until the change. */
const LOOK_AGAIN_MS = 15 * MINUTE;

/**
 * One hand-over, from the digest to the moment at which who comes has what was open. What it is about is in `plan`, by value; whether
 * it is still so is asked before each step, and what an override has made untrue ends without a word.
 */
export async function handoff(plan: PlannedHandoff): Promise<HandoffView> {
  let progress: HandoffProgress = BEGUN;
  const given: { confirmed: Confirmation | null } = { confirmed: null };
  let status: HandoffStatus = 'waiting';
  let taken = 0;
  const notes: string[] = [];

  const memo = (): HandoffMemo => ({ plan, status, confirmedAt: progress.confirmedAt });
  const view = (): HandoffView => ({ ...memo(), taken, notes });
  const note = (text: string): void => {
    notes.push(`${utcTimes.moment(Date.now())}: ${text}`);
  };
  const is = (next: HandoffStatus): void => {
    status = next;
  };

  setHandler(confirmHandoffSignal, (by) => {
    if (progress.confirmedAt !== null || by.by !== plan.coming || status === 'void') return;
    given.confirmed = by;
    progress = { ...progress, confirmedAt: Date.now() };
    note(`confirmed by ${by.via}`);
    is('confirmed');
  });
  setHandler(handoffQuery, view);

  const show = createDisplay(plan);
  let hasThanked = false;
  for (;;) {
    show(view());
    if (progress.confirmedAt !== null && !hasThanked) {
      hasThanked = true;
      if (plan.leaving !== null) await write('confirmed', plan.leaving);
      continue;
    }
    const step = nextStep(plan, progress);
    const wait = step.at - Date.now();
    if (wait > 0) {
      const seen = progress;
      await condition(() => progress !== seen, wait);
      continue;
    }
    if (step.kind === 'expire') {
      is('over');
      note(plan.coming === null ? 'the change is over' : 'nobody confirmed it');
      break;
    }
    if (!(await looks.isHandoffStillSo({ plan }))) {
      if (Date.now() >= plan.at) {
        is('void');
        note('the schedule says otherwise: ended');
        break;
      }
      const before = status;
      is('void');
      note('the schedule says otherwise: nothing is sent');
      show(view());
      await sleep(Math.min(LOOK_AGAIN_MS, plan.at - Date.now()));
      is(before);
      continue;
    }
    if (step.kind === 'take-over') {
      const { confirmed } = given;
      if (confirmed !== null) taken = await incidents.takeOver({ plan, confirmed });
      is('done');
      note(`${taken} ${taken === 1 ? 'incident' : 'incidents'} changed hands`);
      break;
    }
    await perform(step.kind);
  }
  show(view());
  await condition(allHandlersFinished);
  return view();

  async function perform(kind: Exclude<HandoffStep['kind'], 'take-over' | 'expire'>): Promise<void> {
    switch (kind) {
      case 'digest-leaving':
        return digest('leaving', plan.leaving);
      case 'digest-coming':
        await digest('coming', plan.coming);
        if (status === 'waiting') is('asked');
        return;
      case 'remind':
        progress = { ...progress, reminded: true };
        if (plan.coming !== null) await write('reminder', plan.coming);
        return;
      case 'tell-others': {
        progress = { ...progress, told: true };
        is('unconfirmed');
        const others = await looks.whomToTell({ plan });
        await Promise.all(others.map((to) => write('unconfirmed', to)));
        return;
      }
      default:
        return kind satisfies never;
    }
  }

  async function digest(side: Side, to: string | null): Promise<void> {
    progress = { ...progress, digests: { ...progress.digests, [side]: Date.now() } };
    if (to !== null) await write(`digest-${side}`, to);
  }

  /** A letter that nobody could deliver is noted: the hand-over goes on. */
  async function write(
    kind: Parameters<HandoffActivities['writeHandoff']>[0]['kind'],
    to: string,
  ): Promise<void> {
    try {
      const { status: became } = await letters.writeHandoff.executeWithOptions(
        { ...LETTERS, summary: `${kind} to ${to}` },
        [{ plan, kind, to }],
      );
      note(became === 'sent' ? `${kind} to ${to}` : `${kind} to ${to}: no contact method took it`);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      note(`${kind} to ${to}: it could not be sent`);
    }
  }
}

/** Keeps the memo (for lists) and the details true. */
function createDisplay(plan: PlannedHandoff): (view: HandoffView) => void {
  let shown: HandoffStatus | null = 'waiting';
  return ({ status, confirmedAt, notes }) => {
    setCurrentDetails(
      [
        `**${status}**`,
        `- ${plan.slot} of ${plan.schedule} at ${utcTimes.moment(plan.at)}: ${plan.leaving ?? 'nobody'} to ${plan.coming ?? 'nobody'}`,
        ...notes.map((text) => `- ${text}`),
      ].join('\n'),
    );
    if (status === shown) return;
    shown = status;
    upsertMemo({ handoff: { plan, status, confirmedAt } satisfies HandoffMemo });
  };
}
