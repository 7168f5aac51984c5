/** An alert as Alertmanager 0.28 writes it (Go marshals times with nanoseconds, and "no end" as year 1). */
export function amAlert(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    status: 'firing',
    labels: {
      alertname: 'HighErrorRate',
      instance: 'web-1:9090',
      job: 'web',
      service: 'payments',
      severity: 'critical',
    },
    annotations: {
      description: 'More than 1 % of requests fail on web-1.',
      summary: 'Error rate above 1 % on web-1',
    },
    startsAt: '2026-11-24T09:58:30.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
    fingerprint: '1f2e3d4c5b6a7980',
    ...changes,
  };
}

/** A request of Alertmanager's webhook, version 4. */
export function amPayload(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    receiver: 'tocsin',
    status: 'firing',
    alerts: [amAlert()],
    groupLabels: { alertname: 'HighErrorRate' },
    commonLabels: { alertname: 'HighErrorRate', job: 'web', service: 'payments', severity: 'critical' },
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    version: '4',
    groupKey: '{}/{severity="critical"}:{alertname="HighErrorRate"}',
    truncatedAlerts: 0,
    ...changes,
  };
}
