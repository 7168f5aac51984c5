import { ON_CALL_AIM, type Results } from './results.js';
import { above, alone, pair, type Row } from './rows.js';

/** How fast it is known who is on call, and proven that somebody is. */
export function onCallRows({ onCall }: Results): readonly Row[] {
  if (onCall === undefined) return [];
  const { shifts, minuteByMinuteMs, coverage } = onCall;
  const name = `${onCall.layers} layers, ${onCall.overrides} overrides`;
  const timesAsFast = minuteByMinuteMs / shifts.p50;
  return [
    alone(`${name}: onCallAt a second`, onCall.onCallAtPerSecond.toFixed(0)),
    alone(`${name}: a year of shifts, p50 / p99 (n = ${shifts.samples})`, pair(shifts.p50, shifts.p99)),
    above(
      `${name}: times as fast as minute by minute (${minuteByMinuteMs.toFixed(0)})`,
      timesAsFast.toFixed(0),
      timesAsFast,
      ON_CALL_AIM,
    ),
    alone(
      `coverage of ${onCall.policies} policies over ${onCall.weeks} weeks, p50 / max (n = ${coverage.samples})`,
      pair(coverage.p50, coverage.max),
    ),
  ];
}
