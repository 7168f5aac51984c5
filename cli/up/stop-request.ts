import { isatty } from 'node:tty';
import { EXIT } from '../failure.js';

/** A terminal and npm may both pass a signal on: what comes again within this time was meant once. */
const SAME_SIGNAL_MS = 500;

/** The wish of a person or a supervisor that this process ends. */
export interface StopRequest {
  /** Aborted at the first Ctrl-C, SIGTERM or closed terminal (a SIGHUP). */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly asked: Promise<void>;
  /** Stops listening. */
  dispose(): void;
}

/** What SIGHUP does to a program that runs for long. */
export interface Hangup {
  /** Somebody wants the configuration read again. */
  readonly reload: () => void;
  /** Whether it means that the program's terminal was closed. Default: asks the system. */
  readonly isTerminalGone?: () => boolean;
}

/**
 * Listens for the signals that end a program. The second one ends the process at once, whatever it is doing. With `hangup`,
 * SIGHUP ends it only when it means that its terminal was closed.
 */
export function listenForStop(onAsked: () => void, onForced: () => void, hangup?: Hangup): StopRequest {
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
  const isTerminalGone = hangup?.isTerminalGone ?? watchTerminal();
  const onHangup = (): void => {
    if (hangup === undefined || isTerminalGone()) handler();
    else if (!controller.signal.aborted) hangup.reload();
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, handler);
  process.on('SIGHUP', onHangup);
  return {
    signal: controller.signal,
    asked,
    dispose: () => {
      for (const name of names) process.off(name, handler);
      process.off('SIGHUP', onHangup);
    },
  };
}

/** Tells whether one of the standard streams was a terminal at first and is none any more: the system takes it away first. */
function watchTerminal(): () => boolean {
  const terminals = [0, 1, 2].filter((stream) => isatty(stream));
  return () => terminals.some((stream) => !isatty(stream));
}
