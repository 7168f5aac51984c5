import * as z from 'zod';
import { duration, id, severityId, text, zone } from '../config/schema/leaves.js';

const channel = z.enum(['sms', 'voice', 'email', 'push', 'chat', 'webhook']);

/** What a scenario can say of a delivery: the provider's callback, or why it fails. */
export const OUTCOMES = [
  'delivered',
  'answered',
  'voicemail',
  'unanswered',
  'bad-address',
  'opted-out',
  'blocked',
  'undelivered',
  'unauthorized',
  'rate-limited',
  'unavailable',
  'timed-out',
  'not-configured',
  'rejected',
] as const;

/** The alerts of one moment. */
const alerts = z.strictObject({
  at: text(20).describe('From the beginning: 0:00.'),
  fires: z
    .union([z.array(text(80)).min(1), z.int().min(1).max(10_000)])
    .optional()
    .describe('Names of alerts, or how many.'),
  resolves: z.union([z.array(text(80)).min(1), z.literal('all')]).optional(),
  within: duration.optional().describe('Spread over so long, a request every 200 ms.'),
  group: id.optional().describe('Alerts of one group make one incident. Default: A.'),
  service: id.optional(),
  severity: severityId.optional(),
  summary: text(200).optional(),
});

const delivery = z.strictObject({
  to: z
    .union([text(60), z.array(text(60)).min(1)])
    .optional()
    .describe('Default: everybody.'),
  by: z
    .union([channel, z.array(channel).min(1)])
    .optional()
    .describe('Default: every channel.'),
  provider: text(40).optional().describe('Only through this one. Default: through any.'),
  becomes: z.enum(OUTCOMES),
  after: duration.optional().describe('The provider takes it first and says so later.'),
  from: text(20).optional(),
  until: text(20).optional(),
  nth: z.int().min(1).max(1_000).optional().describe('Only the nth of those meant, from 1.'),
});

const override = z.strictObject({
  schedule: id,
  slot: z.enum(['primary', 'secondary']).optional().describe('Default: primary.'),
  user: id.describe('Who has the place.'),
  insteadOf: id.optional().describe('Only while this user would have it. Default: whoever has it.'),
  from: text(20).optional().describe('Default: the beginning.'),
  until: text(20).optional().describe('Default: the end.'),
});

const maintenance = z.strictObject({
  services: z.array(id).min(1).optional().describe('Default: all services.'),
  from: text(20).optional().describe('Default: the beginning.'),
  until: text(20),
  reason: text(200).optional().describe('Default: maintenance.'),
  stopPages: z.boolean().optional().describe('What is being paged when it begins rests, too.'),
  endedAt: text(20).optional().describe('Somebody ends it then, before its time.'),
});

const outage = z.strictObject({ from: text(20), to: text(20) });

/** A scenario as it is written. Sentences and times are read after this has accepted their shape. */
export const scenarioFile = z.strictObject({
  scenario: text(200).describe('What it shows, in one line.'),
  about: text(4_000).optional(),
  config: text(400)
    .optional()
    .describe('File or folder, seen from here. Default: tocsin.yaml beside the scenario.'),
  service: id.optional().describe('Default: the service that takes what fits no other.'),
  policy: id.optional().describe('Instead of a service: the first service with this policy.'),
  severity: severityId.optional().describe('Default: what an alert of this service gets that does not say.'),
  title: text(200).optional().describe('Of the incident.'),
  zone: zone.optional().describe('Of `start`. Default: UTC.'),
  start: text(40).optional().describe('The instant of 0:00. Default: now.'),
  until: text(20).optional().describe('Default: 80:00.'),
  declaredBy: id.optional().describe('Opened by hand by this user, instead of by alerts.'),
  resolves: z.boolean().optional().describe('Whether the sender says when an alert is over. Default: true.'),
  alerts: z
    .array(alerts)
    .min(1)
    .max(1_000)
    .optional()
    .describe('Default: one alert at 0:00 that goes on firing.'),
  answers: z
    .array(text(2_000))
    .max(1_000)
    .optional()
    .describe(
      'What people do: "alice acks by sms at 0:40", "alice snoozes for 30m at 2:00", "alice reassigns to bob at 6:00".',
    ),
  deliveries: z
    .array(delivery)
    .max(1_000)
    .optional()
    .describe('What becomes of messages. Default: the provider takes them.'),
  providers: z
    .partialRecord(channel, z.array(text(40)).min(1))
    .optional()
    .describe('Per channel, in the order in which they are tried.'),
  overrides: z
    .array(override)
    .max(1_000)
    .optional()
    .describe('Who has a place of a schedule instead. Of several at one moment the last one counts.'),
  maintenance: z
    .array(maintenance)
    .max(100)
    .optional()
    .describe('Alerts of these services page nobody for a time, beside what the configuration has.'),
  outages: z.array(outage).max(100).optional().describe('All of Tocsin and Temporal is down.'),
  storeAway: z
    .array(outage)
    .max(100)
    .optional()
    .describe('The store is away: paging goes on with the overrides that were known.'),
  nightPages: z
    .record(id, z.int().min(0).max(100))
    .optional()
    .describe('For how many incidents these users were paged already in the night in which it begins.'),
  expect: z.array(text(2_000)).max(1_000).optional(),
  contacts: z
    .array(text(400))
    .max(10_000)
    .optional()
    .describe('Everybody who is contacted, line by line, and nobody else.'),
});

/** A scenario that the schema has accepted. */
export type WrittenScenario = z.infer<typeof scenarioFile>;
