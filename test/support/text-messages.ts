import type { Client } from '@temporalio/client';
import { answerReply, type Asker } from '../../api/replies/answer-reply.js';
import type { ScriptedAnswer } from '../../simulation/answer-sentence.js';
import { replyText } from '../../simulation/ways.js';
import { createSearchlessIncidents, type RunOfIncident } from './searchless-incidents.js';

interface Opening extends RunOfIncident {
  readonly group: string;
  readonly openingId: string;
  readonly code: string;
}

/**
 * Sends the text message of a scenario production's whole way: read, searched for, carried out, worded. What is heard: what
 * each incident said that was asked, in the order in which they opened (production puts the answers to ALL into one message),
 * or why none was.
 */
export async function hearText(
  client: Client,
  openings: readonly Opening[],
  { who, ask, meant }: ScriptedAnswer,
  asker: Asker,
): Promise<readonly string[]> {
  const named = openings.findLast(({ group }) => group === meant);
  const text = meant === 'all' ? 'ack all' : replyText(ask, named?.code ?? null);
  const incidents = createSearchlessIncidents(client, () => openings);
  const said = new Map<string, string>();
  const act: typeof incidents.act = async (action) => {
    const result = await incidents.act(action);
    if (result.kind !== 'answered') throw new Error(`${who}'s "${text}" came to ${result.kind}.`);
    said.set(action.openingId, result.answer.sentence);
    return result;
  };
  const spoken = await answerReply({ ...incidents, act }, asker, text, () => Promise.resolve(null));
  const sentences = openings.flatMap(({ openingId }) => said.get(openingId) ?? []);
  const [only = spoken.text, another] = sentences;
  if (another === undefined && spoken.text !== only)
    throw new Error(`${who} hears "${spoken.text}", and the incident said "${only}".`);
  return sentences.length > 0 ? sentences : [spoken.text];
}
