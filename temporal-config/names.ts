/** Names that the parts agree on when they meet at Temporal. Pure: the workflow bundle contains this file. */

export const TASK_QUEUE = 'tocsin';

/** Workflow types as the ops team sees them. */
export const INCIDENT_WORKFLOW = 'incident';
export const REVIEW_WORKFLOW = 'review';
export const HEARTBEAT_WORKFLOW = 'heartbeat';

/** The one incident of an alert group, whatever opened it: Temporal's uniqueness of running ids is the only lock. */
export function incidentWorkflowId(key: string): string {
  return `incident:${key}`;
}

/** The review of one opening of an incident. */
export function reviewWorkflowId(openingId: string): string {
  return `review:${openingId}`;
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
