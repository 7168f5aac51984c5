import type { RecoveryResult } from './measures/recovery.js';
import type { StormResult } from './measures/storm.js';
import { LATENESS_AIM_MS, STORM_AIM_MS, type Results } from './results.js';
import { alone, below, pair, type Row } from './rows.js';

/** What was measured of storms, of deadlines that fall together, and of killed processes. */
export function stormRows({ storms = [], lateness, recovery = [] }: Results): readonly Row[] {
  return [
    ...storms.flatMap(rowsOfStorm),
    ...(lateness === undefined
      ? []
      : [
          below(
            `${lateness.deadlines} time-outs within ${(lateness.withinMs / 1_000).toFixed(0)} s: lateness p99 (p50)`,
            `${lateness.dealtWith.p99.toFixed(0)} (${lateness.dealtWith.p50.toFixed(0)})`,
            lateness.dealtWith.p99,
            LATENESS_AIM_MS,
          ),
          alone(
            'from time-out to the next page, p50 / p99',
            pair(lateness.toNextPage.p50, lateness.toNextPage.p99),
          ),
          below('time-outs that paged nobody', String(lateness.missed), lateness.missed, 0),
        ]),
    ...recovery.flatMap(rowsOfRecovery),
  ];
}

function rowsOfStorm(storm: StormResult): readonly Row[] {
  const isOne = storm.requests === 1;
  const name = isOne
    ? `storm of ${storm.alerts} in one POST`
    : `storm of ${storm.alerts} single POSTs in ${storm.overSeconds} s`;
  const aim = isOne ? STORM_AIM_MS.one : STORM_AIM_MS.single;
  return [
    below(`${name}: last 2xx after the last`, storm.lastAnswerMs.toFixed(0), storm.lastAnswerMs, aim),
    below(`${name}: incidents`, String(storm.incidents), storm.incidents, 1),
    below(`${name}: pages`, String(storm.pages), storm.pages, 1),
    below(`${name}: lost`, String(storm.lost), storm.lost, 0),
    alone(`${name}: signals`, String(storm.signals)),
    alone(`${name}: first request → page`, storm.toPageMs.toFixed(1)),
    ...(isOne
      ? []
      : [
          alone(`${name}: request → 2xx, p50 / p99`, pair(storm.answer.p50, storm.answer.p99)),
          alone(`${name}: refused and sent again`, String(storm.refusals)),
        ]),
  ];
}

function rowsOfRecovery(recovery: RecoveryResult): readonly Row[] {
  const name = `${recovery.killed} killed (${recovery.trials} trials)`;
  return [
    alone(`${name}: page of a new alert, p50 / max`, pair(recovery.newAlert.p50, recovery.newAlert.max)),
    alone(
      `${name}: page that fell due, lateness p50 / max`,
      pair(recovery.dueMeanwhile.p50, recovery.dueMeanwhile.max),
    ),
    below(`${name}: pages that never came`, String(recovery.missed), recovery.missed, 0),
  ];
}
