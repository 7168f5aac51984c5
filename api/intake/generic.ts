import { z } from 'zod';
import { check } from '../validate.js';
import { fingerprintOf, labelEntries, lineOf, linkOf, timeSchema, type Sender } from './sender.js';

const bodySchema = z.object({
  /** What is wrong, for people. */
  summary: z.string().min(1),
  /** Names the alert: the same key while it is open is the same incident. Of any length. */
  key: z.string().min(1).optional(),
  status: z.enum(['firing', 'resolved']).default('firing'),
  /** An id of the scheme or a word such as critical. */
  severity: z.string().min(1).optional(),
  service: z.string().min(1).optional(),
  labels: z.record(z.string(), z.string()).default({}),
  link: z.string().optional(),
  startsAt: timeSchema.optional(),
  /** Whether this sender will say when it is over. Default: yes. */
  resolves: z.boolean().optional(),
});

/**
 * Anything that can send JSON. Without `key`, the hash of summary, service and labels names the alert, so that the
 * same body sent twice is one alert and its `resolved` finds it. Who never sends a `resolved` says `resolves: false`.
 */
export const generic: Sender = {
  kind: 'generic',
  resolves: true,
  body: bodySchema,
  parse: (body) => {
    const checked = check(bodySchema, body);
    if (!checked.ok) return checked;
    const { summary, key, status, severity, service, labels, startsAt, resolves } = checked.value;
    const dedupKey = key ?? JSON.stringify([summary, service ?? null, labelEntries(labels)]);
    const line = lineOf([summary], 'Alert without words');
    const link = linkOf(checked.value.link);
    const alert = {
      fingerprint: fingerprintOf(dedupKey),
      status,
      startsAt: startsAt ?? null,
      summary: line,
      labels,
      ...(service === undefined ? {} : { service }),
      ...(severity === undefined ? {} : { severity }),
      ...(link === undefined ? {} : { link }),
    };
    return {
      ok: true,
      groups: [{ dedupKey, title: line, alerts: [alert], resolves: resolves ?? true }],
    };
  },
};
