import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Integration } from '../../config/types.js';
import { authenticateSender, type KeyRing } from '../keys.js';
import { check } from '../validate.js';
import { isSigned, integrationThatSigned } from './grafana-signature.js';
import { fingerprintOf, lineOf, linksOf, sortedLabels, timeSchema } from './sender.js';
import type { SentAlert, SentGroup, Sender } from './sender.js';

const words = z.record(z.string(), z.string());

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: words,
  annotations: words.default({}),
  startsAt: timeSchema,
  endsAt: timeSchema.optional(),
  /** The last values of the rule's queries and expressions by their letters; null where one is not a number. */
  values: z.record(z.string(), z.number().nullable()).nullish(),
  generatorURL: z.string().optional(),
  silenceURL: z.string().optional(),
  dashboardURL: z.string().optional(),
  panelURL: z.string().optional(),
  imageURL: z.string().optional(),
  fingerprint: z.string().min(1).optional(),
});

/**
 * The webhook of Grafana's contact points, version 1, without a template of one's own. What later versions add is ignored.
 * Source: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
const bodySchema = z.object({
  groupKey: z.string().min(1),
  orgId: z.number().int().default(1),
  truncatedAlerts: z.number().int().min(0).default(0),
  title: z.string().optional(),
  groupLabels: words.default({}),
  commonLabels: words.default({}),
  commonAnnotations: words.default({}),
  alerts: z.array(alertSchema).min(1),
});

type SentByGrafana = z.output<typeof alertSchema>;
type Labels = Readonly<Record<string, string>>;

/**
 * What an alert says that is about the rule and not about what it watches; undefined for any other. The rule's own
 * summary is written for values that are not there.
 * Source: https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/nodata-and-error-states/
 */
function aboutTheRule(labels: Labels, annotations: Labels): string | undefined {
  const rule = labels['rulename'] ?? 'a rule without a name';
  if (labels['alertname'] === 'DatasourceNoData') return `No data for ${rule}`;
  if (labels['alertname'] !== 'DatasourceError') return undefined;
  const why = annotations['Error'] ?? annotations['error'];
  return `Grafana cannot evaluate ${rule}${why === undefined ? '' : `: ${why}`}`;
}

/** "B 91.2, C 1": what a page says where the rule has no summary. */
function inFigures(values: SentByGrafana['values']): string {
  return Object.entries(values ?? {})
    .flatMap(([letter, value]) => (value === null ? [] : [`${letter} ${rounded(value)}`]))
    .join(', ');
}

/** Four digits, and every digit before the point. */
function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}

function summaryOf({ labels, annotations, values }: SentByGrafana): string {
  const name = labels['alertname'];
  const figures = inFigures(values);
  const named = name === undefined || figures === '' ? name : `${name}: ${figures}`;
  return lineOf(
    [
      aboutTheRule(labels, annotations),
      annotations['summary'],
      annotations['title'],
      named,
      annotations['description'],
    ],
    'Alert without a name',
  );
}

function normalized(alert: SentByGrafana): SentAlert {
  const { labels } = alert;
  return {
    fingerprint: fingerprintOf(alert.fingerprint ?? sortedLabels(labels)),
    status: alert.status,
    startsAt: alert.startsAt,
    summary: summaryOf(alert),
    labels,
    ...(labels['service'] === undefined ? {} : { service: labels['service'] }),
    ...(labels['severity'] === undefined ? {} : { severity: labels['severity'] }),
    ...linksOf(
      [
        ['Panel', alert.panelURL],
        ['Dashboard', alert.dashboardURL],
        ['Rule', alert.generatorURL],
      ],
      [
        ['Silence it', alert.silenceURL],
        ['Picture', alert.imageURL],
      ],
    ),
  };
}

function withoutLinks({ links: _left, ...alert }: SentAlert): SentAlert {
  return alert;
}

/** Grafana makes up a group key of its own for the button "Test": receiver, fingerprint, seconds. Nobody resolves it. */
const OF_A_TEST = /-[0-9a-f]{16}-\d{9,11}$/;

function groupOf(sent: z.output<typeof bodySchema>): SentGroup {
  const { orgId, groupKey, truncatedAlerts, commonAnnotations, commonLabels, groupLabels } = sent;
  const all = sent.alerts.map(normalized);
  const firing = all.find(({ status }) => status === 'firing') ?? all[0];
  // One set is shown; 5,000 would be most of the signal.
  const alerts = all.map((alert) => (alert === firing ? alert : withoutLinks(alert)));
  const title = lineOf(
    [
      aboutTheRule(commonLabels, commonAnnotations),
      commonAnnotations['summary'],
      commonAnnotations['title'],
      // One alert says it best; its name alone would lose its values.
      alerts.length === 1 ? firing?.summary : undefined,
      commonLabels['alertname'],
      groupLabels['alertname'],
      firing?.summary,
    ],
    'Alerts without a name',
  );
  const isTest = OF_A_TEST.test(groupKey);
  return {
    dedupKey: JSON.stringify([orgId, groupKey]),
    title: isTest ? `Test of the Grafana contact point: ${title}` : title,
    alerts,
    ...(isTest ? { resolves: false } : {}),
    ...(truncatedAlerts > 0 ? { truncated: truncatedAlerts } : {}),
  };
}

/** Null where the signature of the body tells; no body is read where nobody could have signed it. */
function byHead(ring: KeyRing, request: FastifyRequest): Integration | null {
  const someone = ring.config().integrations.some(({ kind }) => kind === 'grafana');
  if (someone && request.headers.authorization === undefined && isSigned(request)) return null;
  return authenticateSender(ring, 'grafana', request, ['bearer', 'basic', 'signature']);
}

/** Grafana alerting: one request is one group; organization and `groupKey` are the dedup key. */
export const grafana: Sender = {
  kind: 'grafana',
  resolves: true,
  body: bodySchema,
  byHead,
  byBody: integrationThatSigned,
  parse: (body) => {
    const checked = check(bodySchema, body);
    return checked.ok ? { ok: true, groups: [groupOf(checked.value)] } : checked;
  },
};
