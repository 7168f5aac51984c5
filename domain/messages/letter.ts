import type { Milliseconds } from '../time/instant.js';

/**
 * A message to a person that is about no incident: a test page, a code, a hand-over, the morning mail. Plain data. Its words are
 * made by whoever writes it, in the reader's zone, since it goes to one person.
 */
export interface Letter {
  readonly kind: 'letter';
  /** For logs and metrics. */
  readonly topic: 'test' | 'verification' | 'handoff' | 'announcement' | 'morning';
  /** Letters with the same id form one thread of mails. Without personal data, at most 100 characters. */
  readonly id: string;
  /** One line: the subject of a mail, the title of a push. */
  readonly subject: string;
  /**
   * All that an SMS, a push or a call says, in a sentence or two; 300 characters at most. An SMS has the action's address behind
   * it; a call says it twice and asks for no key.
   */
  readonly short: string;
  /** The paragraphs of a mail, of chat and of webhooks; one that begins with `- ` is an item of a list. */
  readonly body: readonly string[];
  /** A button: what it says and where it leads (a signed link of ours, http or https). */
  readonly action?: { readonly label: string; readonly url: string };
  /**
   * An invitation that goes with a mail: the text of an .ics file. Its `METHOD` decides whether the mail asks for an answer. A letter
   * that has one goes by mail first, unless a method is named.
   */
  readonly calendar?: { readonly fileName: string; readonly text: string };
  /** How long it is worth delivering. */
  readonly validForMs: Milliseconds;
}
