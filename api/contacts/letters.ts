import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { LetterReport, LetterStart } from '../../domain/messages/letter-report.js';
import type { Milliseconds } from '../../domain/time/instant.js';
import { LETTER_WORKFLOW, letterWorkflowId, TASK_QUEUE } from '../../temporal-config/names.js';
import { withinDeadline } from '../incidents/temporal-call.js';

/** What is known of a letter so far. `under-way`: it is durable, and nobody has said yet what became of it. */
export type LetterOutcome = LetterReport | { readonly status: 'under-way' };

/** Writes letters. The API has no providers: workers send them. */
export interface Letters {
  /**
   * Hands a letter over, durably, and waits for a while for what becomes of it. The same id again is the same letter.
   * @throws TemporalUnavailable
   */
  write(id: string, start: LetterStart): Promise<LetterOutcome>;
}

/** A provider has 8 s, and people wait for the answer. */
const WAIT_MS: Milliseconds = 8_000;

type LetterFunction = (start: LetterStart) => Promise<LetterReport>;

export function createLetters({ client }: { readonly client: Client }): Letters {
  return {
    write: async (id, start) => {
      const handle = await withinDeadline(client, 'handing over a letter', () =>
        client.workflow.start<LetterFunction>(LETTER_WORKFLOW, {
          workflowId: letterWorkflowId(id),
          taskQueue: TASK_QUEUE,
          args: [start],
          workflowIdConflictPolicy: 'USE_EXISTING',
          // Sent again after it is over: what became of it is told once more, and nothing is sent.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `${start.letter.topic} letter`,
        }),
      ).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')
          return client.workflow.getHandle<LetterFunction>(letterWorkflowId(id));
        throw error;
      });
      const stop = new AbortController();
      const waited = delay(WAIT_MS, { status: 'under-way' } as const, { signal: stop.signal });
      waited.catch(() => undefined);
      const result = handle.result().catch(() => ({ status: 'under-way' }) as const);
      try {
        return await Promise.race([result, waited]);
      } finally {
        stop.abort();
      }
    },
  };
}
