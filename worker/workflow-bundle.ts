import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

const here = dirname(fileURLToPath(import.meta.url));

/** Where `npm run build` puts the bundle, beside the compiled code. */
const shipped = join(here, '..', 'workflow-bundle.js');

/** The source of the workflows, next to this file: `.js` when compiled, `.ts` in tests. */
function workflowsPath(): string {
  const compiled = join(here, '..', 'workflows', 'index.js');
  return existsSync(compiled) ? compiled : join(here, '..', 'workflows', 'index.ts');
}

/** Bundles the workflows (about two seconds) and writes the bundle to `path`. */
export async function buildWorkflowBundle(path: string = shipped): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflowsPath(),
    logger: { trace() {}, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error },
  });
  await mkdir(dirname(path), { recursive: true });
  // Whole or not at all: a process that starts meanwhile never reads half a bundle.
  await writeFile(`${path}.part`, code);
  await rename(`${path}.part`, path);
}

/**
 * The bundle that workers run: the one that was built, never one made at start-up.
 * @throws Error when `npm run build` has not been run
 */
export function workflowBundle(path: string = shipped): WorkflowBundleOption {
  if (!existsSync(path)) throw new Error(`The workflow bundle is missing at ${path}. Run \`npm run build\`.`);
  return { codePath: path };
}
