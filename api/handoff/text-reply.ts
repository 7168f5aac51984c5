import type { User } from '../../config/types.js';
import type { HandoffMemo } from '../../domain/handoff/handoff.js';
import type { AppDeps } from '../deps.js';
import type { Spoken } from '../replies/answer-reply.js';
import { canBeConfirmed, changeWords, confirmAs, notYetWords, type Confirmed } from './confirm.js';
import { findHandoff } from './find-handoff.js';

/** A word that no answer to a page begins with. */
const CONFIRMATION = /^\s*hand-?\s?(?:off|over)\b[\s:,.-]*([a-z0-9]{4})?\b/i;

/**
 * Confirms a hand-over by text message: `HANDOFF 7KQ2`, or `HANDOFF` alone when only one waits for this person. Null: the message is
 * about something else.
 * @throws TemporalUnavailable
 */
export async function answerHandoffText(
  deps: Pick<AppDeps, 'config' | 'now' | 'known' | 'handoffs'>,
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
  if (meant === undefined && code !== undefined) {
    const found = await findHandoff(deps, workflows, code);
    if (found.kind === 'not-yet')
      return { text: notYetWords(deps, found.plan, user), outcome: 'handoff-not-yet' };
    if (found.kind === 'found')
      return confirmed(await confirmAs(deps, workflows, found.handoff, user, 'sms'));
  }
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
  return confirmed(await confirmAs(deps, workflows, { ...meant, isOpen: true }, user, 'sms'));
}

function confirmed({ outcome, sentence }: Confirmed): Spoken {
  return { text: sentence, outcome: `handoff-${outcome}` };
}

function isWaiting(memo: HandoffMemo): boolean {
  return canBeConfirmed(memo, true);
}
