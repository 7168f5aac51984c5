import type { Target } from '../domain/escalation/policy.js';
import type { SparedPerson } from '../domain/incident/command.js';
import type { Letter } from '../domain/messages/letter.js';
import type { SparedIncident } from '../domain/messages/morning-mail.js';

export interface NoteSparedInput extends Omit<SparedIncident, 'person'> {
  readonly people: readonly SparedPerson[];
  /** Who is told of those who have no manager. */
  readonly management: readonly Target[];
}

export interface NotedSpared {
  /** Names of those of whom nobody will hear: no manager and no management is configured. */
  readonly unheard: readonly string[];
}

export interface WriteMorningMailInput {
  /** Whose mail it is. */
  readonly userId: string;
  /** Of the letter: without personal data. */
  readonly id: string;
  readonly spared: readonly SparedIncident[];
}

/** What load limits ask of the world. */
export interface LoadActivities {
  /**
   * Puts it into the morning mail of whoever leads them. Durable when it returns; done again, it is in there once. The incident
   * never waits for it.
   */
  noteSpared(input: NoteSparedInput): Promise<NotedSpared>;
  /** The words of a morning mail in the reader's zone; null: they are no longer in the config. */
  writeMorningMail(input: WriteMorningMailInput): Promise<Letter | null>;
}
