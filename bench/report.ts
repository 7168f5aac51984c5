import type { Comparison, Side } from './measures/compare.js';
import { LATENCY_AIM, THROUGHPUT_AIM, type Results } from './results.js';
import { memoryRows } from './memory-rows.js';
import { onCallRows } from './on-call-rows.js';
import { alone, pair, type Row } from './rows.js';
import { simulationRows } from './simulation-rows.js';
import { storeRows } from './store-rows.js';
import { stormRows } from './storm-rows.js';

const HEAD: Row = ['measure', 'bare', 'tocsin', 'ratio', 'aim', 'met?'];

/** The results as a Markdown table, with the facts of the machine above it. */
export function reportOf(results: Results): string {
  const { facts } = results;
  const { temporal } = facts;
  const machine = `${facts.cores} cores (${facts.cpu}), load ${facts.loadBefore.toFixed(1)} at the start; ${facts.os}; Node ${facts.node}`;
  const when = `${facts.at}${facts.quick ? ', quick run: few samples' : ''}; times in ms`;
  const table = tableOf([HEAD, ...rowsOf(results)]);
  if (temporal === undefined) return [machine, when, '', table].join('\n');
  const lost = results.lost.length;
  return [
    `${machine}; ${temporal.server}`,
    `${when}, from request to provider${temporal.cachedWorkflows === null ? '' : `; a worker's cache holds ${temporal.cachedWorkflows} workflows by default`}`,
    '',
    table,
    '',
    `accepted: ${results.accepted}, lost: ${lost}${lost > 0 ? ` (${results.lost.slice(0, 10).join(', ')}${lost > 10 ? ' …' : ''})` : ''}`,
  ].join('\n');
}

function rowsOf(results: Results): readonly Row[] {
  const { rates, burst, ack } = results;
  return [
    ...rates.flatMap(({ perSecond, comparison }) => rateRows(`${perSecond}/s`, comparison)),
    ...(burst === undefined ? [] : burstRows(`burst of ${burst.count}`, burst.comparison)),
    ...(ack === undefined
      ? []
      : [
          alone(`ack → answer, p50 / max (${ack.trials} trials)`, pair(ack.answer.p50, ack.answer.max)),
          alone('ack → last page sent, p50 / max', pair(ack.lastPage.p50, ack.lastPage.max)),
          alone(
            `pages that arrived after the answer, of ${ack.pagesAfterAnswer + ack.pagesBefore}`,
            ack.pagesAfterAnswer === 0
              ? '0'
              : `${ack.pagesAfterAnswer}, the last ${ack.latestAfterAnswer.toFixed(1)} after it`,
          ),
        ]),
    ...stormRows(results),
    ...memoryRows(results),
    ...simulationRows(results),
    ...onCallRows(results),
    ...storeRows(results),
  ];
}

function rateRows(load: string, { bare, tocsin }: Comparison): readonly Row[] {
  const n = tocsin.toProvider.samples;
  return [
    atMost(`${load} p50 (n = ${n})`, bare.toProvider.p50, tocsin.toProvider.p50, LATENCY_AIM),
    compared(`${load} p95`, bare.toProvider.p95, tocsin.toProvider.p95),
    compared(`${load} p99`, bare.toProvider.p99, tocsin.toProvider.p99),
    ...cpuRows(load, bare, tocsin),
  ];
}

function burstRows(load: string, { bare, tocsin }: Comparison): readonly Row[] {
  const ratio = tocsin.perSecond / bare.perSecond;
  return [
    [
      `${load}: pages a second`,
      bare.perSecond.toFixed(1),
      tocsin.perSecond.toFixed(1),
      ratio.toFixed(2),
      `≥ ${THROUGHPUT_AIM}`,
      ratio >= THROUGHPUT_AIM ? 'yes' : 'no',
    ],
    compared(`${load}: p50`, bare.toProvider.p50, tocsin.toProvider.p50),
    compared(`${load}: p95`, bare.toProvider.p95, tocsin.toProvider.p95),
    compared(`${load}: p99`, bare.toProvider.p99, tocsin.toProvider.p99),
    compared(`${load}: accepted, p99`, bare.toAccepted.p99, tocsin.toAccepted.p99),
    [`${load}: refused and sent again`, String(bare.refusals), String(tocsin.refusals), '', '', ''],
    ...cpuRows(load, bare, tocsin),
  ];
}

function cpuRows(load: string, bare: Side, tocsin: Side): readonly Row[] {
  return [
    compared(`${load} CPU of the server, each`, bare.cpuMs.server, tocsin.cpuMs.server),
    compared(`${load} CPU of the process, each`, bare.cpuMs.own, tocsin.cpuMs.own),
  ];
}

function compared(measure: string, bare: number, tocsin: number): Row {
  return [measure, bare.toFixed(1), tocsin.toFixed(1), (tocsin / bare).toFixed(2), '', ''];
}

function atMost(measure: string, bare: number, tocsin: number, aim: number): Row {
  const ratio = tocsin / bare;
  return [
    measure,
    bare.toFixed(1),
    tocsin.toFixed(1),
    ratio.toFixed(2),
    `≤ ${aim}`,
    ratio <= aim ? 'yes' : 'no',
  ];
}

function tableOf(rows: readonly Row[]): string {
  const widths = HEAD.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [head, ...rest] = rows.map(line);
  return [head, rule, ...rest].join('\n');
}
