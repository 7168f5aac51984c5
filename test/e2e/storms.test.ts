import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { incidentWorkflowId } from '../../temporal-config/names.js';
import { startReplica, type Replica } from '../support/replica.js';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { current, openNow, pagesTo } from './support/stage.js';
import { startRestartableServer, type RestartableServer } from './support/temporal.js';

/** The server suggests a new run after so few events; its own number is 4,096. */
const EVENTS = 60;

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }], zones: [{ to: ['bob'] }] },
  timings: { stability: '10m', repage: '0s' },
});
/** The generic integration of the cast, grouped by labels. */
const yaml = cast.yaml.replace(
  'generic: { kind: generic,',
  'generic: { kind: generic, groupBy: [service, zone],',
);
const ALICE = cast.phone('alice');

let temporal: RestartableServer;
let system: RunningSystem;
let second: Replica;

beforeAll(async () => {
  temporal = await startRestartableServer({
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': EVENTS },
  });
  system = await startSystem({ config: yaml, server: temporal });
  second = await startReplica(temporal, yaml);
});
afterAll(async () => {
  await second.stop();
  await system.stop();
  await temporal.stop();
});

interface Taken {
  readonly accepted: number;
  readonly incidents: readonly {
    readonly key: string;
    readonly firing: number;
    readonly remarks: string[];
  }[];
}

/** How often a sender tries again after a 503, and after how long. */
const TRIES = 20;
const AGAIN_AFTER_MS = 500;

/** Posts a body to one of the two APIs, as often as senders do, and demands that it is taken. */
async function post(url: string, sender: 'alertmanager' | 'generic', body: object): Promise<Taken> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${url}/v1/alerts/${sender}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEYS[sender]}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Taken;
    if (response.status === 503 && attempt < TRIES) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      continue;
    }
    expect({ status: response.status, answer }).toMatchObject({ status: 202 });
    return answer;
  }
}

