import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { OPEN_PHASES } from '../domain/incident/view.js';
import { attributes } from '../temporal-config/search-attributes.js';
import type { AppDeps } from './deps.js';

/** Ages that are worth an alarm, in minutes. */
const AGES = { '5m': 5, '15m': 15, '1h': 60 } as const;

const DEADLINE_MS = 2_000;
/** Two scrapers in a row share an answer. */
const FRESH_MS = 5_000;

/** How many workflows a visibility query finds. */
export type CountIncidents = (query: string) => Promise<number>;

/** Counts by Temporal's visibility, about 100 ms behind. */
export function countBy(client: Client): CountIncidents {
  return async (query) => {
    const { count } = await client.connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.count(query),
    );
    return count;
  };
}

/**
 * Registers what is open now. Every API of an installation tells the same: take `max`, not `sum`. While Temporal does not
 * answer there is no value at all, rather than an old one.
 */
export function registerIncidentMetrics(
  registry: Registry,
  count: CountIncidents,
  now: () => number = Date.now,
): void {
  const registers = [registry];
  const open = `${attributes.kind.name}="incident" AND ExecutionStatus="Running"`;
  const inPhase = (phase: string): string => `${open} AND ${attributes.phase.name}="${phase}"`;

  const byPhase = cached(now, () =>
    counts(
      OPEN_PHASES.map((phase) => [phase, inPhase(phase)] as const),
      count,
    ),
  );
  const phases = new Gauge({
    name: 'tocsin_open_incidents',
    help: 'Incidents that are open now, by phase.',
    labelNames: ['phase'],
    registers,
    async collect() {
      phases.reset();
      for (const [phase, value] of await byPhase()) phases.set({ phase }, value);
    },
  });

  const byAge = cached(now, () =>
    counts(
      Object.entries(AGES).map(([age, minutes]) => {
        const before = new Date(now() - minutes * 60_000).toISOString();
        const paged = `${attributes.paged.name} IS NOT NULL`;
        return [age, `${inPhase('triggered')} AND ${paged} AND StartTime < "${before}"`] as const;
      }),
      count,
    ),
  );
  const ages = new Gauge({
    name: 'tocsin_unanswered_incidents',
    help: 'Incidents for which people are being paged and nobody has answered for longer than this.',
    labelNames: ['longer_than'],
    registers,
    async collect() {
      ages.reset();
      for (const [age, value] of await byAge()) ages.set({ longer_than: age }, value);
    },
  });
}

/** Registers each check of readiness: 1 while it is well, else 0. */
export function registerReadinessMetrics(registry: Registry, readiness: AppDeps['readiness']): void {
  const gauge = new Gauge({
    name: 'tocsin_check_ok',
    help: 'Whether each check of /readyz is well (1) or not (0).',
    labelNames: ['check'],
    registers: [registry],
    async collect() {
      const { checks } = await readiness();
      gauge.reset();
      for (const { name, ok } of checks) gauge.set({ check: name }, ok ? 1 : 0);
    },
  });
}

type Counts = readonly (readonly [label: string, value: number])[];

async function counts(
  queries: readonly (readonly [label: string, query: string])[],
  count: CountIncidents,
): Promise<Counts> {
  try {
    return await Promise.all(queries.map(async ([label, query]) => [label, await count(query)] as const));
  } catch {
    // `tocsin_check_ok` says that Temporal is away; a scrape that fails would hide even that.
    return [];
  }
}

function cached(now: () => number, ask: () => Promise<Counts>): () => Promise<Counts> {
  let askedAt = -Infinity;
  let answer: Promise<Counts> = Promise.resolve([]);
  return () => {
    if (now() - askedAt >= FRESH_MS) {
      askedAt = now();
      answer = ask();
    }
    return answer;
  };
}
