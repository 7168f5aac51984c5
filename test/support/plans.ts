import type { Alert, AlertBatch } from '../../domain/alert/alert.js';
import type { Policy, Step, Target } from '../../domain/escalation/policy.js';
import { DEFAULT_TIMINGS, type IncidentInput, type ResponsePlan } from '../../domain/incident/plan.js';
import type { Severity } from '../../domain/severity/severity.js';
import { HOUR, MINUTE } from '../../domain/time/instant.js';

/** The people of spec/scenarios.md as targets of a policy, tier by tier. */
const PEOPLE = ['alice', 'bob', 'carol', 'dan', 'erin'] as const;

export function stepOf(id: string, name: string): Step {
  return { name, targets: [{ kind: 'user', id }], timeoutMs: 5 * MINUTE };
}

/** The policy `default` of spec/scenarios.md: five steps, 5 minutes each, 2 rounds, then the catch-all every 15 minutes. */
export function policyOf(changes: Partial<Policy> = {}): Policy {
  const names = ['primary', 'secondary', 'tier 2', 'tier 3', 'management'];
  return {
    id: 'default',
    hash: 'test',
    steps: PEOPLE.map((id, index) => stepOf(id, names[index] ?? id)),
    rounds: 2,
    catchAll: { targets: [{ kind: 'group', id: 'ops-room' }], everyMs: 15 * MINUTE },
    delayMs: 0,
    ...changes,
  };
}

export function severityOfTest(changes: Partial<Severity> & Pick<Severity, 'id'>): Severity {
  return {
    rank: 2,
    name: changes.id,
    page: 'immediately',
    allHands: false,
    executives: false,
    startAtTier: 1,
    ...changes,
  };
}

/** SEV0 to SEV3 as the default preset has them. */
export const SEVERITIES: readonly Severity[] = [
  severityOfTest({
    id: 'SEV0',
    rank: 1,
    allHands: true,
    executives: true,
    updateEveryMs: 15 * MINUTE,
    postmortemWithinMs: 48 * HOUR,
  }),
  severityOfTest({ id: 'SEV1', rank: 2, postmortemWithinMs: 48 * HOUR }),
  severityOfTest({ id: 'SEV2', rank: 3, page: 'next-business-day', updateEveryMs: 2 * HOUR }),
  severityOfTest({ id: 'SEV3', rank: 4, page: 'ticket' }),
];

export function planOf(changes: Partial<ResponsePlan> = {}): ResponsePlan {
  const management: Target[] = [{ kind: 'user', id: 'erin' }];
  return {
    configHash: 'test',
    service: { id: 'payments', name: 'payments', team: 'payments' },
    policy: policyOf(),
    severities: SEVERITIES,
    management,
    executives: [],
    businessTime: [],
    timings: DEFAULT_TIMINGS,
    remarks: [],
    ...changes,
  };
}

export function inputOf(changes: Partial<IncidentInput> = {}): IncidentInput {
  return {
    key: '0123456789abcdef0123',
    title: 'checkout is down',
    severity: 'SEV1',
    plan: planOf(),
    source: 'alertmanager',
    resolves: true,
    ...changes,
  };
}

export function alertOf(changes: Partial<Alert> = {}): Alert {
  return {
    fingerprint: 'f1',
    status: 'firing',
    startsAt: 1,
    summary: 'checkout is down',
    severity: 'SEV1',
    ...changes,
  };
}

export function batchOf(alerts: readonly Alert[], changes: Partial<AlertBatch> = {}): AlertBatch {
  return { integration: 'alertmanager', resolves: true, alerts, receivedAt: 0, ...changes };
}