interface OfAGroup {
  readonly name: string;
  readonly status?: 'firing' | 'resolved';
  /** Seconds after a fixed instant. */
  readonly began?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A request of Alertmanager for one group. */
function groupOf(group: string, alerts: readonly OfAGroup[]): object {
  return {
    version: '4',
    groupKey: group,
    status: 'firing',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    alerts: alerts.map(({ name, status = 'firing', began = 0, labels = {} }) => ({
      status,
      labels: { alertname: name, service: 'shop', severity: 'critical', ...labels },
      annotations: { summary: `${name} of ${group}` },
      startsAt: new Date(Date.UTC(2026, 10, 21, 10, 0, began)).toISOString(),
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: `${group}-${name}`,
    })),
  };
}

const sides = (): readonly string[] => [system.url, second.url];
const sideOf = (index: number): string => sides()[index % 2] ?? system.url;

/** The runs of an incident, oldest first, with the number of signals that each one got. */
async function runsOf(
  key: string,
): Promise<readonly { readonly status: string; readonly signals: number }[]> {
  const runs: { at: number; status: string; signals: number }[] = [];
  const workflowId = incidentWorkflowId(key);
  for await (const { runId, status, startTime } of system.client.workflow.list({
    query: `WorkflowId="${workflowId}"`,
  })) {
    const { events } = await system.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const signals = (events ?? []).filter(isSignal);
    runs.push({ at: startTime.getTime(), status: status.name, signals: signals.length });
  }
  return runs.sort((one, other) => one.at - other.at);
}

function isSignal(event: { readonly workflowExecutionSignaledEventAttributes?: object | null }): boolean {
  return (event.workflowExecutionSignaledEventAttributes ?? null) !== null;
}

/** Waits until the incident counts so many alerts, and gives it a moment to count one too many. */
async function counted(key: string, total: number): Promise<IncidentView> {
  await expect
    .poll(async () => (await current(system, key)).alerts.total, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(total);
  return current(system, key);
}

describe('5,000 alerts of one outage in ten seconds, over two APIs', () => {
  const REQUESTS = 1_000;
  const EACH = 5;
  let key: string;

  test('are one incident and one page, exactly counted over several runs, in few signals', async () => {
    const began = Date.now();
    const answers: Promise<Taken>[] = [];
    for (let index = 0; index < REQUESTS; index += 1) {
      const names = Array.from({ length: EACH }, (_, each) => ({ name: `a${index * EACH + each}` }));
      answers.push(post(sideOf(index), 'alertmanager', groupOf('storm', names)));
      const due = began + (10_000 * (index + 1)) / REQUESTS;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
    }
    const taken = await Promise.all(answers);
    const seconds = (Date.now() - began) / 1_000;
    expect(taken.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(REQUESTS * EACH);
    const keys = new Set(taken.flatMap(({ incidents }) => incidents.map((incident) => incident.key)));
    expect(keys.size).toBe(1);
    key = [...keys][0] ?? '';

    const view = await counted(key, REQUESTS * EACH);
    expect(view.alerts).toEqual({ firing: REQUESTS * EACH, total: REQUESTS * EACH });
    await expect.poll(async () => (await runsOf(key)).length).toBeGreaterThanOrEqual(3);
    const runs = await runsOf(key);
    expect(runs.slice(0, -1).every(({ status }) => status === 'CONTINUED_AS_NEW')).toBe(true);
    // Two APIs, five signals a second each at most, and the first of each.
    const signals = runs.reduce((sum, run) => sum + run.signals, 0);
    expect(signals).toBeLessThanOrEqual(2 * (5 * seconds + 1));
    expect(pagesTo(system, ALICE, view.code)).toHaveLength(1);
  });

  test('are over when each of them is, whichever API hears of it, and not one before', async () => {
    const over = Array.from({ length: REQUESTS * EACH }, (_, index) => ({
      name: `a${index}`,
      status: 'resolved' as const,
    }));
    await Promise.all([
      post(sideOf(0), 'alertmanager', groupOf('storm', over.slice(0, 2_500))),
      post(sideOf(1), 'alertmanager', groupOf('storm', over.slice(2_500, -1))),
    ]);
    await expect.poll(async () => (await current(system, key)).alerts.firing, { timeout: 10_000 }).toBe(1);
    expect((await current(system, key)).phase).toBe('triggered');
    await post(sideOf(0), 'alertmanager', groupOf('storm', over.slice(-1)));
    await expect.poll(async () => (await current(system, key)).phase, { timeout: 10_000 }).toBe('monitoring');
    // The other API is late with what fired: all of it is known to be over.
    const late = over.map(({ name }) => ({ name }));
    await post(sideOf(1), 'alertmanager', groupOf('storm', late));
    expect(await current(system, key)).toMatchObject({
      phase: 'monitoring',
      alerts: { firing: 0, total: REQUESTS * EACH },
    });
  });
});

describe('the same alerts by two Alertmanagers through two APIs', () => {
  const COUNT = 150;
  /** Alerts under way at the same time. */
  const LANES = 30;

  test('count once, however firing and resolved overtake each other', async () => {
    const keep = { name: 'keeps-burning' };
    const { incidents } = await post(sideOf(0), 'alertmanager', groupOf('twins', [keep]));
    const key = incidents[0]?.key ?? '';
    await openNow(system, key);
    const lane = async (offset: number): Promise<void> => {
      for (let index = offset; index < COUNT; index += LANES) {
        const name = `t${index}`;
        const [mine, other] = [sideOf(index), sideOf(index + 1)];
        await Promise.all([
          post(mine, 'alertmanager', groupOf('twins', [{ name }])),
          post(other, 'alertmanager', groupOf('twins', [{ name }])),
        ]);
        // Over at one of them, while the other still repeats that it fires.
        await Promise.all([
          post(other, 'alertmanager', groupOf('twins', [{ name }])),
          post(mine, 'alertmanager', groupOf('twins', [{ name, status: 'resolved' }])),
          post(other, 'alertmanager', groupOf('twins', [{ name }])),
        ]);
        // What is over may have begun again: that is news.
        if (index % 3 === 0) await post(other, 'alertmanager', groupOf('twins', [{ name, began: 30 }]));
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, offset) => lane(offset)));
    const again = COUNT / 3;
    const view = await counted(key, 1 + COUNT + again);
    expect(view.alerts).toEqual({ firing: 1 + again, total: 1 + COUNT + again });
    expect(pagesTo(system, ALICE, view.code)).toHaveLength(1);
  });

  test('an older start of an alert that is over opens nothing again, a newer one does', async () => {
    const { incidents } = await post(sideOf(0), 'alertmanager', groupOf('old', [{ name: 'x', began: 20 }]));
    const key = incidents[0]?.key ?? '';
    await openNow(system, key);
    await post(sideOf(1), 'alertmanager', groupOf('old', [{ name: 'x', began: 20, status: 'resolved' }]));
    await expect.poll(async () => (await current(system, key)).phase).toBe('monitoring');
    await post(sideOf(0), 'alertmanager', groupOf('old', [{ name: 'x', began: 20 }]));
    await post(sideOf(1), 'alertmanager', groupOf('old', [{ name: 'x', began: 5 }]));
    expect(await current(system, key)).toMatchObject({
      phase: 'monitoring',
      alerts: { firing: 0, total: 1 },
    });
    await post(sideOf(1), 'alertmanager', groupOf('old', [{ name: 'x', began: 25 }]));
    await expect.poll(async () => (await current(system, key)).phase).toBe('triggered');
    expect((await current(system, key)).alerts).toEqual({ firing: 1, total: 2 });
  });
});

describe('groups by labels', () => {
  const labelled = (zone: string, status: 'firing' | 'resolved' = 'firing'): object => ({
    key: `in ${zone}`,
    summary: `${zone} is down`,
    status,
    service: 'zones',
    labels: { service: 'zones', ...(zone === '' ? {} : { zone }) },
  });

  test('make one incident for each value over both APIs, one for those without, and take values of 10 kB', async () => {
    const long = 'ü'.repeat(5_120);
    const zones = ['north', 'north', '', 'south', '', long, long];
    const taken = await Promise.all(
      zones.map((zone, index) =>
        post(sideOf(index), 'generic', { ...labelled(zone), key: `alert ${index}` }),
      ),
    );
    const keys = taken.map(({ incidents }) => incidents[0]?.key ?? '');
    expect(new Set(keys).size).toBe(4);
    expect([keys[0] === keys[1], keys[2] === keys[4], keys[5] === keys[6]]).toEqual([true, true, true]);
    const north = await counted(keys[0] ?? '', 2);
    expect(north).toMatchObject({ service: 'zones', alerts: { firing: 2, total: 2 } });
    await counted(keys[5] ?? '', 2);
  });
});

test('10,000 alerts in one request are one incident and one page, and all are known by name', async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => ({ name: `n${index}` }));
  const body = groupOf('huge', names);
  expect(JSON.stringify(body).length).toBeLessThan(5 * 1024 * 1024);
  const { accepted, incidents } = await post(sideOf(0), 'alertmanager', body);
  expect(accepted).toBe(10_000);
  const key = incidents[0]?.key ?? '';
  const view = await counted(key, 10_000);
  expect(view.alerts).toEqual({ firing: 10_000, total: 10_000 });
  await expect.poll(() => pagesTo(system, ALICE, view.code).length).toBe(1);
  await post(
    sideOf(1),
    'alertmanager',
    groupOf(
      'huge',
      names.slice(1).map(({ name }) => ({ name, status: 'resolved' })),
    ),
  );
  await expect.poll(async () => (await current(system, key)).alerts.firing, { timeout: 10_000 }).toBe(1);
});
