import { withWindows } from '../config/in-maintenance.js';
import type { CoverOf, PlannedWindow } from '../config/maintenance.js';
import type { Config } from '../config/types.js';
import type { AlertBatch } from '../domain/alert/alert.js';
import type { MaintenanceChange } from '../domain/maintenance/window.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';

/** A maintenance window that somebody makes beside the configuration. */
export interface ScriptedWindow {
  readonly id: string;
  /** Empty: all services. */
  readonly services: readonly string[];
  readonly fromMs: Milliseconds;
  readonly untilMs: Milliseconds;
  readonly reason: string;
  /** What is being paged when it begins rests, too. */
  readonly stopPages: boolean;
  /** Somebody ends it then, before its time; null: nobody does. */
  readonly endedMs: Milliseconds | null;
}

interface Scripted {
  readonly startsAt: Instant;
  readonly maintenance: readonly ScriptedWindow[];
}

function plannedWindow({ startsAt }: Scripted, window: ScriptedWindow): PlannedWindow {
  const { id, services, fromMs, untilMs, reason } = window;
  return { id, services, match: null, reason, from: startsAt + fromMs, to: startsAt + untilMs };
}

/** What covers alerts that come in now: as intake knows it, the windows of the configuration too. */
export function coverNow(config: Config, scripted: Scripted, now: Instant): CoverOf {
  const windows = scripted.maintenance
    .filter(({ endedMs }) => endedMs === null || now < scripted.startsAt + endedMs)
    .map((window) => plannedWindow(scripted, window));
  return withWindows(
    () => config,
    () => windows,
  )().coverAt(now);
}

/** The batch as intake hands it over: each alert that fires with the windows that cover it. */
export function coveredBatch(batch: AlertBatch, serviceId: string, coverOf: CoverOf): AlertBatch {
  // In a scenario alerts have no labels: those of one moment are of one service.
  const covering = coverOf(serviceId, {});
  if (covering.length === 0) return batch;
  const ids = covering.map(({ id }) => id);
  return {
    ...batch,
    alerts: batch.alerts.map((alert) => (alert.status === 'firing' ? { ...alert, windows: ids } : alert)),
    windows: Object.fromEntries(covering.map((window) => [window.id, window])),
  };
}

/** What open incidents hear of a window, and when. */
export function changesOf(
  scripted: Scripted,
  window: ScriptedWindow,
): readonly { readonly offsetMs: Milliseconds; readonly change: MaintenanceChange }[] {
  const { id, from, to, reason } = plannedWindow(scripted, window);
  return [
    ...(window.stopPages
      ? [
          {
            offsetMs: window.fromMs,
            change: { type: 'began', window: { id, from, to, reason }, stopPages: true } as const,
          },
        ]
      : []),
    ...(window.endedMs === null
      ? []
      : [{ offsetMs: window.endedMs, change: { type: 'ended', windowId: id } as const }]),
  ];
}
