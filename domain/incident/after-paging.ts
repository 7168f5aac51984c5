import type { MessagePart } from '../messages/message.js';
import { tell, type Turn } from './turn.js';

/**
 * Tells people something once it is known whom this moment pages: whoever is paged reads it in the page, and gets no second
 * message in the same second.
 */
export function tellWhoIsNotPaged(turn: Turn, userIds: readonly string[], part: MessagePart): void {
  turn.state.afterPaging = { userIds: [...new Set(userIds)], part, since: turn.now };
}

/** At the end of each turn: tells them, when nobody is looked for any more who would be paged. */
export function tellAfterPaging(turn: Turn): void {
  const { state, now } = turn;
  const { afterPaging } = state;
  if (afterPaging === undefined) return;
  const isOver = state.owner !== null || state.phase !== 'triggered';
  const isLookingForSomebody = Object.values(state.searches).some(
    ({ purpose }) => purpose.type === 'position' || purpose.type === 'relief' || purpose.type === 'inform',
  );
  // A search that does not come to an end keeps nobody in the dark for longer than two messages would be one.
  const isLate = now - afterPaging.since >= state.plan.timings.mergeMs;
  if (!isOver && isLookingForSomebody && !isLate) return;
  delete state.afterPaging;
  if (isOver) return;
  const paged = state.pages.filter(({ status, line }) => status === 'active' && line === undefined);
  tell(
    turn,
    afterPaging.userIds.filter((userId) => !paged.some((page) => page.userId === userId)),
    afterPaging.part,
  );
}
