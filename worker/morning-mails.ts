import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { AddToMorningMail } from '../activities/load.js';
import type { SparedIncident } from '../domain/messages/morning-mail.js';
import { MORNING_MAIL_WORKFLOW, morningMailWorkflowId, TASK_QUEUE } from '../temporal-config/names.js';
import { attributes } from '../temporal-config/search-attributes.js';
import type { morningMail } from '../workflows/morning-mail.js';
import { sparedSignal } from '../workflows/morning-messages.js';

/** An activity that asks for it has 10 s. */
const DEADLINE_MS = 5_000;

/** Gathers what managers read in the morning: one workflow for each of them and each morning. */
export function createMorningMails(client: Client): AddToMorningMail {
  return async ({ key, userId, at }, spared) => {
    await client.connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.signalWithStart<typeof morningMail, [SparedIncident]>(MORNING_MAIL_WORKFLOW, {
        workflowId: morningMailWorkflowId(key),
        taskQueue: TASK_QUEUE,
        args: [{ userId, at }],
        signal: sparedSignal,
        signalArgs: [spared],
        workflowIdConflictPolicy: 'USE_EXISTING',
        typedSearchAttributes: new TypedSearchAttributes([{ key: attributes.kind, value: 'morning-mail' }]),
        staticSummary: 'morning mail about people past their limit',
      }),
    );
  };
}
