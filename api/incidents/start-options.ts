import type { WorkflowOptions } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { IncidentInput } from '../../domain/incident/plan.js';
import { QUIET_WINDOWS, reasonOf, type QuietView } from '../../domain/incident/quiet.js';
import { quietUntil } from '../../domain/maintenance/window.js';
import type { Instant } from '../../domain/time/instant.js';
import { incidentWorkflowId, TASK_QUEUE } from '../../temporal-config/names.js';
import { attributes, opaqueId } from '../../temporal-config/search-attributes.js';

/** Temporal's limit for the summary of a workflow, in bytes. Source: design/temporal.md, "User metadata". */
const SUMMARY_BYTES = 200;

/**
 * How an incident workflow is started, whoever opens it: its id is the only lock, and the ops team can read it.
 * @param at now: until the workflow has said when it opened, lists know it by this
 * @param notes for the memo
 */
export function startOptions(
  input: IncidentInput,
  at: Instant,
  notes: Readonly<Record<string, unknown>> = {},
): WorkflowOptions {
  const { plan } = input;
  return {
    workflowId: incidentWorkflowId(input.key),
    taskQueue: TASK_QUEUE,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    // As the workflow keeps it: what it would write first is there already.
    memo: { title: input.title, service: plan.service.name, owner: '', ...quietMemo(input, at), ...notes },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: attributes.kind, value: 'incident' },
      { key: attributes.opened, value: new Date(at) },
      { key: attributes.service, value: opaqueId(plan.service.id) },
      { key: attributes.severity, value: opaqueId(input.severity) },
      { key: attributes.phase, value: 'triggered' },
    ]),
    staticSummary: cutToBytes(`${input.severity} ${plan.service.id}: ${input.title}`, SUMMARY_BYTES),
    staticDetails: [
      `- service: ${plan.service.name} (${plan.service.id})`,
      `- source: ${input.source}`,
      `- policy: ${plan.policy.id} (${plan.policy.hash})`,
      `- config: ${plan.configHash}`,
      ...(plan.service.runbook === undefined ? [] : [`- runbook: ${plan.service.runbook}`]),
      ...plan.remarks.map((remark) => `- ${remark}`),
    ].join('\n'),
  };
}

/** How long it is quiet, for lists: the workflow keeps it true from its first task on. */
function quietMemo({ quiet: windows }: IncidentInput, at: Instant): { readonly quiet?: QuietView } {
  if (windows === undefined) return {};
  const until = quietUntil(windows, at);
  const ids = windows.map(({ id }) => id).slice(0, QUIET_WINDOWS);
  return { quiet: { until, reason: reasonOf(windows, until), windows: ids, rests: true } };
}

/** The longest beginning of a text that fits into so many bytes of UTF-8, whole characters only. */
export function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let cut = '';
  let size = Buffer.byteLength('…');
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    cut += character;
  }
  return `${cut}…`;
}
