import { SIMULATIONS_AIM, type Results } from './results.js';
import { above, alone, pair, type Row } from './rows.js';

/** How fast `tocsin simulate` looks ahead. */
export function simulationRows({ simulations }: Results): readonly Row[] {
  if (simulations === undefined) return [];
  const { scenarios, perSecond, each } = simulations;
  return [
    above(
      `${scenarios} scenario files: simulations a second`,
      perSecond.toFixed(0),
      perSecond,
      SIMULATIONS_AIM,
    ),
    alone(`one simulation, p50 / p99 (n = ${each.samples})`, pair(each.p50, each.p99)),
  ];
}
