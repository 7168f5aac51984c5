import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const folder = join('test', 'replay', 'histories');

/** Writes the history of a run that has ended under the version of package.json. Call it from the root of the repository. */
export async function saveHistory(
  handle: Pick<WorkflowHandle, 'fetchHistory'>,
  kind: 'incident' | 'review' | 'heartbeat',
  what: string,
): Promise<void> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const history = await handle.fetchHistory();
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${kind}-${version}-${what}.json`);
  await writeFile(path, `${historyToJSON(history)}\n`);
  console.log(`${path}: ${history.events?.length ?? 0} events`);
}
