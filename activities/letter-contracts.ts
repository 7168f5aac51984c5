import type { LetterReport, SendLetterInput } from '../domain/messages/letter-report.js';

export type { LetterReport, LetterTry, SendLetterInput } from '../domain/messages/letter-report.js';

/** What workflows that write to people need of the world. */
export interface LetterActivities {
  /** Hands one letter to a provider. Failures that are expected are a report, not an exception. */
  sendLetter(input: SendLetterInput): Promise<LetterReport>;
}
