import type { Client } from '@temporalio/client';
import type { IncidentView } from '../../domain/incident/view.js';
import { incidentWorkflowId } from '../../temporal-config/names.js';
import { incidentQuery } from '../../workflows/messages.js';
import { now, pause } from '../clock.js';
import { untilIdle } from '../process-usage.js';
import type { Stage } from '../stage.js';
import { summaryOf, type Summary } from '../statistics.js';
import type { Sent } from '../subject.js';

/** What one outage came to. Milliseconds. */
export interface StormResult {
  readonly alerts: number;
  readonly requests: number;
  /** Seconds over which the requests were made; 0: there was one. */
  readonly overSeconds: number;
  readonly incidents: number;
  readonly pages: number;
  readonly signals: number;
  /** Alerts that were accepted and that the incident does not count. */
  readonly lost: number;
  /** Requests that were refused (503) and made again. */
  readonly refusals: number;
  /** From the last request to the last 2xx. */
  readonly lastAnswerMs: number;
  /** From a request to its 2xx. */
  readonly answer: Summary;
  /** From the first request to the page. */
  readonly toPageMs: number;
}

/** How long the page and the count may take. */
const PATIENCE_MS = 60_000;
/** A second page that nobody should get would come in this time. */
const WATCH_MS = 2_000;

let storms = 0;

/** One outage of so many alerts, in one request, or as single ones over some seconds whether or not earlier ones were answered. */
export async function measureStorm(stage: Stage, count: number, overSeconds: number): Promise<StormResult> {
  const { tocsin, provider, client } = stage;
  await untilIdle([stage.server.pid, stage.bare.pid, tocsin.pid]);
  storms += 1;
  const mark = `bench-storm-${storms}`;
  const names = Array.from({ length: count }, (_, index) => `host-${index}`);
  const batches = overSeconds === 0 ? [names] : names.map((name) => [name]);
  stage.say(`storm: ${count} alerts in ${batches.length} requests`);
  const requests: Promise<Sent>[] = [];
  const began = now();
  for (const [index, batch] of batches.entries()) {
    await pause(began + (1_000 * overSeconds * index) / batches.length - now());
    requests.push(tocsin.storm(mark, batch));
  }
  const lastAt = now();
  const sent = await Promise.all(requests);
  stage.accepted.push(mark);
  await provider.untilArrived([mark], PATIENCE_MS);
  const keys = [...new Set(sent.map((one) => tocsin.keyOf(one)))];
  const counted = await Promise.all(keys.map((key) => countOf(client, key, count)));
  await pause(WATCH_MS);
  const arrivals = provider.arrivalsOf(mark);
  return {
    alerts: count,
    requests: batches.length,
    overSeconds,
    incidents: keys.length,
    pages: arrivals.filter(({ isPage }) => isPage).length,
    signals: (await Promise.all(keys.map((key) => signalsOf(client, key)))).reduce(
      (sum, one) => sum + one,
      0,
    ),
    lost: count - counted.reduce((sum, one) => sum + one, 0),
    refusals: sent.reduce((sum, { refusals }) => sum + refusals, 0),
    lastAnswerMs: Math.max(...sent.map(({ acceptedAt }) => acceptedAt)) - lastAt,
    answer: summaryOf(sent.map(({ sentAt, acceptedAt }) => acceptedAt - sentAt)),
    toPageMs: (arrivals[0]?.at ?? Number.NaN) - began,
  };
}

/** How many alerts the incident counts, once it counts as many as were sent or has had time enough. */
async function countOf(client: Client, key: string, expected: number): Promise<number> {
  const handle = client.workflow.getHandle(incidentWorkflowId(key));
  for (const began = now(); ; await pause(100)) {
    const { alerts } = await handle.query<IncidentView, []>(incidentQuery);
    if (alerts.total >= expected || now() - began > PATIENCE_MS) return alerts.total;
  }
}

/** The signals that all runs of the incident got. */
async function signalsOf(client: Client, key: string): Promise<number> {
  const workflowId = incidentWorkflowId(key);
  let signals = 0;
  for await (const { runId } of client.workflow.list({ query: `WorkflowId="${workflowId}"` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    signals += (events ?? []).filter(isSignal).length;
  }
  return signals;
}

function isSignal(event: { readonly workflowExecutionSignaledEventAttributes?: object | null }): boolean {
  return (event.workflowExecutionSignaledEventAttributes ?? null) !== null;
}
