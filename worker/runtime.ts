import { DefaultLogger, LogTimestamp, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Metadata of the SDK's log lines that a reader of our log can use. None of them holds personal data. */
const KEPT = ['workflowId', 'runId', 'workflowType', 'activityId', 'activityType', 'attempt', 'taskQueue'];

let installed = false;

/**
 * Sets up the SDK's native core, once per process and before its first connection: its log lines go to ours, and signals
 * are left to whoever runs the process, since the order in which things end matters.
 */
export function installRuntime(log: Logger): void {
  if (installed) return;
  installed = true;
  const sdk = log.child({ component: 'temporal-sdk' });
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const fields: Record<string, unknown> = {};
      for (const name of KEPT) if (meta?.[name] !== undefined) fields[name] = meta[name];
      if (meta?.['error'] !== undefined) fields['err'] = meta['error'];
      if (meta?.[LogTimestamp] !== undefined) fields['sdkTime'] = String(meta[LogTimestamp]);
      switch (level) {
        case 'TRACE':
          return sdk.trace(fields, message);
        case 'DEBUG':
          return sdk.debug(fields, message);
        case 'INFO':
          return sdk.info(fields, message);
        case 'WARN':
          return sdk.warn(fields, message);
        case 'ERROR':
          return sdk.error(fields, message);
      }
    }),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    },
  });
}
