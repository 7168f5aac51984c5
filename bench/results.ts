import type { AckResult } from './measures/acknowledge.js';
import type { Comparison } from './measures/compare.js';
import type { LatenessResult } from './measures/lateness.js';
import type { MemoryResult } from './measures/memory.js';
import type { OnCallResult } from './measures/on-call.js';
import type { RecoveryResult } from './measures/recovery.js';
import type { SimulationsResult } from './measures/simulations.js';
import type { StoreResult } from './measures/store.js';
import type { StormResult } from './measures/storm.js';

/** The machine and the software that the numbers belong to. */
export interface Facts {
  readonly at: string;
  readonly cores: number;
  readonly cpu: string;
  /** Load average of the last minute when the run began: of everything on the machine. */
  readonly loadBefore: number;
  readonly os: string;
  readonly node: string;
  readonly quick: boolean;
  /** Absent when nothing was measured that needs a server. */
  readonly temporal?: TemporalFacts;
}

export interface TemporalFacts {
  /** E.g. `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
  readonly server: string;
  /** Workflows that a worker caches by default here; null: no measure asked. */
  readonly cachedWorkflows: number | null;
}

/** Everything one run found. A measure that was left out is absent. */
export interface Results {
  readonly facts: Facts;
  readonly rates: readonly { readonly perSecond: number; readonly comparison: Comparison }[];
  readonly burst?: { readonly count: number; readonly comparison: Comparison };
  readonly ack?: AckResult;
  readonly storms?: readonly StormResult[];
  readonly lateness?: LatenessResult;
  readonly recovery?: readonly RecoveryResult[];
  readonly memory?: MemoryResult;
  /** With the settings that docs/operating.md, "Memory", has for a small machine. */
  readonly memorySmall?: MemoryResult;
  readonly simulations?: SimulationsResult;
  readonly onCall?: OnCallResult;
  readonly store?: StoreResult;
  /** Requests that were accepted, of all measures and both subjects; and those that never reached the provider. */
  readonly accepted: number;
  readonly lost: readonly string[];
}

/** p50 from request to provider, as a multiple of the bare workflow's. Source: the issue "npm run bench". */
export const LATENCY_AIM = 1.5;
/** Throughput in a burst, as a share of the bare workflow's. Source: as above. */
export const THROUGHPUT_AIM = 0.6;
/** Answered after the one request of a storm, and after the last of its single ones; milliseconds. Source: as above. */
export const STORM_AIM_MS = { one: 1_000, single: 4_000 } as const;
/** Lateness of an acknowledgement time-out, p99, milliseconds. Source: as above. */
export const LATENESS_AIM_MS = 250;
/** Scenario files simulated in a second. Source: the issue has "hundreds". */
export const SIMULATIONS_AIM = 200;
/** A year of shifts, as a multiple of the speed of asking for each of its minutes. Source: the issue "On-call". */
export const ON_CALL_AIM = 100;
/** p50 from request to provider with a store, whatever its state, as a multiple of that without. Source: as above. */
export const STORE_AIM = 1.1;
/** Memory of the worker with 10,000 open incidents, MB. Source: as above. */
export const MEMORY_AIM_MB = 300;
