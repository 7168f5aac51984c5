import { createHash } from 'node:crypto';
import type { Alert } from '../domain/alert/alert.js';
import { startOf } from '../domain/incident/fingerprints.js';
import type { Instant } from '../domain/time/instant.js';
import type { Opening } from './opening.js';
import type { ScriptedAlerts } from './scenario.js';

/** The alert of a name, as the workflow gets it: at most 16 characters. */
function fingerprintOf(name: string): string {
  return name.length <= 16 ? name : createHash('sha256').update(name).digest('hex').slice(0, 16);
}

/** The alerts of one batch of `parts`, as intake would hand them to the incident that is open, if one is. */
export function alertsOf(
  scripted: ScriptedAlerts,
  batch: {
    readonly opening: Opening | null;
    readonly part: number;
    readonly parts: number;
    readonly now: Instant;
  },
): readonly Alert[] {
  const { opening, part, parts, now } = batch;
  const firing = opening?.incident.state().alerts.firing ?? {};
  const alert = (name: string, status: Alert['status']): Alert => {
    const fingerprint = fingerprintOf(name);
    return {
      fingerprint,
      status,
      // A sender says of a resolved alert when it had begun.
      startsAt: status === 'firing' ? now : (startOf(firing, fingerprint) ?? now),
      summary: scripted.fires.length === 1 ? scripted.title : `${name} is failing`,
      severity: scripted.severity,
    };
  };
  const size = Math.ceil(scripted.fires.length / parts);
  const resolved =
    scripted.resolves === 'all' ? (opening?.firing() ?? []) : scripted.resolves.map(fingerprintOf);
  return [
    ...scripted.fires.slice(part * size, (part + 1) * size).map((name) => alert(name, 'firing')),
    ...(part === 0 ? resolved.map((name) => alert(name, 'resolved')) : []),
  ];
}
