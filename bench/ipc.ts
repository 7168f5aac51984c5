import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark's own. */
export interface Child<In, Out> {
  readonly pid: number;
  /** What it said first. */
  readonly ready: In;
  tell(message: Out): void;
  /** Ends it and waits until it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a module of this folder in a process of its own, and waits for its first message. Later ones go to `onMessage`.
 * The child ends when its channel closes, thus also when this process is killed.
 * @throws Error when it ends before it has said anything
 */
export async function startChild<In, Out>(
  module: string,
  args: readonly string[],
  onMessage: (message: In) => void = () => undefined,
): Promise<Child<In, Out>> {
  const child: ChildProcess = fork(fileURLToPath(new URL(module, import.meta.url)), [...args], {
    execArgv: ['--import', 'tsx', '--enable-source-maps'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<In>((resolve, reject) => {
    child.once('message', (message) => resolve(message as In));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`${module} ended before it was ready, by ${signal ?? `code ${code ?? 'unknown'}`}.`)),
    );
  });
  child.on('message', (message) => onMessage(message as In));
  return {
    pid: child.pid ?? 0,
    ready,
    tell: (message) => child.send(message as object),
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** In a child: tells the parent something. */
export function tellParent(message: object): void {
  if (process.connected) process.send?.(message);
}

/** In a child: does this once the parent is gone or lets it go. */
export function whenReleased(act: () => Promise<void>): void {
  process.once('disconnect', () => {
    act()
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
  });
  // Ctrl-C in a terminal reaches every process: the parent decides.
  process.on('SIGINT', () => undefined);
}
