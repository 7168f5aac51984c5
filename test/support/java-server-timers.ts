import { CancellationScope, type WorkflowInterceptors } from '@temporalio/workflow';

/** A timer this close to its end may fire while the task that cancels it is under way. */
const CLOSE_MS = 1_000;

/**
 * Part of the workflow bundle in conformance tests. The Java test server refuses a whole task that cancels a timer which has
 * fired meanwhile ("invalid history builder state for action"); a real server takes the fired event back. So a timer that is
 * about to fire is left to fire, unheard.
 */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      startTimer(input, next) {
        const firesAt = Date.now() + input.durationMs;
        const asked = CancellationScope.current().cancelRequested;
        return CancellationScope.nonCancellable(() => {
          const own = new CancellationScope();
          const fired = own.run(() => next(input));
          asked.catch(() => {
            if (Date.now() < firesAt - CLOSE_MS) own.cancel();
          });
          return Promise.race([fired, asked]);
        });
      },
    },
  ],
});
