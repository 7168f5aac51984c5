import {
  ActivityFailure,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  sleep,
} from '@temporalio/workflow';
import type { HandoffActivities } from '../activities/handoff-contracts.js';
import type { PlannedAnnouncement } from '../domain/handoff/announce.js';
import { LETTERS, LOOKS } from './letter-options.js';

const looks = proxyLocalActivities<Pick<HandoffActivities, 'isAnnouncementStillSo'>>(LOOKS);
const world =
  proxyActivities<Pick<HandoffActivities, 'firstShiftMethods' | 'writeAnnouncement' | 'writeFirstShiftTest'>>(
    LETTERS,
  );

/** What became of an announcement: to how many it went, and how many ways of a first shift were tested. */
export interface Announced {
  readonly sent: number;
  readonly tested: number;
  /** The schedule says otherwise by now: nothing was sent. */
  readonly isVoid: boolean;
}

/** Tells somebody that they come on duty, a day ahead; before their first shift each way to page them is tested. */
export async function announcement(plan: PlannedAnnouncement): Promise<Announced> {
  const wait = plan.sendAt - Date.now();
  if (wait > 0) await sleep(wait);
  if (!(await looks.isAnnouncementStillSo({ plan }))) {
    setCurrentDetails('The schedule says otherwise by now: nothing was sent.');
    return { sent: 0, tested: 0, isVoid: true };
  }
  const sent = await Promise.all(plan.to.map((to) => delivered(() => world.writeAnnouncement({ plan, to }))));
  const methods = plan.why === 'cancelled' ? [] : await world.firstShiftMethods({ plan });
  const tested = await Promise.all(
    methods.map((methodId) => delivered(() => world.writeFirstShiftTest({ plan, methodId }))),
  );
  const count = (all: readonly boolean[]): number => all.filter(Boolean).length;
  setCurrentDetails(
    `Told ${count(sent)} of ${sent.length}${tested.length === 0 ? '' : `; first shift: ${count(tested)} of ${tested.length} ways to page them worked`}.`,
  );
  return { sent: count(sent), tested: count(tested), isVoid: false };
}

/** False: no method took it, or it could not be sent in time. */
async function delivered(write: () => ReturnType<HandoffActivities['writeAnnouncement']>): Promise<boolean> {
  try {
    return (await write()).status === 'sent';
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return false;
  }
}
