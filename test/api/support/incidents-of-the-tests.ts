import type { IncidentView } from '../../../domain/incident/view.js';
import type { IncidentSummary } from '../../../api/incidents/incidents.js';
import { MINUTE, SECOND } from '../../../domain/time/instant.js';
import { NOW, OPENING } from './test-app.js';

/** An opening id that ends in this digit. */
export function openingId(digit: number): string {
  return `0123456789abcdef0123-0000000${digit}`;
}

export function summaryOf(changes: Partial<IncidentSummary> = {}): IncidentSummary {
  return {
    openingId: OPENING,
    code: '7KQ2',
    title: 'checkout is down',
    service: 'payments',
    severity: 'SEV1',
    phase: 'triggered',
    open: true,
    startedAt: NOW - MINUTE,
    ...changes,
  };
}

export function viewOf(changes: Partial<IncidentView> = {}): IncidentView {
  const openedAt = NOW - 2 * MINUTE;
  return {
    openingId: OPENING,
    workflowId: 'incident:0123456789abcdef0123',
    code: '7KQ2',
    title: 'Checkout: 15 % of payments fail with HTTP 502 in eu-west-1',
    phase: 'triggered',
    severity: 'SEV1',
    service: 'payments',
    team: 'payments',
    runbook: 'https://wiki.example.com/runbooks/checkout-errors',
    policy: { id: 'default', hash: 'a1b2c3d4' },
    source: 'prometheus',
    link: 'https://prometheus.example.com/graph?g0.expr=rate%28http_requests_total%5B5m%5D%29',
    openedAt,
    paging: true,
    paged: [{ userId: 'alice', name: 'Alice', at: openedAt, open: true }],
    alerts: { firing: 3, total: 4 },
    deadlines: [
      { name: 'ack', at: openedAt + 5 * MINUTE, label: 'ack timeout: Alice (tier 1), then Bob' },
      { name: 'management', at: openedAt + 30 * MINUTE, label: 'management is looped in' },
    ],
    timeline: [
      {
        at: openedAt,
        type: 'opened',
        title: 'Checkout: 15 % of payments fail with HTTP 502 in eu-west-1',
        service: 'payments',
        severity: 'SEV1',
        source: 'prometheus',
      },
      { at: openedAt, type: 'step', tier: 'primary', round: 1, reason: 'alert' },
      {
        at: openedAt + SECOND,
        type: 'paged',
        userId: 'alice',
        name: 'Alice',
        via: 'primary of payments',
        tier: 'primary',
        reason: 'alert',
      },
      {
        at: openedAt + 2 * SECOND,
        type: 'sent',
        name: 'Alice',
        channel: 'sms',
        what: 'primary',
        provider: 'twilio-sms',
        providerId: 'SM0123456789abcdef0123456789abcdef',
      },
      { at: openedAt + 5 * SECOND, type: 'delivered', name: 'Alice', channel: 'sms', provider: 'twilio-sms' },
    ],
    timelineDropped: 0,
    ...changes,
  };
}
