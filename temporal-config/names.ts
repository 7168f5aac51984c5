/** Names that the parts agree on when they meet at Temporal. Pure: the workflow bundle contains this file. */

export const TASK_QUEUE = 'tocsin';

/** Workflow types as the ops team sees them. */
export const INCIDENT_WORKFLOW = 'incident';
export const REVIEW_WORKFLOW = 'review';
export const RECORD_WORKFLOW = 'record';
export const HEARTBEAT_WORKFLOW = 'heartbeat';
export const LETTER_WORKFLOW = 'letter';
export const HANDOFF_WORKFLOW = 'handoff';
export const ANNOUNCEMENT_WORKFLOW = 'announcement';
export const HANDOFF_PLANNER_WORKFLOW = 'handoffPlanner';

/** The Temporal Schedule that plans hand-overs, and what its runs are called (the server adds the time). */
export const HANDOFF_SCHEDULE = 'tocsin-handoffs';
export const HANDOFF_PLANNER_ID = 'handoff-planner';
export const MORNING_MAIL_WORKFLOW = 'morningMail';

/** The one incident of an alert group, whatever opened it: Temporal's uniqueness of running ids is the only lock. */
export function incidentWorkflowId(key: string): string {
  return `incident:${key}`;
}

/** The review of one opening of an incident. */
export function reviewWorkflowId(openingId: string): string {
  return `review:${openingId}`;
}

/** The workflow that keeps the rest of a timeline, from the entry of this number on, once the store is back. */
export function recordWorkflowId(openingId: string, part: string, from: number): string {
  return `${RECORD_WORKFLOW}:${openingId}:${part}:${from}`;
}

/** The one mail of a morning to one person; `key` is a hash of both. */
export function morningMailWorkflowId(key: string): string {
  return `morning-mail:${key}`;
}

/** The one workflow of a hand-over. */
export function handoffWorkflowId(id: string): string {
  return `${HANDOFF_WORKFLOW}:${id}`;
}

/** The one workflow of an announcement. */
export function announcementWorkflowId(id: string): string {
  return `${ANNOUNCEMENT_WORKFLOW}:${id}`;
}

/** The workflow that writes one letter, by the letter's id. */
export function letterWorkflowId(id: string): string {
  return `${LETTER_WORKFLOW}:${id}`;
}

/** The one workflow that watches a heartbeat of the configuration. */
export function heartbeatWorkflowId(id: string): string {
  return `${HEARTBEAT_WORKFLOW}:${id}`;
}

/**
 * An opening id is `<key>-<8 hex digits of the run that opened it>`: it names one incident and leads to its workflow.
 * Null when the text is no opening id.
 */
export function keyOfOpening(openingId: string): string | null {
  return /^([0-9a-f]{20})-[0-9a-f]{8}$/.exec(openingId)?.[1] ?? null;
}

/** The id of the opening that a run began. */
export function openingIdOf(key: string, runId: string): string {
  return `${key}-${runId.replaceAll('-', '').slice(0, 8)}`;
}
