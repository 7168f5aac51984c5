import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { buildWorkflowBundle, workflowBundle } from '../../worker/workflow-bundle.js';

/** The workflow bundle of the sources as they stand, built once for each state of them. */
export async function bundleForTests(): Promise<WorkflowBundleOption> {
  const hash = createHash('sha256');
  for (const folder of ['domain', 'workflows', 'temporal-config']) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  const path = join(
    'node_modules',
    '.cache',
    'tocsin',
    `workflow-bundle-${hash.digest('hex').slice(0, 16)}.js`,
  );
  if (!existsSync(path)) await buildWorkflowBundle(path);
  return workflowBundle(path);
}
