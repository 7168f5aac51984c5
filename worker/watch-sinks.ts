import type { InjectedSinks } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Happening, WatchSinks } from '../workflows/sinks.js';
import type { IncidentMetrics } from './incident-metrics.js';

/**
 * Makes what happens in workflows into metrics and log lines. Nothing is told again on replay; a workflow task that failed and
 * is tried again may tell twice.
 */
export function createWatchSinks(metrics: IncidentMetrics, log: Logger): InjectedSinks<WatchSinks> {
  return {
    watch: {
      happened: {
        fn: (_info, happening) => {
          metrics.happened(happening);
          write(log, happening);
        },
      },
      deadlineMet: { fn: (_info, kind, lateMs) => metrics.deadlineMet(kind, lateMs) },
      firstPage: { fn: (_info, channel, tookMs) => metrics.firstPage(channel, tookMs) },
    },
  };
}

/** One line for each thing that happened, by kind: the words of the timeline name people, and stay where they are. */
function write(log: Logger, { openingId, severity, service, entries }: Happening): void {
  for (const entry of entries) {
    const fields = {
      openingId,
      service,
      severity,
      event: entry.type,
      ...('channel' in entry ? { channel: entry.channel } : {}),
      ...('provider' in entry ? { provider: entry.provider } : {}),
      ...('via' in entry && entry.type !== 'paged' ? { via: entry.via } : {}),
      ...('lateMs' in entry ? { lateMs: entry.lateMs } : {}),
    };
    log.info(fields, 'incident');
  }
}
