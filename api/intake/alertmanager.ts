import { z } from 'zod';
import { check } from '../validate.js';
import {
  fingerprintOf,
  lineOf,
  linkOf,
  sortedLabels,
  timeSchema,
  type SentAlert,
  type Sender,
} from './sender.js';

const words = z.record(z.string(), z.string());

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: words,
  annotations: words.default({}),
  startsAt: timeSchema,
  endsAt: timeSchema.optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().min(1).optional(),
});

/**
 * Alertmanager's webhook, version 4. Fields that later versions add are ignored.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
const bodySchema = z.object({
  groupKey: z.string().min(1),
  truncatedAlerts: z.number().int().min(0).default(0),
  status: z.enum(['firing', 'resolved']).optional(),
  groupLabels: words.default({}),
  commonLabels: words.default({}),
  commonAnnotations: words.default({}),
  alerts: z.array(alertSchema).min(1),
});

type SentByAlertmanager = z.output<typeof alertSchema>;

function normalized(alert: SentByAlertmanager): SentAlert {
  const { labels, annotations } = alert;
  const link = linkOf(alert.generatorURL);
  return {
    fingerprint: fingerprintOf(alert.fingerprint ?? sortedLabels(labels)),
    status: alert.status,
    startsAt: alert.startsAt,
    summary: lineOf(
      [annotations['summary'], annotations['title'], labels['alertname'], annotations['description']],
      'Alert without a name',
    ),
    labels,
    ...(labels['service'] === undefined ? {} : { service: labels['service'] }),
    ...(labels['severity'] === undefined ? {} : { severity: labels['severity'] }),
    ...(link === undefined ? {} : { link }),
  };
}

/** Prometheus Alertmanager: one request is one group, its `groupKey` the dedup key. */
export const alertmanager: Sender = {
  kind: 'alertmanager',
  resolves: true,
  body: bodySchema,
  parse: (body) => {
    const checked = check(bodySchema, body);
    if (!checked.ok) return checked;
    const { groupKey, truncatedAlerts, commonAnnotations, commonLabels, groupLabels } = checked.value;
    const alerts = checked.value.alerts.map(normalized);
    const firing = alerts.find(({ status }) => status === 'firing') ?? alerts[0];
    const title = lineOf(
      [
        commonAnnotations['summary'],
        commonAnnotations['title'],
        commonLabels['alertname'],
        groupLabels['alertname'],
        firing?.summary,
      ],
      'Alerts without a name',
    );
    const truncated = truncatedAlerts > 0 ? { truncated: truncatedAlerts } : {};
    return { ok: true, groups: [{ dedupKey: groupKey, title, alerts, ...truncated }] };
  },
};
