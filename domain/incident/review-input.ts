import type { ReviewInput } from '../review/review-types.js';
import { severityOf, urgencyOf } from '../severity/severity.js';
import type { IncidentState } from './state.js';
import { pagedPeople } from './turn.js';

/** What a resolved incident hands to its review. */
export function reviewInputOf(state: IncidentState): ReviewInput {
  const { plan } = state;
  const level = severityOf(plan.severities, state.severity);
  return {
    openingId: state.openingId,
    code: state.code,
    title: state.title,
    service: plan.service.id,
    ...(plan.service.team === undefined ? {} : { team: plan.service.team }),
    severity: state.severity,
    openedAt: state.openedAt,
    resolvedAt: state.resolvedAt ?? state.openedAt,
    owner: state.owner?.actor ?? null,
    ownerTargets: plan.policy.steps[0]?.targets ?? [],
    urgency: urgencyOf(level),
    ...(level.postmortemWithinMs === undefined ? {} : { postmortemWithinMs: level.postmortemWithinMs }),
    retryMs: plan.timings.retryMs,
    responders: pagedPeople(state),
  };
}
