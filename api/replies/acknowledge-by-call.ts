import type { Incidents } from '../incidents/incidents.js';
import { NOTED } from '../incidents/words.js';
import { ACKNOWLEDGED, type Asker } from './answer-reply.js';

/** What is said of a key press that means several incidents. */
export interface AnsweredCall {
  readonly sentences: readonly string[];
  /** Present: one of them could not be told. The key can be pressed again: what was told counts once. */
  readonly error?: unknown;
}

/** Acknowledges each of these incidents and says in one go what became of it. Never rejects. */
export async function acknowledgeByCall(
  incidents: Pick<Incidents, 'act'>,
  asker: Asker,
  openingIds: readonly string[],
): Promise<AnsweredCall> {
  const results = await Promise.allSettled(
    openingIds.map((openingId) => incidents.act({ ...asker, action: 'acknowledge', openingId })),
  );
  const sentences = new Set<string>();
  let taken = 0;
  let over = 0;
  let failure: { readonly error: unknown } | null = null;
  for (const result of results) {
    if (result.status === 'rejected') failure = { error: result.reason };
    else if (result.value.kind === 'over') over += 1;
    else if (result.value.kind === 'noted') sentences.add(NOTED);
    else if (ACKNOWLEDGED.has(result.value.answer.outcome)) taken += 1;
    else sentences.add(result.value.answer.sentence);
  }
  const all = openingIds.length;
  return {
    sentences: [
      ...(taken === 0
        ? []
        : [taken === all ? `You have all ${all} incidents.` : `You have ${taken} of ${all} incidents.`]),
      ...sentences,
      ...(over === 0 ? [] : [over === 1 ? 'One is over.' : `${over} are over.`]),
    ],
    ...(failure ?? {}),
  };
}
