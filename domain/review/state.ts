import type { Deadline, Delivery, Person } from '../incident/state.js';
import type { TimelineEntry } from '../incident/timeline.js';
import type { Instant } from '../time/instant.js';
import type { MessagePart } from '../messages/message.js';
import type { ReviewAnswer, ReviewInput } from './review-types.js';

/** Who is told when the people who were looked for can't be: the owner, the first step of the policy, or nobody. */
export type OrElse = 'owner' | 'team' | 'nobody';

/** Everything a review is. Plain JSON. */
export interface ReviewState {
  readonly input: ReviewInput;
  phase: 'post-incident' | 'closed';
  /** Null when this severity owes no postmortem. */
  readonly dueAt: Instant | null;
  published: {
    readonly url: string;
    readonly at: Instant;
    readonly by: string;
    readonly lateMs: number;
  } | null;
  overdueTimes: number;
  deadlines: Readonly<Record<string, Deadline>>;
  people: Readonly<Record<string, Person>>;
  deliveries: Readonly<Record<string, Delivery>>;
  searches: Readonly<Record<string, { readonly part: MessagePart; readonly orElse: OrElse }>>;
  counter: number;
  answers: readonly { readonly requestId: string; readonly answer: ReviewAnswer }[];
  timeline: readonly TimelineEntry[];
  /** Entries that no longer fit, the oldest ones. Absent: none. */
  timelineDropped?: number;
  /** As `IncidentState` has it. */
  recordedThrough?: number;
}
