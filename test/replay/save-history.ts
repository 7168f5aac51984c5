import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type * as workflows from '../../workflows/index.js';

const folder = join('test', 'replay', 'histories');

/** A type of workflow, as its history is named. */
export type WorkflowKind = keyof typeof workflows;

/** Writes the history of a run that has ended under the version of package.json. Call it from the root of the repository. */
export async function saveHistory(
  handle: Pick<WorkflowHandle, 'fetchHistory'>,
  kind: WorkflowKind,
  what: string,
): Promise<void> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const history = await handle.fetchHistory();
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${kind}-${version}-${what}.json`);
  await writeFile(path, `${historyToJSON(history)}\n`);
  console.log(`${path}: ${history.events?.length ?? 0} events`);
}

/** The same of a workflow that is about to end, with what it returned. */
export async function saveEnded(
  client: Client,
  workflowId: string,
  kind: WorkflowKind,
  what: string,
): Promise<unknown> {
  const handle = client.workflow.getHandle(workflowId);
  // To its end: what is told at resolution comes after the phase that everybody sees.
  const result: unknown = await handle.result();
  await saveHistory(handle, kind, what);
  return result;
}
