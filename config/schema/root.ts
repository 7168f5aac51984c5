import * as z from 'zod';
import { ACCESS_SCOPES } from '../../domain/access/scope.js';
import type { Timings } from '../../domain/incident/plan.js';
import {
  count,
  countOrOff,
  duration,
  durationOrOff,
  id,
  positiveDuration,
  secret,
  severityId,
  targets,
  text,
  zone,
} from './leaves.js';
import { heartbeat } from './heartbeats.js';
import { maintenance } from './maintenance.js';
import { group, notify, team, user } from './people.js';
import { provider, providerId } from './providers.js';
import { policy, service, severities } from './response.js';
import { businessHours, handoff, holidays, night, schedule } from './schedules.js';
import { WORDS } from './words.js';

const integration = z
  .strictObject({
    kind: z.enum(['alertmanager', 'generic', 'grafana', 'pagerduty']),
    key: secret.describe('By reference to an environment variable: { env: NAME }.'),
    service: id.optional().describe('Service of alerts that no route matches.'),
    severity: severityId.optional().describe('Severity of alerts that do not say.'),
    groupBy: z.array(text(200)).min(1).optional().describe('Labels whose values make one incident.'),
  })
  // A resolve and an acknowledge name their incident by its dedup key alone: they have no labels.
  .refine(({ kind, groupBy }) => kind !== 'pagerduty' || groupBy === undefined, {
    path: ['groupBy'],
    error: WORDS.groupByPagerDuty.message,
  });

const apiKey = z.strictObject({
  key: secret.describe('By reference to an environment variable: { env: NAME }.'),
  scope: z
    .enum(ACCESS_SCOPES)
    .optional()
    .describe('What it may do; each includes those before: read, respond, admin. Default admin.'),
});

/** What each timing is called in YAML. */
export const TIMING_NAMES = {
  noProgressMs: 'noProgress',
  stillOnItBeforeMs: 'stillOnItBefore',
  updateOverdueMs: 'updateOverdue',
  recheckMs: 'recheck',
  repageMs: 'repage',
  stabilityMs: 'stability',
  joinNoticeMs: 'joinNotice',
  mergeMs: 'merge',
  outageAfterMs: 'outageAfter',
  beforeCloseMs: 'beforeClose',
  retryMs: 'retry',
  snoozeShortestMs: 'snoozeShortest',
  snoozeLongestMs: 'snoozeLongest',
} as const satisfies Record<keyof Timings, string>;

const timings = z.strictObject({
  noProgress: positiveDuration.optional(),
  stillOnItBefore: duration.optional(),
  updateOverdue: positiveDuration.optional(),
  recheck: positiveDuration.optional(),
  repage: duration.optional(),
  stability: positiveDuration.optional(),
  joinNotice: duration.optional(),
  merge: duration.optional(),
  outageAfter: positiveDuration.optional(),
  beforeClose: positiveDuration.optional(),
  retry: positiveDuration.optional(),
  snoozeShortest: positiveDuration.optional(),
  snoozeLongest: positiveDuration.optional(),
});

/** What `tocsin coverage` warns of, and how often one person may be woken. */
const limits = z.strictObject({
  maxDuty: durationOrOff.optional().describe('Longest time as primary without a break. Default 168h.'),
  minRest: durationOrOff.optional().describe('Shortest rest between two duties as primary. Default 11h.'),
  pagesPerNight: countOrOff
    .optional()
    .describe('Incidents for which one person is paged first in one night. Default 3; off: no limit.'),
  bundling: durationOrOff
    .optional()
    .describe(
      'Pages to one person by one method within this time of the last become one message; the first never waits. Default 5s; off: each on its own.',
    ),
  night: night.optional().describe('When it is night, on each person’s own clock. Default 22:00 to 07:00.'),
});

const defaults = z.strictObject({
  zone: zone.optional().describe('Default UTC.'),
  ackTimeout: positiveDuration.optional().describe('Default 5m.'),
  rounds: count.optional().describe('Default 2.'),
  catchAllEvery: positiveDuration.optional().describe('Default 15m.'),
  delay: duration.optional().describe('Default 0s.'),
  severity: severityId.optional().describe('Default: the second worst of the scheme.'),
  notify: notify.optional(),
  contactMethods: z
    .enum(['verify', 'trusted'])
    .optional()
    .describe(
      'verify: a number or mail address counts once its person has typed back a code (docs/contact-methods.md). Default verify.',
    ),
  management: targets.optional().describe('Default: the group management, when there is one.'),
  executives: targets.optional().describe('Default: the group executives, when there is one.'),
  handoff: handoff.optional().describe('Of schedules that do not say. Default on.'),
});

/** The whole configuration, all files together. The order of entries counts for services and severity levels. */
export const root = z.strictObject({
  users: z.record(id, user).optional(),
  groups: z.record(id, group).optional(),
  teams: z.record(id, team).optional(),
  schedules: z.record(id, schedule).optional(),
  holidays: holidays.optional(),
  policies: z.record(id, policy).optional(),
  services: z.record(id, service).optional(),
  severities: severities.optional(),
  businessHours: businessHours.optional(),
  integrations: z.record(id, integration).optional(),
  apiKeys: z.record(id, apiKey).optional(),
  heartbeats: z.record(id, heartbeat).optional(),
  maintenance: z.record(id, maintenance).optional(),
  providers: z.record(providerId, provider).optional(),
  timings: timings.optional(),
  limits: limits.optional(),
  defaults: defaults.optional(),
});

/** The configuration as it is written, after validation. */
export type Written = z.infer<typeof root>;
export type WrittenUser = NonNullable<Written['users']>[string];
export type WrittenGroup = NonNullable<Written['groups']>[string];
export type WrittenSchedule = NonNullable<Written['schedules']>[string];
export type WrittenHandoff = NonNullable<WrittenSchedule['handoff']>;
export type WrittenRotation = NonNullable<WrittenSchedule['rotation']>;
export type WrittenPolicy = NonNullable<Written['policies']>[string];
export type WrittenService = NonNullable<Written['services']>[string];
export type WrittenSeverities = NonNullable<Written['severities']>;
export type WrittenLevel = NonNullable<WrittenSeverities['levels']>[string];
export type WrittenChange = NonNullable<WrittenSeverities['override']>[string];
export type WrittenMatch = NonNullable<WrittenService['match']>[number];
export type WrittenMaintenance = NonNullable<Written['maintenance']>[string];
export type WrittenProvider = NonNullable<Written['providers']>[string];
export type WrittenNotify = NonNullable<WrittenUser['notify']>;
export type WrittenBusinessHours = NonNullable<Written['businessHours']>;
