import { cpuOf, untilIdle } from '../process-usage.js';
import type { Stage } from '../stage.js';
import { summaryOf, type Summary } from '../statistics.js';
import type { Subject } from '../subject.js';
import { latencies, passagesOf, type Passage } from './load.js';

/** What one subject did under one load, all of its blocks together. */
export interface Side {
  /** From request to provider, in milliseconds. */
  readonly toProvider: Summary;
  /** From request to its acceptance, in milliseconds. */
  readonly toAccepted: Summary;
  /** Requests that reached the provider per second, from the first request to the last arrival; the median of the blocks. */
  readonly perSecond: number;
  /** CPU milliseconds per request, until all is quiet again: of the Temporal Server, and of the subject's own process. */
  readonly cpuMs: { readonly server: number; readonly own: number };
  /** Requests that were refused (503) and made again. */
  readonly refusals: number;
  readonly requests: number;
}

export interface Comparison {
  readonly bare: Side;
  readonly tocsin: Side;
}

export interface Load {
  /** Requests of one block. */
  readonly count: number;
  /** Infinity: all at once. */
  readonly perSecond: number;
  /** Blocks of each subject; they alternate, and so does which of the two goes first. */
  readonly blocks: number;
}

interface Block {
  readonly passages: readonly Passage[];
  readonly requests: number;
  readonly serverCpuMs: number;
  readonly ownCpuMs: number;
}

/** Puts the same load on both, in turns on one server, and waits for quiet in between. */
export async function compare(stage: Stage, name: string, load: Load): Promise<Comparison> {
  const sides = { bare: [] as Block[], tocsin: [] as Block[] };
  for (let round = 0; round < load.blocks; round += 1) {
    stage.say(`${name}: ${load.count} each, round ${round + 1} of ${load.blocks}`);
    const order = round % 2 === 0 ? [stage.bare, stage.tocsin] : [stage.tocsin, stage.bare];
    for (const subject of order) sides[subject.name].push(await blockOf(stage, subject, load));
  }
  return { bare: sideOf(sides.bare), tocsin: sideOf(sides.tocsin) };
}

async function blockOf(stage: Stage, subject: Subject, load: Load): Promise<Block> {
  const server = [stage.server.pid];
  const own = [subject.pid];
  const all = [stage.server.pid, stage.bare.pid, stage.tocsin.pid];
  if (!(await untilIdle(all))) stage.say('still busy after two minutes; the next block begins all the same');
  const before = await Promise.all([cpuOf(server), cpuOf(own)]);
  const passages = await passagesOf(stage, subject, load.count, load.perSecond);
  await untilIdle(all);
  const after = await Promise.all([cpuOf(server), cpuOf(own)]);
  return {
    passages,
    requests: load.count,
    serverCpuMs: 1_000 * (after[0] - before[0]),
    ownCpuMs: 1_000 * (after[1] - before[1]),
  };
}

function sideOf(blocks: readonly Block[]): Side {
  const passages = blocks.flatMap((block) => block.passages);
  const requests = blocks.reduce((sum, block) => sum + block.requests, 0);
  const total = (of: (block: Block) => number): number => blocks.reduce((sum, block) => sum + of(block), 0);
  return {
    toProvider: summaryOf(latencies(passages)),
    toAccepted: summaryOf(passages.map(({ sentAt, acceptedAt }) => acceptedAt - sentAt)),
    perSecond: summaryOf(blocks.map(throughput)).p50,
    cpuMs: {
      server: total((block) => block.serverCpuMs) / requests,
      own: total((block) => block.ownCpuMs) / requests,
    },
    refusals: passages.reduce((sum, { refusals }) => sum + refusals, 0),
    requests,
  };
}

function throughput({ passages }: Block): number {
  const first = Math.min(...passages.map(({ sentAt }) => sentAt));
  const last = Math.max(...passages.map(({ arrivedAt }) => arrivedAt));
  return (1_000 * passages.length) / (last - first);
}
