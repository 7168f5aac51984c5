import { DefaultLogger, LogTimestamp, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { freePort } from '../temporal-config/server/ports.js';
import { ProcessRegistry } from './process-registry.js';

/** Names and units as Prometheus has them. */
const AS_PROMETHEUS = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true } as const;

/** Metadata of the SDK's log lines that a reader of our log can use. None of them holds personal data. */
const KEPT = ['workflowId', 'runId', 'workflowType', 'activityId', 'activityType', 'attempt', 'taskQueue'];

let installed: ProcessRegistry | null = null;

/**
 * Sets up the SDK's native core, once per process and before its first connection: its log lines go to ours, its metrics into
 * the registry that is returned (it tells them on a port of its own, on loopback), and signals are left to whoever runs the
 * process, since the order in which things end matters.
 */
export async function installRuntime(log: Logger): Promise<ProcessRegistry> {
  if (installed !== null) return installed;
  const sdk = log.child({ component: 'temporal-sdk' });
  const bindAddress = `127.0.0.1:${await freePort()}`;
  try {
    install(sdk, bindAddress);
    installed = new ProcessRegistry(bindAddress);
  } catch (error) {
    // Somebody took the port in between. People are paged without the SDK's metrics as well.
    sdk.warn({ err: error }, 'The metrics of the Temporal SDK are left out.');
    install(sdk, null);
    installed = new ProcessRegistry(null);
  }
  return installed;
}

function install(sdk: Logger, bindAddress: string | null): void {
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
      ...(bindAddress === null ? {} : { metrics: { prometheus: { bindAddress, ...AS_PROMETHEUS } } }),
    },
  });
}
