import type { Instant, Milliseconds } from '../time/instant.js';

/** What every message to a person says about its incident. Plain data: the words are made where it is sent. */
export interface Message {
  readonly kind: 'page' | 'notice';
  readonly openingId: string;
  /** What a person types to mean this incident, 4 characters. */
  readonly code: string;
  readonly title: string;
  readonly service: string;
  readonly severity: string;
  readonly openedAt: Instant;
  /** Alerts firing now; 0 when declared by hand. */
  readonly firing: number;
  readonly runbook?: string;
  readonly link?: string;
  /** Why this person reads this: one for a page, one or more for a notice. */
  readonly parts: readonly [MessagePart, ...MessagePart[]];
  /** How long the message is worth delivering (Twilio's validity period). */
  readonly validForMs: Milliseconds;
  /** Several pages that go out as this one; made where they are sent (activities/bundling), never by the machine. */
  readonly bundle?: Bundle;
}

/** Pages for one person by one method, worst first: at least two, at most {@link BUNDLE_PAGES}. */
export interface Bundle {
  readonly id: string;
  readonly pages: readonly [BundledPage, BundledPage, ...BundledPage[]];
}

/** What a message about several incidents says of one. */
export interface BundledPage extends Pick<Message, 'openingId' | 'code' | 'title' | 'service' | 'severity'> {
  /** The incident's page for this reader: shows it, and answers by its buttons. */
  readonly url: string;
}

/** As many codes as two segments of a text message hold with something of each title. */
export const BUNDLE_PAGES = 10;

/** Why somebody is paged. */
export type PageReason =
  | 'alert'
  | 'not-acknowledged'
  | 'gap'
  | 'unproven'
  | 'no-progress'
  | 'escalated-by-hand'
  | 'severity-raised'
  | 'fires-again'
  | 'still-firing'
  | 'management'
  | 'catch-all'
  | 'after-outage'
  | 'business-hours'
  | 'nobody-picked-up'
  | 'snooze-over'
  | 'maintenance-over'
  | 'unacknowledged'
  | 'reassigned'
  | 'not-taken-over'
  | 'asked-to-help'
  | 'for-information';

/** One thing that a message says. */
export type MessagePart =
  | {
      readonly type: 'page';
      readonly reason: PageReason;
      readonly tier: string;
      readonly round: number;
      readonly detail?: string;
    }
  | { readonly type: 'acknowledged-by'; readonly who: string; readonly at: Instant }
  | { readonly type: 'taken-over'; readonly who: string; readonly from: string }
  | { readonly type: 'still-on-it'; readonly escalatesAt: Instant }
  | { readonly type: 'no-progress'; readonly paged: string }
  | { readonly type: 'update-due'; readonly every: Milliseconds; readonly overdueAt: Instant }
  | { readonly type: 'update-overdue'; readonly owner: string; readonly since: Instant }
  | { readonly type: 'alert-joined'; readonly summary: string; readonly firing: number }
  | { readonly type: 'severity-changed'; readonly from: string; readonly to: string; readonly by: string }
  | { readonly type: 'told'; readonly what: 'executives' | 'management' }
  | { readonly type: 'catch-all-reached'; readonly again: boolean }
  | { readonly type: 'monitoring'; readonly stableAt: Instant }
  | { readonly type: 'gone-before-answer' }
  | { readonly type: 'resolved' }
  | { readonly type: 'escalated'; readonly by: string; readonly to: string }
  | { readonly type: 'open-again'; readonly by: string }
  | { readonly type: 'reassigning'; readonly by: string; readonly to: string }
  /** `paged`: who is paged or written to instead; absent, paging goes on as it is. */
  | { readonly type: 'not-taken-over'; readonly to: string; readonly paged?: string }
  /** Somebody else is asked now, or has it. */
  | { readonly type: 'no-longer-asked' }
  | { readonly type: 'responders-asked'; readonly by: string; readonly names: readonly string[] }
  | { readonly type: 'responders-unanswered'; readonly name: string }
  | { readonly type: 'joined'; readonly who: string }
  | { readonly type: 'confirmation'; readonly sentence: string }
  | { readonly type: 'postmortem-reminder'; readonly dueAt: Instant }
  | {
      readonly type: 'postmortem-overdue';
      readonly dueAt: Instant;
      readonly owner: string;
      readonly times: number;
    };
