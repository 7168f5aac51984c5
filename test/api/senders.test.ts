import type { Integration } from '../../config/types.js';
import { senders } from '../../api/intake/senders.js';
import { amAlert, amPayload } from './support/alertmanager-payload.js';
import { grafanaAlert, grafanaPayload } from './support/grafana-payload.js';
import { pagerDutyEvent } from './support/pagerduty-event.js';
import { senderContract, type SenderExample } from './sender-contract.js';
import { ALERTMANAGER_KEY, GENERIC_KEY, GRAFANA_KEY, PAGERDUTY_KEY } from './support/test-config.js';

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** One row for each sender: without it this file does not compile. */
const examples: Readonly<Record<Integration['kind'], Omit<SenderExample, 'sender'>>> = {
  alertmanager: {
    integration: 'prometheus',
    key: ALERTMANAGER_KEY,
    request: (key, status, name) => ({
      headers: bearer(key),
      body: amPayload({ status, groupKey: name, alerts: [amAlert({ status })] }),
    }),
    malformed: {
      request: {
        headers: bearer(ALERTMANAGER_KEY),
        body: amPayload({ groupKey: 7, alerts: [amAlert(), amAlert({ startsAt: 'yesterday' })] }),
      },
      paths: ['groupKey', 'alerts[1].startsAt'],
    },
    hugeKey: 'hashed',
    knownBeforeTheBody: true,
  },
  generic: {
    integration: 'scripts',
    key: GENERIC_KEY,
    request: (key, status, name) => ({
      headers: bearer(key),
      body: { key: name, status, summary: 'Disk is full', startsAt: '2026-11-24T09:00:00Z' },
    }),
    malformed: {
      request: { headers: bearer(GENERIC_KEY), body: { summary: '', labels: { host: 7 } } },
      paths: ['summary', 'labels.host'],
    },
    hugeKey: 'hashed',
    knownBeforeTheBody: true,
  },
  grafana: {
    integration: 'grafana',
    key: GRAFANA_KEY,
    request: (key, status, name) => ({
      headers: bearer(key),
      body: grafanaPayload({ status, groupKey: name, alerts: [grafanaAlert({ status })] }),
    }),
    malformed: {
      request: {
        headers: bearer(GRAFANA_KEY),
        body: grafanaPayload({ orgId: 'one', alerts: [grafanaAlert({ values: { B: 'high' } })] }),
      },
      paths: ['orgId', 'alerts[0].values.B'],
    },
    hugeKey: 'hashed',
    knownBeforeTheBody: true,
  },
  pagerduty: {
    integration: 'formerly-pagerduty',
    key: PAGERDUTY_KEY,
    request: (key, status, name) => ({
      headers: {},
      body: pagerDutyEvent(status === 'firing' ? 'trigger' : 'resolve', {
        routing_key: key,
        dedup_key: name,
      }),
    }),
    malformed: {
      request: {
        headers: {},
        body: pagerDutyEvent('trigger', {
          payload: { summary: '', source: 7 },
          links: [{ text: 'no address' }],
        }),
      },
      paths: ['payload.summary', 'payload.source', 'links[0].href'],
    },
    hugeKey: 'refused',
    // The key stands in the body.
    knownBeforeTheBody: false,
  },
};

for (const sender of Object.values(senders)) senderContract({ sender, ...examples[sender.kind] });
