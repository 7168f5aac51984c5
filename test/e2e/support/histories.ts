import type { History, Payload } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunningSystem } from '../../support/running-system.js';

/** One run with all of its events. */
export interface RecordedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly history: History;
}

/** The history of every run of the namespace. */
export async function allHistories(system: RunningSystem): Promise<readonly RecordedRun[]> {
  const runs: RecordedRun[] = [];
  for await (const { workflowId, runId } of system.client.workflow.list()) {
    const history = await system.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push({ workflowId, runId, history });
  }
  return runs;
}

/** Every text in a history, payloads decoded: what somebody who may read Temporal can read. */
export function readableText(value: unknown): string {
  const texts: string[] = [];
  const walk = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part);
    else if (part instanceof Uint8Array) texts.push(Buffer.from(part).toString('utf8'));
    else if (Array.isArray(part)) part.forEach(walk);
    else if (typeof part === 'object' && part !== null) {
      for (const [name, inner] of Object.entries(part)) {
        texts.push(name);
        walk(inner);
      }
    }
  };
  walk(value);
  return texts.join('\n');
}

/** Phone numbers and mail addresses of the tests' people, however they are written. */
const PERSONAL = /\+?1?[ .-]?\(?202\)?[ .-]?555[ .-]?01\d\d|[a-z-]+@example\.com/gi;

/** Where personal data stands in a history, with what surrounds it; empty when there is none. */
export async function personalData(system: RunningSystem): Promise<readonly string[]> {
  const runs = await allHistories(system);
  const texts = runs.map(({ workflowId, history }) => ({ workflowId, text: readableText(history) }));
  // What is looked into must be what people wrote, or nothing would ever be found.
  if (!texts.some(({ text }) => text.includes('"configHash"')))
    throw new Error('There is no readable history of an incident to look into.');
  return texts.flatMap(({ workflowId, text }) => {
    const found = [...text.matchAll(PERSONAL)];
    return found.map(({ index }) => `${workflowId}: ${text.slice(Math.max(0, index - 60), index + 80)}`);
  });
}

/** The Markdown that a workflow shows in the Temporal UI now; empty when it shows none. */
export async function currentDetailsOf(handle: Pick<WorkflowHandle, 'query'>): Promise<string> {
  const metadata = await handle.query<{ readonly currentDetails?: string }, []>(
    '__temporal_workflow_metadata',
  );
  return metadata.currentDetails ?? '';
}

/** A label as it stands in an event, a command or a timer; empty when there is none. */
export function summaryIn(metadata: { readonly summary?: Payload | null } | null | undefined): string {
  const data = metadata?.summary?.data;
  return data === null || data === undefined ? '' : String(JSON.parse(Buffer.from(data).toString('utf8')));
}
