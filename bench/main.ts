/** Entry point of `npm run bench`: measures Tocsin against a bare workflow on the same server in the same run. */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, type } from 'node:os';
import { now } from './clock.js';
import { measureAck } from './measures/acknowledge.js';
import { compare } from './measures/compare.js';
import { measureLateness } from './measures/lateness.js';
import { passagesOf } from './measures/load.js';
import { measureMemory } from './measures/memory.js';
import { measureOnCall } from './measures/on-call.js';
import { measureRecovery } from './measures/recovery.js';
import { measureSimulations } from './measures/simulations.js';
import { measureStore } from './measures/store.js';
import { measureStorm } from './measures/storm.js';
import { MEASURES, readOptions, UsageError, type Measure, type Options } from './options.js';
import { reportOf } from './report.js';
import type { Facts, Results, TemporalFacts } from './results.js';
import { setStage, type Stage, type StageOptions } from './stage.js';
import { setStoreStage, type StoreStage } from './store-stage.js';

/** Requests that warm both up before anything counts: compilers, connections, caches. */
const WARM_UP = 30;
/** Source: docs/operating.md, "Memory". */
const SMALL_MACHINE = {
  TOCSIN_CACHED_INCIDENTS: '100',
  NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=256',
  MALLOC_ARENA_MAX: '2',
};
/** So many that nobody gets two pages within seconds: those would be gathered. */
const PEOPLE = 600;
/** How long an accepted request may still take at the end before it counts as lost. */
const LOST_AFTER_MS = 30_000;

const began = now();
const say = (line: string): void => {
  process.stderr.write(`[${((now() - began) / 1_000).toFixed(0)} s] ${line}\n`);
};

/** Blocks of each load. The first number of a pair is the whole run's, the second that of a quick one. */
function sizes({ quick }: Options) {
  const pick = (whole: number, short: number): number => (quick ? short : whole);
  return {
    'rate-1': { perSecond: 1, count: pick(15, 5), blocks: pick(4, 2) },
    'rate-10': { perSecond: 10, count: pick(50, 25), blocks: pick(6, 2) },
    'rate-20': { perSecond: 20, count: pick(100, 50), blocks: pick(6, 2) },
    burst: { perSecond: Number.POSITIVE_INFINITY, count: pick(500, 100), blocks: pick(4, 2) },
    ackTrials: pick(120, 15),
    storm: pick(5_000, 1_000),
    stormSeconds: pick(10, 2),
    lateDeadlines: pick(1_000, 100),
    kills: pick(5, 1),
    openIncidents: pick(5_000, 500),
    openOnSmall: pick(10_000, 500),
    simulationSeconds: pick(10, 2),
    store: { perSecond: 5, count: pick(50, 15), blocks: pick(4, 2) },
    onCallSeconds: pick(5, 1),
    onCallReferences: pick(3, 1),
  };
}

/** Measures with a stage of their own, since what ran before would count, and those that need none. */
const APART: ReadonlySet<Measure> = new Set<Measure>([
  'memory',
  'memory-small',
  'simulations',
  'on-call',
  'store',
]);

/** On a stage where each page goes to somebody else, and pages are gathered as ever. */
const LOADS: readonly Measure[] = ['rate-1', 'rate-10', 'rate-20', 'burst'];

