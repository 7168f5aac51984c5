import { proxySinks, type Sinks } from '@temporalio/workflow';
import type { Channel } from '../domain/incident/event.js';
import type { IncidentState } from '../domain/incident/state.js';
import type { TimelineEntry } from '../domain/incident/timeline.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';

/** What happened in an incident just now. Made by the worker into metrics and log lines; never when history is replayed. */
export interface Happening {
  readonly openingId: string;
  readonly severity: string;
  /** Id of the service. */
  readonly service: string;
  readonly openedAt: Instant;
  /** Whether somebody had acknowledged it before. */
  readonly acknowledgedBefore: boolean;
  /** New lines of the timeline. They hold names of people and words of others: only their kinds may be logged. */
  readonly entries: readonly TimelineEntry[];
}

/** The world that watches: counted where it is true, and never again on replay. */
export interface WatchSinks extends Sinks {
  readonly watch: {
    happened(happening: Happening): void;
    /** A deadline (`ack`, `rule`, …) was met so long after its time. */
    deadlineMet(kind: string, lateMs: Milliseconds): void;
    /** A provider took the first page of an incident, so long after the alert reached Temporal. */
    firstPage(channel: Channel, tookMs: Milliseconds): void;
  };
}

const { watch } = proxySinks<WatchSinks>();

/** Tells what a step of the machine added; `before` is null for the step that opened the incident. */
export function tellHappened(before: IncidentState | null, after: IncidentState): void {
  const last = before?.timeline.at(-1);
  const known = last === undefined ? 0 : after.timeline.lastIndexOf(last) + 1;
  if (known === after.timeline.length) return;
  watch.happened({
    openingId: after.openingId,
    severity: after.severity,
    service: after.plan.service.id,
    openedAt: after.openedAt,
    acknowledgedBefore: (before?.acknowledgedAt ?? null) !== null,
    entries: after.timeline.slice(known),
  });
}

/** Tells how late a deadline was met. The first part of its name is its kind; the rest are ids. */
export function tellDeadlineMet(name: string, lateMs: Milliseconds): void {
  watch.deadlineMet(name.split(':')[0] ?? name, Math.max(0, lateMs));
}

/**
 * Tells that a page is with a provider, when it is one of the policy's: the first of them is what people wait for. What a policy
 * or a person waits on purpose does not count. Returns whether it was one.
 */
export function tellFirstPage(
  state: IncidentState,
  deliveryId: string,
  arrivedAt: Instant,
  now: Instant,
): boolean {
  const delivery = state.deliveries[deliveryId];
  const page = state.pages.find(({ id }) => id === delivery?.pageId);
  if (delivery === undefined || page === undefined || page.position === null) return false;
  const rule = page.rules.find(({ methods }) => methods.some(({ id }) => id === delivery.method.id));
  const waited = state.timeline.some(({ type }) => type === 'waiting' || type === 'quiet');
  const dueAt = (waited ? page.startedAt : arrivedAt) + (rule?.afterMs ?? 0);
  watch.firstPage(delivery.method.channel, Math.max(0, now - dueAt));
  return true;
}
