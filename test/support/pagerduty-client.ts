import { acknowledge, change, resolve, trigger } from '@pagerduty/pdjs';
import type { TlsFront } from './tls-front.js';

/** What PagerDuty's own library got as an answer. */
export interface Enqueued {
  readonly status: number;
  readonly data: {
    readonly status: string;
    readonly message: string;
    readonly dedup_key?: string;
    readonly errors?: readonly string[];
  };
}

/** PagerDuty's published library for JavaScript, told of another server: nothing else of it is changed. */
export interface PagerDutyClient {
  trigger(summary: string, changes?: Readonly<Record<string, unknown>>): Promise<Enqueued>;
  acknowledge(dedupKey: string): Promise<Enqueued>;
  resolve(dedupKey: string): Promise<Enqueued>;
  change(summary: string): Promise<Enqueued>;
}

export function createPagerDutyClient(options: {
  /** The library speaks HTTPS only. */
  readonly front: TlsFront;
  readonly routingKey: string;
  /** How long it waits after a 429; its own default is 20 s. */
  readonly retryTimeoutMs?: number;
}): PagerDutyClient {
  const { front, routingKey, retryTimeoutMs = 100 } = options;
  const common = { server: front.host, agent: front.agent, retryTimeout: retryTimeoutMs, requestTimeout: 0 };
  const payload = { summary: '', source: 'shop-1', severity: 'critical' as const };
  const named = (dedupKey: string) => ({
    ...common,
    data: { routing_key: routingKey, event_action: 'trigger' as const, dedup_key: dedupKey, payload },
  });
  return {
    trigger: (summary, changes = {}) =>
      trigger({
        ...common,
        data: {
          routing_key: routingKey,
          event_action: 'trigger',
          payload: { ...payload, summary },
          ...changes,
        },
      }),
    acknowledge: (dedupKey) => acknowledge(named(dedupKey)),
    resolve: (dedupKey) => resolve(named(dedupKey)),
    change: (summary) =>
      change({
        ...common,
        data: {
          routing_key: routingKey,
          event_action: 'trigger',
          payload: { ...payload, summary, timestamp: '2026-11-24T10:00:00Z', custom_details: {} },
          links: [],
        },
      }),
  };
}
