import type { Letter } from '../../domain/messages/letter.js';
import type { Message } from '../../domain/messages/message.js';
import { SECOND, type Milliseconds } from '../../domain/time/instant.js';

/** What is known of a message beside its words. */
export interface Circumstances {
  /** Counted from 1. */
  readonly attempt: number;
  /** This person was sent the same page before, by this or another method. */
  readonly again: boolean;
  /** 1 is the worst. */
  readonly severityRank: number;
}

/** A worse severity goes ahead of a lesser one that came so much earlier. */
const PER_RANK = 5 * SECOND;
const LOWEST_RANK = 4;
/** A repeat: the person has been told, or this way has failed before and others were taken. */
const REPEAT = 30 * SECOND;
/** Whoever reads this need not do anything; letters that nobody waits for as well. */
const NOTICE = 60 * SECOND;
/** Somebody looks at their phone and waits: a code, a test. Still no page. */
const AWAITED = 30 * SECOND;

/**
 * How much later than this message another may come, with no handicap, and still go ahead of it where both wait for the same
 * number. First pages have none, but for their severity. A handicap is no delay, and since time makes up for it nothing waits
 * for ever behind what keeps coming.
 */
export function handicapOf(
  message: Message | Letter,
  { attempt, again, severityRank }: Circumstances,
): Milliseconds {
  if (message.kind === 'letter')
    return message.topic === 'test' || message.topic === 'verification' ? AWAITED : NOTICE;
  const bySeverity = (Math.min(LOWEST_RANK, Math.max(1, severityRank)) - 1) * PER_RANK;
  const informs = message.parts.every((part) => part.type !== 'page' || part.reason === 'for-information');
  if (message.kind === 'notice' || informs) return NOTICE + bySeverity;
  const laterRound = message.parts.some((part) => part.type === 'page' && part.round > 1);
  return (attempt > 1 || again || laterRound ? REPEAT : 0) + bySeverity;
}
