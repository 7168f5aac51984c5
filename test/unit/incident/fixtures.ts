import type { Policy, Target } from '../../../domain/escalation/policy.js';
import type { Method, NotificationRule } from '../../../domain/incident/event.js';
import { DEFAULT_TIMINGS, type ResponsePlan } from '../../../domain/incident/plan.js';
import type { Severity } from '../../../domain/severity/severity.js';
import type { BusinessTime } from '../../../domain/time/business-time.js';
import { DAY, HOUR, MINUTE } from '../../../domain/time/instant.js';
import {
  createVirtualIncident,
  type OnCall,
  type Somebody,
  type VirtualIncident,
  type VirtualOptions,
} from '../../support/virtual-incident.js';

/** 10:00 UTC on a Tuesday, which is everybody's zone here. */
export const TUESDAY_10 = Date.UTC(2026, 10, 24, 10);
export const SUNDAY_3 = Date.UTC(2026, 10, 29, 3);

export const sms: Method = { id: 'sms-1', channel: 'sms' };
export const push: Method = { id: 'push-1', channel: 'push' };
export const voice: Method = { id: 'voice-1', channel: 'voice' };
export const email: Method = { id: 'email-1', channel: 'email' };
export const chat: Method = { id: 'chat-1', channel: 'chat' };

/** SMS and push at once, call after 1 minute, call again after 3. */
export const RULES: readonly NotificationRule[] = [
  { afterMs: 0, methods: [sms, push] },
  { afterMs: MINUTE, methods: [voice] },
  { afterMs: 3 * MINUTE, methods: [voice] },
];

export const person: Somebody = {
  high: RULES,
  low: [{ afterMs: 0, methods: [email] }],
  notice: [sms, push, email],
};
export const room: Somebody = {
  high: [{ afterMs: 0, methods: [sms, chat] }],
  low: [{ afterMs: 0, methods: [chat] }],
  notice: [sms, chat],
};

export const PEOPLE: Readonly<Record<string, Somebody>> = {
  alice: person,
  bob: person,
  carol: person,
  dan: person,
  erin: person,
  fay: person,
  gil: person,
  'ops-room': room,
};

export const PRIMARY: Target = { kind: 'schedule', id: 'payments', slot: 'primary' };
export const SECONDARY: Target = { kind: 'schedule', id: 'payments', slot: 'secondary' };

export const ON_CALL: OnCall = {
  'schedule:payments:primary': ['alice'],
  'schedule:payments:secondary': ['bob'],
  'group:management': ['erin'],
  'group:executives': ['gil'],
  'group:ops-room': ['ops-room'],
};

function step(name: string, target: Target): Policy['steps'][number] {
  return { name, targets: [target], timeoutMs: 5 * MINUTE };
}

/** Five steps, five minutes each, two rounds, then the catch-all every 15 minutes. */
export const POLICY: Policy = {
  id: 'default',
  hash: 'h1',
  steps: [
    step('primary', PRIMARY),
    step('secondary', SECONDARY),
    step('tier 2', { kind: 'user', id: 'carol' }),
    step('tier 3', { kind: 'user', id: 'dan' }),
    step('management', { kind: 'user', id: 'erin' }),
  ],
  rounds: 2,
  catchAll: { targets: [{ kind: 'group', id: 'ops-room' }], everyMs: 15 * MINUTE },
  delayMs: 0,
};

export const SEV0: Severity = {
  id: 'SEV0',
  rank: 1,
  name: 'critical outage',
  page: 'immediately',
  allHands: true,
  executives: true,
  startAtTier: 1,
  updateEveryMs: 15 * MINUTE,
  postmortemWithinMs: 48 * HOUR,
};
/** Management, cadence and roles are off, as in scenarios that do not speak of them. */
export const SEV1: Severity = {
  id: 'SEV1',
  rank: 2,
  name: 'major degradation',
  page: 'escalate-off-hours',
  allHands: false,
  executives: false,
  startAtTier: 1,
  postmortemWithinMs: 48 * HOUR,
};
export const SEV2: Severity = {
  id: 'SEV2',
  rank: 3,
  name: 'minor issue',
  page: 'next-business-day',
  allHands: false,
  executives: false,
  startAtTier: 1,
};
export const SEV3: Severity = { ...SEV2, id: 'SEV3', rank: 4, name: 'low impact', page: 'ticket' };

/** Monday to Friday, 09:00 to 17:00 UTC, the week of {@link TUESDAY_10} and the two around it. */
export const BUSINESS_TIME: BusinessTime = Array.from({ length: 21 }, (_, day) => {
  const midnight = Date.UTC(2026, 10, 16) + day * DAY;
  return [midnight + 9 * HOUR, midnight + 17 * HOUR] as const;
}).filter(([opens]) => ![0, 6].includes(new Date(opens).getUTCDay()));

export const PLAN: ResponsePlan = {
  configHash: 'c1',
  service: { id: 'payments', name: 'payments' },
  policy: POLICY,
  severities: [SEV0, SEV1, SEV2, SEV3],
  management: [{ kind: 'group', id: 'management' }],
  executives: [{ kind: 'group', id: 'executives' }],
  businessTime: BUSINESS_TIME,
  timings: DEFAULT_TIMINGS,
  remarks: [],
};

/** The plan with this severity changed. */
export function planWith(changed: Severity, plan: ResponsePlan = PLAN): ResponsePlan {
  return {
    ...plan,
    severities: plan.severities.map((level) => (level.id === changed.id ? changed : level)),
  };
}

/** The scenarios' world: SEV1 at 10:00 on a Tuesday. */
export function incident(options: Partial<VirtualOptions> = {}): VirtualIncident {
  return createVirtualIncident({
    plan: PLAN,
    people: PEOPLE,
    onCall: ON_CALL,
    severity: 'SEV1',
    startsAt: TUESDAY_10,
    ...options,
  });
}
