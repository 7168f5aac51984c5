import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { reviewDetails } from '../domain/messages/details.js';
import {
  applyReview,
  isReviewOver,
  openReview,
  reviewViewOf,
  type ReviewCommand,
  type ReviewEvent,
} from '../domain/review/machine.js';
import { reviewBatch } from '../domain/review/outbox.js';
import type { ReviewInput } from '../domain/review/review-types.js';
import type { ReviewState } from '../domain/review/state.js';
import { searchAttributesOf } from '../temporal-config/search-attributes.js';
import { createInterpreter, shouldContinueAsNew } from './interpreter.js';
import { deliverySignal, recordQuery, reviewQuery, reviewUpdate } from './messages.js';
import { createOutbox } from './outbox.js';

/** The argument of the workflow. */
export interface ReviewStart extends ReviewInput {
  readonly carried?: ReviewState;
}

/** What an incident still owes after it is over: the postmortem and its deadline. A thin interpreter of domain/review. */
export async function review(
  start: ReviewStart,
): Promise<{ readonly openingId: string; readonly postmortem: string | null }> {
  const opened =
    start.carried === undefined ? openReview(start, Date.now()) : { state: start.carried, commands: [] };
  const machine = createInterpreter<ReviewState, ReviewEvent, ReviewCommand>(opened, {
    apply: applyReview,
    run: () => undefined,
  });

  machine.begin();
  setHandler(reviewQuery, () => reviewViewOf(machine.state()));
  setHandler(deliverySignal, ({ report }) => machine.feed({ type: 'delivery', report }));
  setHandler(reviewUpdate, (action) => {
    machine.feed({ type: 'action', action });
    const given = machine.state().answers.find((answer) => answer.requestId === action.requestId);
    return given?.answer ?? { outcome: 'not-required', sentence: 'Noted.' };
  });

  setHandler(recordQuery, () => reviewBatch(machine.state(), 0));

  const outbox = createOutbox({
    openingId: start.openingId,
    batch: () => reviewBatch(machine.state()),
    kept: (through) => machine.feed({ type: 'recorded', through }),
  });

  let shown = '';
  const show = (state: ReviewState): void => {
    setCurrentDetails(reviewDetails(reviewViewOf(state)));
    if (shown === state.phase) return;
    shown = state.phase;
    upsertSearchAttributes(
      searchAttributesOf({
        kind: 'review',
        openingId: start.openingId,
        openedAt: start.openedAt,
        code: start.code,
        service: start.service,
        ...(start.team === undefined ? {} : { team: start.team }),
        severity: start.severity,
        phase: state.phase,
        ...(start.owner === null ? {} : { owner: start.owner.id }),
        paged: [],
        responders: start.responders,
      }),
    );
  };
  for (;;) {
    await machine.settle();
    const state = machine.state();
    show(state);
    if (isReviewOver(state) && machine.pending() === 0) {
      if (outbox.owes()) await outbox.end();
      // What happened meanwhile is looked at first.
      if (!outbox.owes() && isReviewOver(machine.state()) && machine.pending() === 0) break;
      continue;
    }
    outbox.watch();
    if (shouldContinueAsNew(machine.pending())) {
      await condition(allHandlersFinished);
      if (machine.pending() === 0 && !isReviewOver(machine.state()))
        await continueAsNew<typeof review>({ ...start, carried: machine.state() });
    }
  }
  await condition(allHandlersFinished);
  return { openingId: start.openingId, postmortem: machine.state().published?.url ?? null };
}
