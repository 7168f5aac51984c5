import type { IncidentView } from '../../domain/incident/view.js';
import { incidentWorkflowId } from '../../temporal-config/names.js';
import { incidentQuery } from '../../workflows/messages.js';
import { now, pause } from '../clock.js';
import type { Stage } from '../stage.js';
import { summaryOf, type Summary } from '../statistics.js';
import type { Sent } from '../subject.js';
import { BEA, LATE_AFTER_MS } from '../tocsin-config.js';

/** How late acknowledgement time-outs are met when very many fall within a minute. Milliseconds. */
export interface LatenessResult {
  readonly deadlines: number;
  /** Between the first and the last of the deadlines. */
  readonly withinMs: number;
  /** From a deadline to the moment at which the next tier's page reached the provider. */
  readonly toNextPage: Summary;
  /** From a deadline to the moment at which the machine dealt with it, by its own timeline. */
  readonly dealtWith: Summary;
  /** Deadlines whose page never came. */
  readonly missed: number;
}

/** The incidents are opened evenly over this time, so that their time-outs fall within a minute. */
const OPENED_WITHIN_MS = 55_000;
const ASKED_AT_A_TIME = 8;
/** What is due may be so late. */
const PATIENCE_MS = 60_000;

/** Opens incidents that nobody answers, over a minute, and looks when their next tier is paged. */
export async function measureLateness(stage: Stage, count: number): Promise<LatenessResult> {
  const { tocsin, provider } = stage;
  stage.say(`lateness: ${count} incidents are opened within a minute`);
  const marks = Array.from({ length: count }, (_, index) => `bench-late-${index}`);
  const began = now();
  const requests: Promise<Sent>[] = [];
  for (const [index, mark] of marks.entries()) {
    await pause(began + (OPENED_WITHIN_MS * index) / count - now());
    requests.push(tocsin.alert(mark, 'late'));
  }
  const sent = await Promise.all(requests);
  stage.accepted.push(...marks);
  stage.say('lateness: waiting for the time-outs');
  await pause(began + OPENED_WITHIN_MS + LATE_AFTER_MS - now());
  const toBea = (mark: string) => provider.arrivalsOf(mark).find(({ to }) => to === BEA);
  for (const until = now() + PATIENCE_MS; now() < until && !marks.every(toBea); await pause(100));

  // One clock is that of the provider's process, the other that of the deadlines: both are of this machine.
  const offset = Date.now() - now();
  const deadlines: number[] = [];
  const toNextPage: number[] = [];
  const dealtWith: number[] = [];
  const ask = async (index: number): Promise<void> => {
    const [mark, one] = [marks[index], sent[index]];
    if (mark === undefined || one === undefined) return;
    const handle = stage.client.workflow.getHandle(incidentWorkflowId(tocsin.keyOf(one)));
    const view = await handle.query<IncidentView, []>(incidentQuery);
    // Its first tier is searched for in the task that opens it: from then on its time runs.
    const deadline = view.openedAt + LATE_AFTER_MS;
    deadlines.push(deadline);
    const entry = view.timeline.find(({ type }) => type === 'ack-timeout');
    if (entry !== undefined) dealtWith.push(entry.at - deadline);
    const page = toBea(mark);
    if (page !== undefined) toNextPage.push(page.at + offset - deadline);
  };
  for (let from = 0; from < count; from += ASKED_AT_A_TIME)
    await Promise.all(Array.from({ length: ASKED_AT_A_TIME }, (_, lane) => ask(from + lane)));
  return {
    deadlines: count,
    withinMs: Math.max(...deadlines) - Math.min(...deadlines),
    toNextPage: summaryOf(toNextPage),
    dealtWith: summaryOf(dealtWith),
    missed: count - toNextPage.length,
  };
}
