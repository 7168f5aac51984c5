import type { PlannedAnnouncement } from '../domain/handoff/announce.js';
import type { Confirmation, PlannedHandoff } from '../domain/handoff/handoff.js';
import type { HandoffLetterKind } from '../domain/handoff/letters.js';

/** One letter of a hand-over to one person. */
export interface WriteHandoffInput {
  readonly plan: PlannedHandoff;
  readonly kind: HandoffLetterKind;
  /** Id of the user. */
  readonly to: string;
}

/** What became of a letter: `failed`: no method of this person took it, and trying again would not help. */
export interface Written {
  readonly status: 'sent' | 'failed';
}

/** What the workflows of hand-overs need of the world. */
export interface HandoffActivities {
  /** Starts a workflow for each hand-over and announcement that is near. The same again starts nothing twice. */
  planHandoffs(): Promise<{ readonly handoffs: number; readonly announcements: number }>;
  /** Whether the schedule, with the overrides that are known now, still has this change. A local activity. */
  isHandoffStillSo(input: { readonly plan: PlannedHandoff }): Promise<boolean>;
  /** The same of an announcement. A local activity. */
  isAnnouncementStillSo(input: { readonly plan: PlannedAnnouncement }): Promise<boolean>;
  /** Writes a letter with what is known at this moment. Throws when trying again may help. */
  writeHandoff(input: WriteHandoffInput): Promise<Written>;
  /** Ids of those who are told that nobody has confirmed. A local activity. */
  whomToTell(input: { readonly plan: PlannedHandoff }): Promise<readonly string[]>;
  /** Gives what who leaves has open to who comes: how many incidents changed hands in this run of it. */
  takeOver(input: { readonly plan: PlannedHandoff; readonly confirmed: Confirmation }): Promise<number>;
  /** Writes an announcement to one of those whom it concerns. Throws when trying again may help. */
  writeAnnouncement(input: {
    readonly plan: PlannedAnnouncement;
    readonly to: PlannedAnnouncement['to'][number];
  }): Promise<Written>;
  /** The ways by which who comes is tested before their first shift; none when it is not their first. */
  firstShiftMethods(input: { readonly plan: PlannedAnnouncement }): Promise<readonly string[]>;
  /** One marked test message by one contact method. Throws when trying again may help. */
  writeFirstShiftTest(input: {
    readonly plan: PlannedAnnouncement;
    /** Id of the contact method. */
    readonly methodId: string;
  }): Promise<Written>;
}
