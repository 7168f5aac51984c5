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

/**
 * Frames of a stack in workflow code; the first two are the SDK's. Source: CPU of a worker with 10, 5 and 0 frames: 31, 27 and
 * 27 ms an incident.
 */
const STACK_FRAMES = 5;

/** Bundles the workflows (about two seconds) and writes the bundle to `path`. */
export async function buildWorkflowBundle(path: string = shipped): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflowsPath(),
    logger: { trace() {}, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error },
  });
  await mkdir(dirname(path), { recursive: true });
  // Whole or not at all: a process that starts meanwhile never reads half a bundle.
  await writeFile(`${path}.part`, withShortStacks(code));
  await rename(`${path}.part`, path);
}

/**
 * The SDK takes the stack of every promise, for the "Call Stack" of the Temporal UI: a third of a workflow task's time, less
 * with fewer frames. Workflow code can't set this itself, since the SDK freezes `Error` before it runs; on the bundle's last
 * line it moves no line of the source map.
 */
function withShortStacks(code: string): string {
  const end = code.lastIndexOf('\n//# sourceMappingURL=');
  if (end < 0) throw new Error('The workflow bundle has no source map where one was expected.');
  return `${code.slice(0, end)};Error.stackTraceLimit = ${STACK_FRAMES};${code.slice(end)}`;
}

/**
 * The bundle that workers run: the one that was built, never one made at start-up.
 * @throws Error when `npm run build` has not been run
 */
export function workflowBundle(path: string = shipped): WorkflowBundleOption {
  if (!existsSync(path)) throw new Error(`The workflow bundle is missing at ${path}. Run \`npm run build\`.`);
  return { codePath: path };
}
