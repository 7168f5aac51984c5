import type { User } from '../../config/types.js';
import type { HandoffMemo } from '../../domain/handoff/handoff.js';
import type { AppDeps } from '../deps.js';
import type { Spoken } from '../replies/answer-reply.js';
import { canBeConfirmed, changeWords, confirmAs } from './confirm.js';

/** A word that no answer to a page begins with. */
const CONFIRMATION = /^\s*hand-?\s?(?:off|over)\b[\s:,.-]*([a-z0-9]{4})?\b/i;

/**
 * Confirms a hand-over by text message: `HANDOFF 7KQ2`, or `HANDOFF` alone when only one waits for this person. Null: the message is
 * about something else.
 * @throws TemporalUnavailable
 */
export async function answerHandoffText(
  deps: Pick<AppDeps, 'config' | 'now' | 'handoffs'>,
  user: User,
  text: string,
): Promise<Spoken | null> {
  const match = CONFIRMATION.exec(text);
  const workflows = deps.handoffs;
  if (match === null || workflows === undefined) return null;
  const code = match[1]?.toUpperCase();
  const all = code === undefined ? [...(await workflows.running()).values()] : await workflows.byCode(code);
  const waiting = all.filter((memo) => memo.plan.coming === user.id && isWaiting(memo));
  // By its code also what does not wait for them: they are told why it can't be confirmed.
  const [meant, another] = waiting.length > 0 ? waiting : code === undefined ? [] : all;
  if (meant === undefined)
    return {
      text: `Nothing was done: no hand-over${code === undefined ? ' waits for you' : ` has the code ${code}`}.`,
      outcome: 'handoff-unknown',
    };
  if (another !== undefined)
    return {
      text: `Several wait for you, nothing was done: ${waiting.map((memo) => `HANDOFF ${memo.plan.code} for ${changeWords(deps, memo.plan, user)}`).join('; ')}.`,
      outcome: 'handoff-several',
    };
  const { outcome, sentence } = await confirmAs(deps, workflows, { ...meant, isOpen: true }, user, 'sms');
  return { text: sentence, outcome: `handoff-${outcome}` };
}

function isWaiting(memo: HandoffMemo): boolean {
  return canBeConfirmed(memo, true);
}
