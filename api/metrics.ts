import { Counter, Histogram, Registry } from 'prom-client';

/** What the API counts. Labels hold names of ours only: no people, keys, tokens or addresses. */
export interface Metrics {
  /** A delivery of a sender, by how it was answered. */
  intake(
    sender: string,
    answer: 'accepted' | 'malformed' | 'unavailable' | 'failed' | 'refused',
    alerts: number,
  ): void;
  /** An answer of a person, by way in and outcome. */
  reply(via: string, outcome: string): void;
  /** A provider's callback, by what was made of it. */
  statusReport(provider: string, status: string): void;
  /** A request served. `route` is the pattern, never the address. */
  http(method: string, route: string, status: number, seconds: number): void;
  /** In Prometheus' text format, with its content type. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Registers the API's metrics. The registry may be shared with others of the process. */
export function createMetrics(registry: Registry = new Registry()): Metrics {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'tocsin_intake_deliveries_total',
    help: 'Requests of alert senders, by sender and answer.',
    labelNames: ['sender', 'answer'],
    registers,
  });
  const alerts = new Counter({
    name: 'tocsin_intake_alerts_total',
    help: 'Alerts accepted, by sender.',
    labelNames: ['sender'],
    registers,
  });
  const replies = new Counter({
    name: 'tocsin_replies_total',
    help: 'Answers of people, by way in and outcome.',
    labelNames: ['via', 'outcome'],
    registers,
  });
  const reports = new Counter({
    name: 'tocsin_status_reports_total',
    help: 'Delivery callbacks of providers, by provider and status.',
    labelNames: ['provider', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'tocsin_http_request_duration_seconds',
    help: 'Time to answer a request, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  return {
    intake: (sender, answer, count) => {
      deliveries.inc({ sender, answer });
      if (answer === 'accepted') alerts.inc({ sender }, count);
    },
    reply: (via, outcome) => replies.inc({ via, outcome }),
    statusReport: (provider, status) => reports.inc({ provider, status }),
    http: (method, route, status, seconds) =>
      durations.observe({ method, route, status: String(status) }, seconds),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
