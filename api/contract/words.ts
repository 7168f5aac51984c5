import { z } from 'zod';
import type { Answer, Channel, FailureReason, Via } from '../../domain/incident/event.js';
import type { Phase } from '../../domain/incident/view.js';
import type { PageReason } from '../../domain/messages/message.js';

/** The small vocabularies of answers, each word with what it means: the compiler asks for every new one. */

/** An enum whose description lists its words. */
function wordsOf<const W extends string>(what: string, words: Readonly<Record<W, string>>) {
  const names = Object.keys(words) as [W, ...W[]];
  return z
    .enum(names)
    .describe(`${what}\n\n${names.map((name) => `- \`${name}\`: ${words[name]}`).join('\n')}`);
}

export const phase = wordsOf<Phase>('Where the incident stands.', {
  triggered: 'nobody has it',
  acknowledged: 'somebody has it',
  investigating: 'its owner has reported progress',
  mitigated: 'somebody says that it is fixed, alerts still fire',
  monitoring: 'quiet, and watched for a while',
  resolved: 'over',
}).meta({ id: 'Phase' });

export const channel = z.enum([
  'sms',
  'voice',
  'email',
  'push',
  'chat',
  'webhook',
] satisfies readonly Channel[]);

export const via = z
  .enum(['sms', 'voice', 'link', 'api', 'cli', 'web', 'chat'] satisfies readonly Via[])
  .describe('The way in which it came in.');

export const pageReason = wordsOf<PageReason>('Why people are paged.', {
  alert: 'an alert',
  'not-acknowledged': 'the step before did not answer in time',
  unproven: 'nobody of the step before has confirmed a contact method',
  gap: 'nobody was to be found for the step before',
  'no-progress': 'the owner reported no progress',
  'escalated-by-hand': 'somebody asked for it',
  'severity-raised': 'the severity was raised',
  'fires-again': 'an alert fires again',
  'still-firing': 'it was called fixed, and still fires',
  management: 'it has been open for long',
  'catch-all': 'the policy came to its end',
  'after-outage': 'Tocsin itself was away',
  'business-hours': 'it waited for the business day',
  'nobody-picked-up': 'nobody picked it up in their time',
  'snooze-over': 'the time for which they snoozed it is over',
  'maintenance-over': 'maintenance is over and it still fires',
  unacknowledged: 'an acknowledgement was undone',
  reassigned: 'they are asked to take it over',
  'not-taken-over': 'whoever was asked to take it over did not answer',
  'asked-to-help': 'they are asked to help',
  'for-information': 'they are told, and need not answer',
});

export const failureReason = wordsOf<FailureReason>('Why a delivery failed.', {
  'bad-address': 'the number or address does not exist',
  'opted-out': 'the person opted out at the provider',
  blocked: 'blocked on the way',
  undelivered: 'the provider could not deliver it',
  unauthorized: 'the provider refuses our credentials',
  'rate-limited': 'the provider took too many already',
  unavailable: 'the provider is away',
  'timed-out': 'the provider did not answer in time',
  'not-configured': 'no provider is set up for this channel',
  rejected: 'the provider refused it',
});

/** Outcomes that are an error of their own, and never an answer. */
type Refusal =
  | 'over'
  | 'unknown-severity'
  | 'key-reused'
  | 'snooze-out-of-bounds'
  | 'reassign-refused'
  | 'too-many-responders';

export const outcome = wordsOf<Exclude<Answer['outcome'], Refusal>>('What became of it.', {
  acknowledged: 'whoever asked has it',
  'already-yours': 'whoever asked had it already',
  'already-owned': 'somebody else has it; noted',
  taken: 'taken over from its owner',
  'progress-noted': 'the clock for progress begins anew',
  mitigated: 'called fixed while alerts still fire',
  monitoring: 'called fixed, and watched for a while',
  escalated: 'the next tier is paged',
  'severity-changed': 'the severity is another now',
  unchanged: 'it was so already',
  updated: 'the update is posted',
  noted: 'the note is kept',
  snoozed: 'whoever asked has it, and nothing is asked of them for so long',
  unacknowledged: 'nobody has it any more; paging begins anew',
  reassigning: 'the person meant is paged; until they answer the owner keeps it',
  'responders-paged': 'those asked for are paged',
  joined: 'whoever asked helps with it now',
});
