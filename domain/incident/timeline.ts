import type { PageReason } from '../messages/message.js';
import type { Instant, Milliseconds } from '../time/instant.js';
import type { Channel, FailureReason, InBundle, Via } from './event.js';

/** One thing that happened. Append-only and typed; the words are made when it is shown (domain/messages/timeline-words.ts). */
export type TimelineEntry = { readonly at: Instant } & (
  | {
      readonly type: 'opened';
      readonly title: string;
      readonly service: string;
      readonly severity: string;
      readonly source: string;
      readonly by?: string;
    }
  | { readonly type: 'remark'; readonly text: string }
  | { readonly type: 'previous-incident'; readonly openingId: string }
  | {
      readonly type: 'alerts';
      readonly fired: number;
      readonly resolved: number;
      readonly firing: number;
      readonly total: number;
      readonly summary?: string;
    }
  | {
      readonly type: 'step';
      readonly tier: string;
      readonly round: number;
      readonly reason: PageReason;
      readonly detail?: string;
    }
  | {
      readonly type: 'paged';
      readonly userId: string;
      readonly name: string;
      readonly via: string;
      readonly tier: string;
      readonly reason: PageReason;
    }
  | { readonly type: 'problem'; readonly text: string }
  /** People were searched for by the overrides that were known then, since the store is away; null: none were. */
  | { readonly type: 'overrides-stale'; readonly asOf: Instant | null }
  | { readonly type: 'skipped'; readonly tier: string; readonly why: string }
  /** Nobody of a tier has confirmed a contact method: they are paged, and this one at once as well. */
  | {
      readonly type: 'unproven';
      readonly tier: string;
      readonly with: string;
      readonly names: readonly string[];
    }
  /** Everybody of a tier was past their limit of the night: another tier is paged first, and they after it. */
  | {
      readonly type: 'spared';
      readonly tier: string;
      readonly instead: string;
      readonly people: readonly {
        readonly userId: string;
        readonly name: string;
        /** Incidents they had been paged for in this night. */
        readonly count: number;
        readonly limit: number;
      }[];
    }
  /** Maintenance: nobody is asked anything until then. */
  | { readonly type: 'quiet'; readonly until: Instant; readonly reason: string }
  /** It is paged, or asked about, again. */
  | { readonly type: 'quiet-over'; readonly why: 'over' | 'ended' | 'not-covered' | 'by-hand' }
  | { readonly type: 'waiting'; readonly until: Instant; readonly why: string }
  | {
      readonly type: 'sent';
      readonly name: string;
      readonly channel: Channel;
      readonly what: string;
      readonly provider: string;
      readonly providerId?: string;
      readonly possibleDuplicate?: boolean;
      /** It was part of a message about several incidents. */
      readonly bundle?: InBundle;
    }
  | {
      readonly type: 'delivered';
      readonly name: string;
      readonly channel: Channel;
      readonly provider: string;
    }
  | {
      readonly type: 'call-ended';
      readonly name: string;
      readonly how: 'answered' | 'voicemail' | 'unanswered';
    }
  | {
      readonly type: 'delivery-failed';
      readonly name: string;
      readonly channel: Channel;
      readonly provider: string;
      readonly reason: FailureReason;
      readonly detail?: string;
      readonly next: 'retry' | 'next-method' | 'nothing-left';
      readonly ambiguous?: boolean;
    }
  | { readonly type: 'ack-timeout'; readonly tier: string; readonly names: readonly string[] }
  | { readonly type: 'catch-all'; readonly again: boolean }
  | { readonly type: 'acknowledged'; readonly who: string; readonly via: Via; readonly afterMs: Milliseconds }
  | { readonly type: 'also-acknowledged'; readonly who: string; readonly via: Via; readonly owner: string }
  | {
      readonly type: 'taken-over';
      readonly who: string;
      readonly from: string;
      readonly via: Via;
      /** Id of the schedule whose hand-over it came by; absent: somebody took it. */
      readonly handover?: string;
    }
  | { readonly type: 'progress'; readonly who: string; readonly via: Via }
  | { readonly type: 'escalated'; readonly who: string; readonly via: Via; readonly reason?: string }
  | { readonly type: 'no-progress'; readonly afterMs: Milliseconds }
  | { readonly type: 'still-on-it-asked'; readonly who: string }
  | {
      readonly type: 'severity';
      readonly from: string;
      readonly to: string;
      readonly who: string;
      readonly reason?: string;
    }
  | { readonly type: 'plan-changed'; readonly owed: readonly string[]; readonly dropped: readonly string[] }
  | { readonly type: 'update'; readonly who: string; readonly via: Via; readonly text: string }
  | { readonly type: 'update-due'; readonly overdue: boolean }
  | { readonly type: 'note'; readonly who: string; readonly via: Via; readonly text: string }
  | { readonly type: 'snoozed'; readonly who: string; readonly via: Via; readonly until: Instant }
  | { readonly type: 'snooze-over'; readonly who: string }
  | { readonly type: 'unacknowledged'; readonly who: string; readonly via: Via; readonly from: string }
  | {
      readonly type: 'reassigning';
      readonly who: string;
      readonly via: Via;
      readonly to: string;
      readonly reason?: string;
    }
  | { readonly type: 'reassigned'; readonly who: string; readonly via: Via; readonly from: string }
  | { readonly type: 'not-taken-over'; readonly to: string }
  | {
      readonly type: 'responders-asked';
      readonly who: string;
      readonly via: Via;
      readonly names: readonly string[];
      readonly reason?: string;
    }
  | { readonly type: 'joined'; readonly who: string; readonly via: Via; readonly names: readonly string[] }
  | { readonly type: 'responders-unanswered'; readonly name: string }
  | { readonly type: 'mitigated'; readonly who: string; readonly via: Via; readonly recheckAt: Instant }
  | { readonly type: 'monitoring'; readonly stableAt: Instant; readonly who?: string; readonly via?: Via }
  | { readonly type: 'stability-reset'; readonly stableAt: Instant }
  | { readonly type: 'reopened'; readonly pageAt: Instant }
  | { readonly type: 'told'; readonly names: readonly string[]; readonly what: string }
  | {
      readonly type: 'missed-deadline';
      readonly label: string;
      readonly dueAt: Instant;
      readonly lateMs: Milliseconds;
    }
  | { readonly type: 'resolved' }
  | { readonly type: 'review-started'; readonly postmortemDueAt?: Instant }
  | { readonly type: 'postmortem-reminder'; readonly dueAt: Instant }
  | { readonly type: 'postmortem-overdue'; readonly times: number }
  | {
      readonly type: 'postmortem-published';
      readonly who: string;
      readonly url: string;
      readonly lateMs: Milliseconds;
    }
  | { readonly type: 'closed' }
);
