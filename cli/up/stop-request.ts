import { EXIT } from '../failure.js';

/** A terminal and npm may both pass a signal on: what comes again within this time was meant once. */
const SAME_SIGNAL_MS = 500;

/** The wish of a person or a supervisor that this process ends. */
export interface StopRequest {
  /** Aborted at the first Ctrl-C, SIGTERM or closed terminal. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly asked: Promise<void>;
  /** Stops listening. */
  dispose(): void;
}

/** Listens for the signals that end a program. The second one ends the process at once, whatever it is doing. */
export function listenForStop(onAsked: () => void, onForced: () => void): StopRequest {
  const controller = new AbortController();
  let askedAt = 0;
  const asked = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const handler = (): void => {
    const now = Date.now();
    if (!controller.signal.aborted) {
      askedAt = now;
      onAsked();
      controller.abort(new Error('stopped before it had started'));
    } else if (now - askedAt > SAME_SIGNAL_MS) {
      onForced();
      // Handlers of `exit` end the Temporal Server; the booth ends with our side of its stdin.
      process.exit(EXIT.interrupted);
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, handler);
  return {
    signal: controller.signal,
    asked,
    dispose: () => {
      for (const name of names) process.off(name, handler);
    },
  };
}
