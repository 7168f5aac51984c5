import { STORE_AIM, type Results } from './results.js';
import type { Row } from './rows.js';

const WORDS = { up: 'up', slow: 'slow (2 s)', gone: 'gone' } as const;

/** Whether pages wait for the store; here the second column is Tocsin without one. */
export function storeRows({ store }: Results): readonly Row[] {
  if (store === undefined) return [];
  return store.sides.flatMap(({ mode, without, kept }): Row[] => {
    const name = `${store.perSecond}/s, store ${WORDS[mode]}; without one in the second column`;
    const ratio = kept.p50 / without.p50;
    return [
      [
        `${name}: p50 (n = ${kept.samples})`,
        without.p50.toFixed(1),
        kept.p50.toFixed(1),
        ratio.toFixed(2),
        `≤ ${STORE_AIM}`,
        ratio <= STORE_AIM ? 'yes' : 'no',
      ],
      [
        `${name}: p95`,
        without.p95.toFixed(1),
        kept.p95.toFixed(1),
        (kept.p95 / without.p95).toFixed(2),
        '',
        '',
      ],
    ];
  });
}
