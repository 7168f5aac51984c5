import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { UNWATCHED } from '../../worker/create-worker.js';
import { bundleForTests } from '../support/bundle.js';

const folder = join('test', 'replay', 'histories');
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'));

/**
 * Every released version of the workflows leaves histories here, recorded on a real server (docs/operating.md, "Releasing").
 * The code that ships must still make the same decisions from them.
 */
describe('recorded histories replay against the bundle that ships', () => {
  let workflowBundle: WorkflowBundleOption;
  beforeAll(async () => {
    workflowBundle = await bundleForTests();
  }, 60_000);

  test('there are histories of every workflow', () => {
    const source = readFileSync(join('workflows', 'index.ts'), 'utf8');
    const kinds = [...source.matchAll(/export \{ (\w+) \}/g)].map(([, kind]) => kind ?? '');
    expect(kinds).toContain('heartbeat');
    for (const kind of kinds) expect(histories.map((name) => name.split('-')[0])).toContain(kind);
  });

  test.each(histories)('%s', async (name) => {
    const history: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    // Under the id that it had: ids of what a workflow starts may follow from its own.
    await Worker.runReplayHistory({ workflowBundle, sinks: UNWATCHED }, history, workflowIdOf(history));
  });
});

/** The id that stands in the first event. */
function workflowIdOf(history: unknown): string {
  const { events } = history as {
    events: { workflowExecutionStartedEventAttributes?: { workflowId?: string } }[];
  };
  const id = events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
  if (id === '') throw new Error('The first event does not say whose history it is.');
  return id;
}
