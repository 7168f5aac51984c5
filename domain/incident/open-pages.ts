import type { IncidentState, Page } from './state.js';
import { isApart } from './turn.js';

/**
 * What "open" means of a page, for all who ask: nobody has answered it, and what it is about is not over. That the next tier
 * took over leaves it open: its person may still answer.
 */
export function isOpenPage(page: Pick<Page, 'status'>): boolean {
  return page.status !== 'stopped';
}

/** An open page that calls on somebody; one for information asks nothing, though whoever gets it may answer it too. */
export function isOpenCall(page: Pick<Page, 'status' | 'reason'>): boolean {
  return isOpenPage(page) && page.reason !== 'for-information';
}

/** Whether people are being paged, or are about to be: whoever answers now has it. */
export function isUnanswered(state: Pick<IncidentState, 'escalation' | 'phase'>): boolean {
  return state.escalation !== null || state.phase === 'triggered';
}

/** Whose answer is waited for: a bare ACK of theirs means this incident. Those of lines beside the policy, whoever has it. */
export function awaitedPeople(state: IncidentState): ReadonlySet<string> {
  const unanswered = isUnanswered(state);
  return new Set(
    state.pages
      .filter((page) => isOpenPage(page) && (unanswered || isApart(state, page)))
      .map((page) => page.userId),
  );
}

/** Who was called on, and has not heard yet that somebody answered. */
export function openlyPaged(state: Pick<IncidentState, 'pages'>): string[] {
  return state.pages.filter(isOpenCall).map((page) => page.userId);
}
