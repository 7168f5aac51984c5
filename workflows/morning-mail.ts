import {
  allHandlersFinished,
  condition,
  executeChild,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { LoadActivities } from '../activities/load-contracts.js';
import type { SparedIncident } from '../domain/messages/morning-mail.js';
import type { Instant } from '../domain/time/instant.js';
import { LETTER_WORKFLOW } from '../temporal-config/names.js';
import type { letter } from './letter.js';
import { sparedSignal } from './morning-messages.js';

/** The argument of the workflow: one manager's mail of one morning. */
export interface MorningMailInput {
  readonly userId: string;
  /** When it is sent: at nine by the clock where they are. */
  readonly at: Instant;
}

/** Of a night in which more is passed on the mail says less, and the timelines say all. */
const MOST = 1_000;

const activities = proxyActivities<Pick<LoadActivities, 'writeMorningMail'>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
});

/**
 * Gathers what was passed on in a night, since people were past their limit, and writes one mail about it in the morning. What
 * comes in while that mail is being sent has one of its own.
 */
export async function morningMail({ userId, at }: MorningMailInput): Promise<number> {
  const id = workflowInfo().workflowId;
  const spared = new Map<string, SparedIncident>();
  let mails = 0;
  let sent = 0;
  setHandler(
    sparedSignal,
    (one) => {
      const key = `${one.openingId} ${one.person.userId}`;
      if (!spared.has(key) && spared.size < MOST) spared.set(key, one);
      setCurrentDetails(detailsOf([...spared.values()], sent));
    },
    { description: 'an incident for which others were asked first' },
  );
  await sleep(Math.max(1, at - Date.now()), { summary: 'morning mail about people past their limit' });
  for (;;) {
    // Signals of this very task, too.
    await condition(allHandlersFinished);
    const fresh = [...spared.values()].slice(sent);
    if (fresh.length === 0) return mails;
    sent += fresh.length;
    const written = await activities.writeMorningMail.executeWithOptions(
      { startToCloseTimeout: '10s', summary: 'write the morning mail' },
      [{ userId, id, spared: fresh }],
    );
    if (written === null) continue;
    mails += 1;
    await executeChild<typeof letter>(LETTER_WORKFLOW, {
      workflowId: `${LETTER_WORKFLOW}:${id}:${mails}`,
      staticSummary: 'morning mail about people past their limit',
      args: [
        {
          userId,
          letter: written,
          by: { kind: 'notice', first: 'email' },
          idempotencyKey: `${id}/${mails}`,
          until: Date.now() + written.validForMs,
        },
      ],
    });
    setCurrentDetails(detailsOf([...spared.values()], sent));
  }
}

function detailsOf(spared: readonly SparedIncident[], sent: number): string {
  return [
    `**${spared.length} passed on**, ${sent} of them told`,
    ...spared
      .slice(-50)
      .map(({ code, person, tier, instead }) => `- ${code}: ${instead} before ${tier} (${person.name})`),
  ].join('\n');
}
