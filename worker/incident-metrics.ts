import { Counter, Histogram, type Registry } from 'prom-client';
import type { Channel } from '../domain/incident/event.js';
import type { TimelineEntry } from '../domain/incident/timeline.js';
import { SECOND, type Milliseconds } from '../domain/time/instant.js';
import type { Happening } from '../workflows/sinks.js';

/** What a worker counts of incidents, as their workflows tell it. */
export interface IncidentMetrics {
  happened(happening: Happening): void;
  deadlineMet(kind: string, lateMs: Milliseconds): void;
  firstPage(channel: Channel, tookMs: Milliseconds): void;
}

/** In seconds: from one database write to an outage. */
const LATENESS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];
/** In seconds: from two durable writes (some 40 ms) to all that a provider and its stand-in may take, and retries. */
const FIRST_PAGE = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** In seconds: around the usual acknowledgement time-out of 5 minutes, up to a night. */
const ACKNOWLEDGE = [15, 30, 60, 120, 180, 300, 600, 900, 1_800, 3_600, 14_400, 43_200];
/** In seconds: from a minute to three days. */
const RESOLVE = [60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 259_200];

/** Registers them. Labels hold ids of the configuration and names of ours: their number is bounded by it. */
export function createIncidentMetrics(registry: Registry): IncidentMetrics {
  const registers = [registry];
  const opened = new Counter({
    name: 'tocsin_incidents_opened_total',
    help: 'Incidents opened, by service and severity.',
    labelNames: ['service', 'severity'],
    registers,
  });
  const people = new Counter({
    name: 'tocsin_people_paged_total',
    help: 'People paged (each once per step, however many messages), by reason.',
    labelNames: ['reason'],
    registers,
  });
  const timeouts = new Counter({
    name: 'tocsin_ack_timeouts_total',
    help: 'Steps of a policy that nobody acknowledged in time, by service.',
    labelNames: ['service'],
    registers,
  });
  const catchAlls = new Counter({
    name: 'tocsin_catch_all_total',
    help: 'How often nobody of a policy answered and its catch-all was paged, by service.',
    labelNames: ['service'],
    registers,
  });
  const calls = new Counter({
    name: 'tocsin_calls_total',
    help: 'Calls that came to an end, by how.',
    labelNames: ['how'],
    registers,
  });
  const failures = new Counter({
    name: 'tocsin_delivery_failures_total',
    help: 'Messages that did not reach their person, as the incident noted it (also by callback), by channel, provider and reason.',
    labelNames: ['channel', 'provider', 'reason'],
    registers,
  });
  const spared = new Counter({
    name: 'tocsin_people_spared_total',
    help: 'People past their limit of the night who were put behind the next step of a policy, by service.',
    labelNames: ['service'],
    registers,
  });
  const problems = new Counter({
    name: 'tocsin_problems_total',
    help: 'Problems noted in timelines: a gap on call, a person who can not be reached.',
    registers,
  });
  const missed = new Counter({
    name: 'tocsin_deadlines_missed_total',
    help: 'Deadlines met more than a minute late, in an outage of ours.',
    registers,
  });
  const acknowledged = new Histogram({
    name: 'tocsin_acknowledge_seconds',
    help: 'Time from the opening of an incident to its first acknowledgement, by severity.',
    labelNames: ['severity'],
    buckets: ACKNOWLEDGE,
    registers,
  });
  const resolved = new Histogram({
    name: 'tocsin_resolve_seconds',
    help: 'Time from the opening of an incident to its resolution, by severity.',
    labelNames: ['severity'],
    buckets: RESOLVE,
    registers,
  });
  const lateness = new Histogram({
    name: 'tocsin_deadline_lateness_seconds',
    help: 'How late deadlines were met, by kind.',
    labelNames: ['kind'],
    buckets: LATENESS,
    registers,
  });
  const firstPage = new Histogram({
    name: 'tocsin_first_page_seconds',
    help: 'Time from an alert that opens an incident to a provider that has its first page, by channel; without what a policy or a person waits on purpose.',
    labelNames: ['channel'],
    buckets: FIRST_PAGE,
    registers,
  });

  function count({ service, severity, openedAt, acknowledgedBefore }: Happening, entry: TimelineEntry): void {
    switch (entry.type) {
      case 'opened':
        return opened.inc({ service, severity });
      case 'paged':
        return people.inc({ reason: entry.reason });
      case 'ack-timeout':
        return timeouts.inc({ service });
      case 'catch-all':
        return catchAlls.inc({ service });
      case 'call-ended':
        return calls.inc({ how: entry.how });
      case 'delivery-failed':
        return failures.inc({ channel: entry.channel, provider: entry.provider, reason: entry.reason });
      case 'spared':
        return spared.inc({ service }, entry.people.length);
      case 'problem':
        return problems.inc();
      case 'missed-deadline':
        return missed.inc();
      case 'acknowledged':
        // Paged anew and acknowledged again: the first time is what people ask about.
        return acknowledgedBefore ? undefined : acknowledged.observe({ severity }, entry.afterMs / SECOND);
      case 'resolved':
        return resolved.observe({ severity }, (entry.at - openedAt) / SECOND);
      default:
        // Told in the log; not counted.
        return undefined;
    }
  }

  return {
    happened: (happening) => {
      for (const entry of happening.entries) count(happening, entry);
    },
    deadlineMet: (kind, lateMs) => lateness.observe({ kind }, lateMs / SECOND),
    firstPage: (channel, tookMs) => firstPage.observe({ channel }, tookMs / SECOND),
  };
}
