import * as z from 'zod';
import {
  count,
  duration,
  durationOrOff,
  id,
  positiveDuration,
  severityId,
  targets,
  text,
  url,
} from './leaves.js';
import { businessHours } from './schedules.js';
import { WORDS } from './words.js';

export const pageMode = z.enum([
  'immediately',
  'escalate-off-hours',
  'wait-for-business-hours',
  'next-business-day',
  'ticket',
]);

const executives = z
  .union([z.boolean(), z.enum(['immediately', 'briefed with updates'])])
  .describe('Told when an incident is triggered at this severity or raised to it.');

/** What can be changed about a severity. `off` takes a duration away. */
const responseKeys = {
  name: text(80).optional(),
  when: text(400).optional(),
  page: pageMode.optional(),
  allHands: z.boolean().optional().describe('Page every step of the policy at once.'),
  executives: executives.optional(),
  startAtTier: count.optional().describe('The first step to page, from 1.'),
  managementAfter: durationOrOff.optional(),
  updateEvery: durationOrOff.optional(),
  acknowledgeTarget: durationOrOff.optional(),
  resolveTarget: durationOrOff.optional(),
  postmortemWithin: durationOrOff.optional(),
  roles: z.array(text(40)).optional().describe('Kept; nothing acts on it yet.'),
  warRoom: z.boolean().optional().describe('Kept; nothing acts on it yet.'),
  statusPageWithin: durationOrOff.optional().describe('Kept; nothing acts on it yet.'),
  statusPageEvery: durationOrOff.optional().describe('Kept; nothing acts on it yet.'),
  customerEmailWithin: durationOrOff.optional().describe('Kept; nothing acts on it yet.'),
  notifyTeam: z.enum(['immediately']).optional().describe('Kept; nothing acts on it yet.'),
};

/** Keys of a severity that later versions act on. */
export const KEPT_KEYS = [
  'roles',
  'warRoom',
  'statusPageWithin',
  'statusPageEvery',
  'customerEmailWithin',
  'notifyTeam',
] as const satisfies readonly (keyof typeof responseKeys)[];

/** A change to a severity. */
export const responseChange = z.strictObject(responseKeys);

/** A severity written out, in the shape of response-presets.yaml. */
export const level = z.strictObject({ ...responseKeys, page: pageMode });

export const severities = z.strictObject({
  preset: z
    .enum(['sev0-sev3', 'sev1-sev4', 'sev1-sev4-targets', 'p1-p4'])
    .optional()
    .describe('Default sev0-sev3.'),
  levels: z
    .record(severityId, level)
    .optional()
    .describe('Your own scheme instead of a preset, worst first.'),
  override: z
    .record(severityId, responseChange)
    .optional()
    .describe('Changes to single severities of the scheme.'),
  map: z.record(text(40), severityId).optional().describe("From senders' words to severity ids."),
});

const step = z.strictObject({
  name: text(60).optional().describe('Default: tier and its number.'),
  targets,
  timeout: positiveDuration.optional().describe('Wait for an acknowledgement. Default defaults.ackTimeout.'),
});

const response = z.record(severityId, responseChange);

export const policy = z.strictObject({
  name: text(80).optional(),
  steps: z.array(step).min(1),
  rounds: count.optional().describe('Default defaults.rounds.'),
  catchAll: z.strictObject({
    targets,
    every: positiveDuration.optional().describe('Default defaults.catchAllEvery.'),
  }),
  delay: duration.optional().describe('Wait before the first page. Default defaults.delay.'),
  page: pageMode.optional().describe('Page mode of every severity under this policy.'),
  response: response.optional().describe('Changes to severities under this policy.'),
});

const labelValue = z.union([text(400), z.number(), z.boolean()], { error: WORDS.matchValue.message });

/** Labels and what they must be: all of them. */
export const match = z.record(
  text(200),
  z.union([labelValue, z.array(labelValue).min(1)], { error: WORDS.matchValue.message }),
);

export const service = z.strictObject({
  name: text(80).optional().describe('Default: the id.'),
  team: id.optional(),
  policy: id.optional().describe("Default: the team's policy."),
  runbook: url.optional(),
  match: z.array(match).min(1).optional().describe('Alerts that match any of these are of this service.'),
  catchAll: z
    .boolean()
    .optional()
    .describe('Takes every alert that fits no service. Exactly one service has it.'),
  severity: severityId.optional().describe('Severity of alerts that do not say.'),
  severityRules: z
    .array(z.strictObject({ match, severity: severityId }))
    .optional()
    .describe("The first that matches decides, ahead of the sender's word."),
  businessHours: businessHours.optional().describe('Default: the global ones.'),
  page: pageMode
    .optional()
    .describe("Page mode of every severity for this service; goes before the policy's."),
  response: response.optional().describe("Changes to severities for this service; go before the policy's."),
});