/** First what needs no stage, then one for all that is timed on it, then those that have their own. */
async function measureAll(options: Options): Promise<Results> {
  const load = loadavg()[0] ?? 0;
  const size = sizes(options);
  const wanted = (name: Measure): boolean => options.only.has(name);
  const accepted: string[][] = [];
  const lost: string[] = [];
  const facts = factsOf(options, load);
  let temporal: TemporalFacts | undefined;

  async function onStage<T>(
    act: (stage: Stage) => Promise<T>,
    how: Pick<StageOptions, 'settings' | 'apart' | 'people'> = {},
  ): Promise<T> {
    const stage = await setStage({ env: process.env, say, ...how });
    const unStop = stopWith(stage);
    try {
      temporal ??= { server: stage.serverVersion, cachedWorkflows: stage.bare.cachedWorkflows };
      say('warming up');
      for (const subject of [stage.bare, stage.tocsin]) {
        const came = (await passagesOf(stage, subject, WARM_UP, 10)).length;
        if (came < WARM_UP)
          throw new Error(
            `Of ${WARM_UP} requests to ${subject.name} only ${came} reached the provider: it does not work.`,
          );
      }
      const result = await act(stage);
      accepted.push(stage.accepted);
      lost.push(...(await stage.provider.untilArrived(stage.accepted, LOST_AFTER_MS)));
      return result;
    } finally {
      unStop();
      await stage.stop();
    }
  }

  async function onStoreStage<T>(act: (stage: StoreStage) => Promise<T>): Promise<T> {
    const stage = await setStoreStage({ env: process.env, say, people: PEOPLE });
    const unStop = stopWith(stage);
    try {
      temporal ??= { server: stage.serverVersion, cachedWorkflows: null };
      say('warming up');
      for (const tocsin of [stage.without, stage.kept]) await passagesOf(stage, tocsin, WARM_UP, 10);
      const result = await act(stage);
      accepted.push(stage.accepted);
      lost.push(...(await stage.provider.untilArrived(stage.accepted, LOST_AFTER_MS)));
      return result;
    } finally {
      unStop();
      await stage.stop();
    }
  }

  if (wanted('simulations')) say(`simulations: for ${size.simulationSeconds} s`);
  const simulations = wanted('simulations') ? await measureSimulations(size.simulationSeconds) : undefined;
  if (wanted('on-call')) say(`on-call: each for ${size.onCallSeconds} s`);
  const onCall = wanted('on-call')
    ? await measureOnCall(size.onCallSeconds, size.onCallReferences)
    : undefined;
  const loads = LOADS.some(wanted)
    ? await onStage(
        async (stage) => {
          const rates = [];
          for (const name of ['rate-1', 'rate-10', 'rate-20'] as const) {
            if (!wanted(name)) continue;
            const { perSecond } = size[name];
            rates.push({ perSecond, comparison: await compare(stage, `${perSecond} a second`, size[name]) });
          }
          const { count } = size.burst;
          return {
            rates,
            ...(wanted('burst')
              ? { burst: { count, comparison: await compare(stage, 'burst', size.burst) } }
              : {}),
          };
        },
        { people: PEOPLE },
      )
    : { rates: [] };
  const isTimed = MEASURES.some((name) => !APART.has(name) && !LOADS.includes(name) && wanted(name));
  const timed = isTimed
    ? await onStage(async (stage) => {
        return {
          ...(wanted('ack') ? { ack: await measureAck(stage, size.ackTrials) } : {}),
          ...(wanted('storm')
            ? {
                storms: [
                  await measureStorm(stage, size.storm, 0),
                  await measureStorm(stage, size.storm, size.stormSeconds),
                ],
              }
            : {}),
          ...(wanted('lateness') ? { lateness: await measureLateness(stage, size.lateDeadlines) } : {}),
          // Last on this stage: what comes after a kill is not what came before it.
          ...(wanted('recovery')
            ? {
                recovery: [
                  await measureRecovery(stage, 'worker', size.kills),
                  await measureRecovery(stage, 'server', size.kills),
                ],
              }
            : {}),
        };
      })
    : {};
  const memory = wanted('memory')
    ? await onStage((stage) => measureMemory(stage, size.openIncidents))
    : undefined;
  const memorySmall = wanted('memory-small')
    ? await onStage((stage) => measureMemory(stage, size.openOnSmall), {
        settings: SMALL_MACHINE,
        apart: true,
      })
    : undefined;
  const store = wanted('store') ? await onStoreStage((stage) => measureStore(stage, size.store)) : undefined;
  return {
    facts: { ...facts, ...(temporal === undefined ? {} : { temporal }) },
    ...loads,
    ...timed,
    ...(memory === undefined ? {} : { memory }),
    ...(memorySmall === undefined ? {} : { memorySmall }),
    ...(simulations === undefined ? {} : { simulations }),
    ...(onCall === undefined ? {} : { onCall }),
    ...(store === undefined ? {} : { store }),
    accepted: accepted.flat().length,
    lost,
  };
}

/** Whoever interrupts it has nothing left running. Returns what undoes that. */
function stopWith(stage: { stop(): Promise<void> }): () => void {
  const stop = (): void => {
    say('stopping');
    void stage.stop().finally(() => process.exit(130));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.once(name, stop);
  return () => {
    for (const name of signals) process.removeListener(name, stop);
  };
}

function factsOf({ quick }: Options, loadBefore: number): Facts {
  return {
    at: new Date().toISOString(),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    loadBefore,
    os: `${type()} ${release()}`,
    node: process.versions.node,
    quick,
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const results = await measureAll(options);
  console.log(`\n${reportOf(results)}`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  if (results.lost.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
