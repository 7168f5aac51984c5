import type { Client } from '@temporalio/client';
import { zoneTimes } from '../../config/zone-times.js';
import { HEARTBEAT_INTEGRATION, type Config, type Integration } from '../../config/types.js';
import type { HeartbeatSettings } from '../../domain/heartbeat/heartbeat.js';
import type { HeartbeatCommand } from '../../domain/heartbeat/machine.js';
import { beatingWords, missedWords } from '../../domain/heartbeat/words.js';
import type { Instant } from '../../domain/time/instant.js';
import { createIncidents } from '../incidents/create-incidents.js';
import { withForesight } from '../incidents/foresee.js';
import { takeAlerts, type IntakeDeps } from '../intake/intake.js';
import { fingerprintOf, lineOf, type SentGroup } from '../intake/sender.js';

/** The sender of alerts about heartbeats: Tocsin itself. Nobody comes in with its key. */
const SENDER: Integration = { id: HEARTBEAT_INTEGRATION, kind: 'generic', key: '' };

/** Hands alerts about heartbeats over on the way of every alert: routed, planned, one incident for each heartbeat. */
export function createHeartbeatIntake(
  deps: IntakeDeps,
): (settings: HeartbeatSettings, command: HeartbeatCommand) => Promise<void> {
  return async (settings, command) => {
    await takeAlerts(deps, { resolves: true }, SENDER, [groupOf(settings, command, deps.now())]);
  };
}

/** The same over a connection to Temporal, for whoever runs workflows without an API. */
export function createHeartbeatTeller({
  client,
  config,
  now,
}: {
  readonly client: Client;
  readonly config: () => Config;
  readonly now: () => Instant;
}): ReturnType<typeof createHeartbeatIntake> {
  return createHeartbeatIntake({
    incidents: withForesight(createIncidents({ client }), config, now),
    config,
    now,
  });
}

function groupOf(settings: HeartbeatSettings, command: HeartbeatCommand, now: Instant): SentGroup {
  const { id, service, severity, zone } = settings;
  const summary =
    command.type === 'fire' ? missedWords(settings, command, zoneTimes(zone), now) : beatingWords(id);
  const line = lineOf([summary], summary);
  return {
    dedupKey: id,
    title: line,
    alerts: [
      {
        fingerprint: fingerprintOf('heartbeat', id),
        status: command.type === 'fire' ? 'firing' : 'resolved',
        startsAt: command.dueAt,
        summary: line,
        labels: { heartbeat: id },
        service,
        ...(severity === null ? {} : { severity }),
      },
    ],
  };
}
