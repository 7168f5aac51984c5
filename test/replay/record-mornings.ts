import pino from 'pino';
import type { Activities } from '../../activities/contracts.js';
import type { LetterReport } from '../../activities/letter-contracts.js';
import { createLoadActivities, type MorningMailStart } from '../../activities/load.js';
import { loadConfigFiles } from '../../config/load.js';
import { DEFAULT_TIMINGS } from '../../domain/incident/plan.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { SECOND } from '../../domain/time/instant.js';
import {
  INCIDENT_WORKFLOW,
  incidentWorkflowId,
  LETTER_WORKFLOW,
  morningMailWorkflowId,
  TASK_QUEUE,
} from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import { createMorningMails } from '../../worker/morning-mails.js';
import { actionUpdates, alertsSignal, incidentQuery } from '../../workflows/messages.js';
import { bundleForTests } from '../support/bundle.js';
import { alertOf, batchOf, inputOf, planOf } from '../support/plans.js';
import { createRecordedActivities } from '../support/recorded-activities.js';
import { configOf, KEYS } from '../support/running-system.js';
import { actionOf } from '../support/skipping-incidents.js';
import { startRealServer } from '../support/temporal.js';
import { until } from './recording.js';
import { saveEnded } from './save-history.js';

/** The morning comes so soon after somebody was spared. */
const MORNING_IN_MS = 5 * SECOND;

const DOWN: LetterReport = {
  status: 'failed',
  tries: [{ methodId: 'email-1', channel: 'email', reason: 'unavailable', retryable: true }],
};
const SENT: LetterReport = {
  status: 'sent',
  methodId: 'email-1',
  channel: 'email',
  provider: 'test',
  providerId: 'm-1',
};

/**
 * An incident of which alice is spared, since she is past her limit, and the mail that her manager reads about it. Words and readers
 * are real; the night's pages and the providers are not, and the morning comes at once.
 */
export async function recordMornings(): Promise<void> {
  const server = await startRealServer();
  const log = pino({ level: 'silent' });
  const name = 'tocsin.yaml';
  const loaded = loadConfigFiles([{ name, text: configOf() }], name, {
    KEY_ALERTMANAGER: KEYS.alertmanager,
    KEY_GENERIC: KEYS.generic,
    KEY_API: KEYS.api,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  try {
    const client = await server.client();
    const addToMorningMail = createMorningMails(client);
    const mails: MorningMailStart[] = [];
    const reports = [DOWN, SENT];
    const worker = await createWorker({
      connection: await server.nativeConnection(),
      namespace: server.target.namespace,
      activities: sparing('alice'),
      load: createLoadActivities({
        config: () => loaded.config,
        nightPages: () => [],
        addToMorningMail: (mail, spared) => {
          mails.push(mail);
          return addToMorningMail({ ...mail, at: Date.now() + MORNING_IN_MS }, spared);
        },
        log,
      }),
      letters: { sendLetter: () => Promise.resolve(reports.shift() ?? SENT) },
      workflowBundle: await bundleForTests(),
    });
    await worker.runUntil(async () => {
      const input = inputOf({ plan: planOf({ timings: { ...DEFAULT_TIMINGS, stabilityMs: SECOND } }) });
      const handle = await client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
        workflowId: incidentWorkflowId(input.key),
        taskQueue: TASK_QUEUE,
        args: [input],
        signal: alertsSignal,
        signalArgs: [batchOf([alertOf()])],
      });
      const view = (): Promise<IncidentView> => handle.query(incidentQuery);
      const has = async (type: IncidentView['timeline'][number]['type']): Promise<boolean> =>
        (await view()).timeline.some((entry) => entry.type === type);
      await until('alice is spared', () => has('spared'));
      await until('bob is paged', () => has('sent'));
      await until('it is noted for the morning', () => Promise.resolve(mails.length > 0));
      const { openingId } = await view();
      await handle.executeUpdate(actionUpdates.acknowledge, {
        args: [actionOf(openingId, 'acknowledge', 'bob')],
      });
      await handle.signal(alertsSignal, batchOf([alertOf({ status: 'resolved' })]));
      await saveEnded(client, handle.workflowId, 'incident', 'spared');
      const mailId = morningMailWorkflowId(mails[0]?.key ?? '');
      await saveEnded(client, mailId, 'morningMail', 'sent');
      await saveEnded(client, `${LETTER_WORKFLOW}:${mailId}:1`, 'letter', 'morning');
    });
  } finally {
    await server.stop();
  }
}

/** Activities that find this person past the limit of the night. */
function sparing(userId: string): Activities {
  const activities = createRecordedActivities(() => Promise.resolve(Date.now()));
  return {
    ...activities,
    findPeople: async (input) => {
      const { people, problems } = await activities.findPeople(input);
      return {
        people: people.map((person) =>
          person.userId === userId ? { ...person, overLimit: { count: 3, limit: 3 } } : person,
        ),
        problems,
      };
    },
  };
}
