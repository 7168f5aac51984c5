import { z } from 'zod';
import { checkSharedStore, type StoreTold } from './check-shared-store.js';
import { fail, ok, warn, type Finding } from './finding.js';

const TIMEOUT_MS = 5_000;
const readiness = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      detail: z.string().optional(),
      store: z.object({ kind: z.enum(['pglite', 'postgres']), fingerprint: z.string() }).optional(),
    }),
  ),
});
type Readiness = z.infer<typeof readiness>;
const notFound = z.object({ error: z.object({ code: z.literal('not-found') }) });

/** A process of Tocsin that is to be asked. */
export interface AskedProcess {
  readonly url: string;
  /** What it should be; `process`: somebody only gave its address. */
  readonly expected: 'API' | 'Worker' | 'process';
}

/** What one process is, and how it is. */
interface Told {
  readonly url: string;
  readonly findings: readonly Finding[];
  readonly answered: boolean;
  readonly hasApi: boolean;
  readonly hasWorker: boolean;
  /** Providers with which its worker has trouble; null: with none. */
  readonly troubles: string | null;
  /** Null: it did not answer, or is of a version that does not tell. */
  readonly store: StoreTold | null;
}

/**
 * Whether APIs and workers answer and can do their work, which providers the workers have trouble with, how their stores
 * are, and whether it is the same one. Each keeps its own, so each is named by its address; that no worker was asked is said too.
 */
export async function checkProcesses(asked: readonly AskedProcess[]): Promise<readonly Finding[]> {
  const told = await Promise.all(asked.map(askProcess));
  return [
    ...told.flatMap(({ findings }) => findings),
    ...unasked(asked, told),
    ...checkSharedStore(told),
    ...deliveries(told),
  ];
}

async function askProcess({ url, expected }: AskedProcess): Promise<Told> {
  const name = expected === 'process' ? 'API or worker' : expected;
  const silent = { url, answered: false, hasApi: false, hasWorker: false, troubles: null, store: null };
  let told: Readiness | null;
  let hasApi: boolean;
  try {
    [told, hasApi] = await Promise.all([readinessAt(url), servesApi(url)]);
  } catch {
    return { ...silent, findings: [fail(name, `nothing answers at ${url}`, remedyOf(expected))] };
  }
  if (told === null) {
    const setting = expected === 'API' ? 'TOCSIN_URL' : 'the address';
    const remedy = `Check ${setting}, or free that port.`;
    return { ...silent, findings: [fail(name, `what answers at ${url} is no Tocsin`, remedy)] };
  }
  const providers = told.checks.find((check) => check.name === 'providers');
  return {
    url,
    findings: [
      ...(expected === 'API' && !hasApi
        ? [
            fail(
              'API',
              `${url} is a worker, no API`,
              'Set TOCSIN_URL to an API, TOCSIN_WORKER_URLS to workers.',
            ),
          ]
        : []),
      ...stateOf(url, hasApi ? 'API' : 'Worker', told),
    ],
    answered: true,
    hasApi,
    // Only who has a worker has seen providers.
    hasWorker: providers !== undefined,
    troubles: providers?.detail ?? null,
    store: storeOf(told),
  };
}

/** A process that has one always tells of it. */
function storeOf({ checks }: Readiness): StoreTold | null {
  const check = checks.find(({ name }) => name === 'store');
  return check === undefined ? { kind: 'none' } : (check.store ?? null);
}

function stateOf(url: string, name: 'API' | 'Worker', { checks }: Readiness): readonly Finding[] {
  const broken = checks
    .filter((check) => !check.ok)
    .map((check) => (check.detail === undefined ? check.name : `${check.name} (${check.detail})`));
  const store = checks.find((check) => check.name === 'store')?.detail;
  return [
    broken.length === 0
      ? ok(name, `${url} is ready`)
      : fail(
          name,
          `${url} is not ready: ${broken.join(', ')}`,
          'Mend what stands in brackets; the log tells more.',
        ),
    ...(store === undefined
      ? []
      : [
          warn(
            `Store of the ${name}`,
            `${url}: ${store}`,
            'The log of that process says what is wrong and how to mend it.',
          ),
        ]),
  ];
}

/** Who only gives addresses may have forgotten the API; the settings without one are spoken of elsewhere. */
function unasked(asked: readonly AskedProcess[], told: readonly Told[]): readonly Finding[] {
  const isKnown =
    told.every(({ answered }) => answered) && asked.every(({ expected }) => expected === 'process');
  if (!isKnown || told.some(({ hasApi }) => hasApi)) return [];
  return [warn('API', 'no API was asked: alerts may not come in', 'Give the address of one with --url too.')];
}

function deliveries(told: readonly Told[]): readonly Finding[] {
  const workers = told.filter(({ hasWorker }) => hasWorker);
  // Of one that does not answer nobody knows whether there is a worker in it, and that it is silent is said.
  if (workers.length === 0 && told.some(({ answered }) => !answered)) return [];
  if (workers.length === 0)
    return [
      warn(
        'Deliveries',
        'no worker was asked: which providers fail again and again only workers know',
        'Give their health addresses with --url, or in TOCSIN_WORKER_URLS with commas in between.',
      ),
    ];
  const troubled = workers.flatMap(({ url, troubles }) =>
    troubles === null
      ? []
      : [
          warn(
            'Deliveries',
            `${troubles} (the worker at ${url})`,
            'What stands in for them is used meanwhile; without one their messages are tried again. The log tells more.',
          ),
        ],
  );
  if (troubled.length > 0) return troubled;
  return [
    ok('Deliveries', `no provider fails, say the workers at ${workers.map(({ url }) => url).join(', ')}`),
  ];
}

function remedyOf(expected: AskedProcess['expected']): string {
  switch (expected) {
    case 'API':
      return 'Start Tocsin with `npm start`, or set TOCSIN_URL to where it runs.';
    case 'Worker':
      return 'Start it with `tocsin worker`, or set TOCSIN_WORKER_URLS to where the workers tell of their health.';
    case 'process':
      return 'Start it, or give the address of an API, or at which a worker tells of its health.';
    default:
      return expected satisfies never;
  }
}

/** Null when it is somebody else who answers. @throws Error when nobody does */
async function readinessAt(url: string): Promise<Readiness | null> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return readiness.safeParse(jsonOf(await response.text())).data ?? null;
}

/** The health server of a worker has nothing but its health, and says so; anything else is an API, or a proxy before one. */
export async function servesApi(url: string): Promise<boolean> {
  const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  // Read to its end, so that the connection is free again.
  const text = await response.text();
  return response.ok || !notFound.safeParse(jsonOf(text)).success;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
