import { createHandoffWorkflows } from '../../api/handoff/handoff-workflows.js';
import type { PlannedAnnouncement } from '../../domain/handoff/announce.js';
import type { HandoffMemo, PlannedHandoff } from '../../domain/handoff/handoff.js';
import { HOUR, MINUTE, SECOND } from '../../domain/time/instant.js';
import {
  ANNOUNCEMENT_WORKFLOW,
  announcementWorkflowId,
  HANDOFF_PLANNER_ID,
  HANDOFF_PLANNER_WORKFLOW,
  handoffWorkflowId,
  TASK_QUEUE,
} from '../../temporal-config/names.js';
import { configOf, PHONES, startSystem } from '../support/running-system.js';
import { openIncident, post, resolveIncident, until, withStore, workflowOf } from './recording.js';
import { saveEnded } from './save-history.js';

/** So soon the override begins: the planner has to hear of it, and who comes to confirm. */
const AHEAD_MS = 30 * SECOND;

/**
 * A hand-over that follows from an override, from the planner to the incident that changes hands, with the announcement of a first
 * shift; and a hand-over and an announcement that the schedule no longer has.
 */
export function recordHandoffs(): Promise<void> {
  return withStore(async (store) => {
    const system = await startSystem({ store, config: byDay() });
    const { client, booth } = system;
    const workflows = createHandoffWorkflows({ client });
    try {
      const open = await openIncident(system, 'handed-over');
      await post(system, `/v1/incidents/${open}/acknowledge`, { by: 'alice' });
      const from = Date.now() + AHEAD_MS;
      await post(system, '/v1/overrides', {
        ...{ schedule: 'payments', user: 'erin', reason: 'alice is ill', by: 'alice' },
        ...{ from: new Date(from).toISOString(), to: new Date(from + 2 * HOUR).toISOString() },
      });

      let runs = 0;
      const plannerId = (): string => `${HANDOFF_PLANNER_ID}-${runs}`;
      await until('the planner knows of the override', async () => {
        runs += 1;
        const planned = (await client.workflow.execute(HANDOFF_PLANNER_WORKFLOW, {
          workflowId: plannerId(),
          taskQueue: TASK_QUEUE,
          args: [],
        })) as { handoffs: number; announcements: number };
        return planned.handoffs > 0 && planned.announcements > 0;
      });
      await saveEnded(client, plannerId(), 'handoffPlanner', 'planned');

      let coming: HandoffMemo | undefined;
      await until('who comes has read the digest', async () => {
        coming = [...(await workflows.running()).values()].find(({ plan }) => plan.coming === 'erin');
        return coming?.status === 'asked';
      });
      const plan = coming?.plan;
      if (plan === undefined) throw new Error('There is no hand-over to erin.');
      await booth.reply(PHONES.erin, `handoff ${plan.code}`);
      const handed = await saveEnded(client, handoffWorkflowId(plan.id), 'handoff', 'confirmed');
      if ((handed as { taken: number }).taken !== 1) throw new Error('Nothing changed hands.');
      await saveEnded(client, await announcementId(), 'announcement', 'first-shift');
      await resolveIncident(system, open, 'handed-over');
      await saveEnded(client, workflowOf(open), 'incident', 'handed-over');

      const gone = goneHandoff(plan);
      await workflows.handoff(gone);
      await saveEnded(client, handoffWorkflowId(gone.id), 'handoff', 'void');
      const old = goneAnnouncement(gone);
      await workflows.announcement(old);
      await saveEnded(client, announcementWorkflowId(old.id), 'announcement', 'void');
    } finally {
      await system.stop();
    }

    async function announcementId(): Promise<string> {
      for await (const { workflowId } of client.workflow.list({
        query: `WorkflowType="${ANNOUNCEMENT_WORKFLOW}"`,
      }))
        return workflowId;
      throw new Error('Nothing was announced.');
    }
  });
}

/** It is day, whenever this runs: the night is the minute twelve hours from now. */
function byDay(): string {
  const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);
  const later = Date.now() + 12 * HOUR;
  const night = `night: { from: '${clock(later)}', to: '${clock(later + MINUTE)}' }`;
  return configOf({ ackTimeout: '60s', stability: '1s' }).replace(
    'pagesPerNight: off',
    `pagesPerNight: off, ${night}`,
  );
}

/** To somebody who is in no rotation, in a moment. */
function goneHandoff(plan: PlannedHandoff): PlannedHandoff {
  const now = Date.now();
  return {
    ...plan,
    id: 'f'.repeat(20),
    ...{ at: now + 3 * SECOND, leaving: 'alice', coming: 'carol', until: now + HOUR },
    digestAt: { leaving: now, coming: now },
  };
}

function goneAnnouncement({ id, schedule, slot }: PlannedHandoff): PlannedAnnouncement {
  const now = Date.now();
  return {
    ...{ id, schedule, slot, at: now + HOUR, sendAt: now + 2 * SECOND, coming: 'carol', why: 'rotation' },
    to: [{ userId: 'carol', role: 'coming' }],
  };
}
