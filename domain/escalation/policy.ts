import type { Milliseconds } from '../time/instant.js';

/** Who a step means. Resolved to people at the instant the step fires, never earlier. */
export type Target =
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'schedule'; readonly id: string; readonly slot: 'primary' | 'secondary' }
  | { readonly kind: 'team'; readonly id: string }
  /** A named list with its own channels, e.g. management, executives, an ops room. Never called by phone. */
  | { readonly kind: 'group'; readonly id: string }
  /** The managers of these users. */
  | { readonly kind: 'manager'; readonly of: readonly string[] };

/** One tier of a policy. */
export interface Step {
  /** What people read, e.g. "primary" or "tier 2". */
  readonly name: string;
  readonly targets: readonly Target[];
  /** How long this step waits for an acknowledgement. Default 5 minutes. */
  readonly timeoutMs: Milliseconds;
}

/** An escalation policy, snapshotted by value when an incident opens. */
export interface Policy {
  readonly id: string;
  /** Hash of the policy's content: which rules drive this incident. */
  readonly hash: string;
  /** At least one. */
  readonly steps: readonly Step[];
  /** How often the steps are gone through before the catch-all, 1 or more. Default 2. */
  readonly rounds: number;
  /** Reached when every round went unanswered; repeated until somebody answers. */
  readonly catchAll: { readonly targets: readonly Target[]; readonly everyMs: Milliseconds };
  /** How long to wait before the first page, for alerts that resolve themselves. Default 0. */
  readonly delayMs: Milliseconds;
}
