import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { IncidentView } from '../../domain/incident/view.js';
import { configOf, KEYS, PHONES } from '../support/running-system.js';
import {
  buildTocsin,
  createTocsinHome,
  type TocsinHome,
  type TocsinProcess,
} from '../support/tocsin-process.js';

let home: TocsinHome;
let tocsin: TocsinProcess;
/** After an incident from its first alert to its end, with a page that failed, a call, and an answer. */
let metrics: string;
let openingId: string;

beforeAll(async () => {
  await buildTocsin();
  home = await createTocsinHome(configOf({ ackTimeout: '2s', stability: '1s' }));
  tocsin = await home.start();
  openingId = await oneIncident();
  // What is told at the end gets its tries as well.
  await delay(1_000);
  metrics = await scrape();
}, 300_000);
afterAll(() => home.remove());

async function scrape(): Promise<string> {
  const response = await fetch(`${home.url}/metrics`, { headers: { authorization: `Bearer ${KEYS.api}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain');
  return response.text();
}

async function alert(status: 'firing' | 'resolved'): Promise<void> {
  const body = { key: 'checkout', service: 'payments', status, summary: 'checkout is down' };
  const answer = await home.request('POST', '/v1/alerts/generic', { key: KEYS.generic, body });
  expect(answer.status).toBe(202);
}

async function oneIncident(): Promise<string> {
  const { booth } = home;
  // Twilio's refusal names the number: it must go no further.
  booth.optOut(PHONES.alice);
  await alert('firing');
  const call = await booth.nextCall({ to: PHONES.bob, timeoutMs: 20_000 });
  await call.answer();
  expect((await call.press('4')).join(' ')).toMatch(/you have it/i);
  const { body } = await home.request('GET', '/v1/incidents?open=true');
  const [incident] = (body as { incidents: { openingId: string }[] }).incidents;
  if (incident === undefined) throw new Error('No incident is listed.');
  await alert('resolved');
  for (const until = Date.now() + 20_000; ; await delay(100)) {
    const view = (await home.request('GET', `/v1/incidents/${incident.openingId}`)).body;
    if ((view as { readonly phase?: string }).phase === 'resolved') break;
    if (Date.now() > until) throw new Error(`It was not resolved within 20 s: ${JSON.stringify(view)}`);
  }
  return incident.openingId;
}

/** The value of one series; null when there is none. */
function valueOf(series: string): number | null {
  const line = metrics.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1).split(' ')[0]);
}

/** The series there are: what a rule or a dashboard may ask for. */
function exposed(): ReadonlySet<string> {
  const names = [...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

test('an incident is counted once, where it is true', async () => {
  const { body } = await home.request('GET', `/v1/incidents/${openingId}`);
  const { timeline } = body as IncidentView;
  expect(valueOf('tocsin_incidents_opened_total{service="payments",severity="SEV1"}')).toBe(1);
  expect(
    valueOf('tocsin_deliveries_total{kind="page",channel="voice",provider="twilio-voice",outcome="sent"}'),
  ).toBe(1);
  const failed = timeline.filter(({ type }) => type === 'delivery-failed').length;
  expect(failed).toBeGreaterThan(0);
  expect(
    valueOf('tocsin_delivery_failures_total{channel="sms",provider="twilio-sms",reason="opted-out"}'),
  ).toBe(failed);
  const optedOut = (kind: 'page' | 'notice'): number =>
    valueOf(
      `tocsin_deliveries_total{kind="${kind}",channel="sms",provider="twilio-sms",outcome="opted-out"}`,
    ) ?? 0;
  expect(optedOut('page')).toBeGreaterThan(0);
  expect(optedOut('page') + optedOut('notice')).toBe(failed);
  // That somebody has it, and that it is over, is told to those who were paged: never by a call.
  expect(metrics).toMatch(/^tocsin_deliveries_total\{kind="notice",.*outcome="sent"\} [1-9]/m);
  expect(metrics).not.toMatch(/^tocsin_deliveries_total\{kind="notice",channel="voice"/m);
  // Alice's SMS is refused, so her mail is the first page that leaves.
  expect(valueOf('tocsin_first_page_seconds_count{channel="email"}')).toBe(1);
  expect(valueOf('tocsin_acknowledge_seconds_count{severity="SEV1"}')).toBe(1);
  expect(valueOf('tocsin_resolve_seconds_count{severity="SEV1"}')).toBe(1);
  expect(valueOf('tocsin_deadline_lateness_seconds_count{kind="stability"}')).toBe(1);
  expect(valueOf('tocsin_intake_deliveries_total{sender="generic",answer="accepted"}')).toBe(2);
  expect(valueOf('tocsin_open_incidents{phase="triggered"}')).toBe(0);
  expect(valueOf('tocsin_unanswered_incidents{longer_than="15m"}')).toBe(0);
  expect(valueOf('tocsin_check_ok{check="worker"}')).toBe(1);
  expect(valueOf('tocsin_config_refused')).toBe(0);
});

test('Temporal’s own metrics of the worker stand in the same text, each name with one type', () => {
  expect(metrics).toMatch(/^temporal_workflow_task_execution_latency_seconds_bucket\{/m);
  expect(metrics).toMatch(/^process_resident_memory_bytes \d/m);
  const types = [...metrics.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  expect(types).toHaveLength(new Set(types).size);
});

test('every thing that happened is a line of the log with the id of its incident', async () => {
  const log = await readFile(join(home.directory, 'data', 'tocsin.log'), 'utf8');
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const events = lines
    .filter((line) => line['openingId'] === openingId)
    .map((line) => line['event'] ?? line['msg']);
  expect(events).toEqual(
    expect.arrayContaining([
      'opened',
      'paged',
      'delivery-failed',
      'sent',
      'acknowledged',
      'resolved',
      'action',
      'message handed over',
    ]),
  );
});

test('no number, address, name or title stands in a log line or a metric', async () => {
  const log = await readFile(join(home.directory, 'data', 'tocsin.log'), 'utf8');
  const said = `${log}\n${tocsin.output()}\n${metrics}`;
  expect(said).toContain(openingId);
  const digits = Object.values(PHONES).map((phone) => phone.slice(-10));
  const secrets = [
    ...digits,
    'alice@',
    'bob@',
    'carol@',
    'erin@',
    'Alice',
    'Bob',
    'checkout is down',
    ...Object.values(KEYS),
  ];
  const found = secrets.flatMap((secret) => {
    const at = said.indexOf(secret);
    return at < 0 ? [] : [said.slice(Math.max(0, at - 120), at + 60)];
  });
  expect(found).toEqual([]);
  // Nor is a number written with other marks.
  expect(said).not.toMatch(/202[ .)-]{1,2}555[ .-]?01\d\d/);
});

test('every metric of the dashboard and of the alert rules is one that a running Tocsin exposes', async () => {
  const names = exposed();
  const dashboard = JSON.parse(await readFile('deploy/grafana/tocsin.json', 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
    templating: { list: { definition?: string }[] };
  };
  const rules = parse(await readFile('deploy/prometheus/rules.yaml', 'utf8')) as {
    groups: { rules: { expr: string }[] }[];
  };
  const expressions = {
    dashboard: [
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
      ...dashboard.templating.list.map(({ definition }) => definition ?? ''),
    ],
    rules: rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
  };
  for (const [what, all] of Object.entries(expressions)) {
    const used = new Set(
      all.flatMap((expr) => expr.match(/\b(?:tocsin|temporal|process|nodejs)_[a-z0-9_]+/g) ?? []),
    );
    expect(used.size, what).toBeGreaterThan(8);
    expect(
      [...used].filter((name) => !names.has(name)),
      what,
    ).toEqual([]);
    // What asks for a label that a metric does not have shows nothing, for ever.
    const asked = new Set(
      all.flatMap((expr) =>
        [...expr.matchAll(/\b(tocsin_\w+)\{([^}]*)\}/g)].flatMap(([, name = '', labels = '']) =>
          [...labels.matchAll(/(\w+)(?:=|!)/g)]
            .map(([, label = '']) => label)
            .filter((label) => label !== 'job')
            .map((label) => `${name} ${label}`),
        ),
      ),
    );
    expect(asked, what).toContain('tocsin_unanswered_incidents longer_than');
    const without = [...asked].filter((one) => {
      const [name = '', label = ''] = one.split(' ');
      return !new RegExp(`^${name}\\{(?:.*,)?${label}="`, 'm').test(metrics);
    });
    expect(without, what).toEqual([]);
  }
});

test('every metric of ours is described in the docs', async () => {
  const docs = await readFile('docs/metrics.md', 'utf8');
  const ours = [...metrics.matchAll(/^# TYPE (tocsin_\S+) /gm)].map(([, name = '']) => name);
  expect(ours.length).toBeGreaterThan(15);
  expect(ours.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

test('a new process that replays an open incident counts only what happens from then on', async () => {
  const before = home.booth.mark();
  await alert('firing');
  // A page that is out was asked for by a workflow task that is over.
  await home.booth.nextCall({ to: PHONES.bob, after: before, timeoutMs: 20_000 });
  const { body } = await home.request('GET', '/v1/incidents?open=true');
  const [incident] = (body as { incidents: { openingId: string }[] }).incidents;
  if (incident === undefined) throw new Error('No incident is listed.');
  await tocsin.kill();
  tocsin = await home.start();
  const acknowledge = `/v1/incidents/${incident.openingId}/acknowledge`;
  await expect
    .poll(async () => (await home.request('POST', acknowledge, { body: { by: 'bob' } })).status, {
      timeout: 30_000,
    })
    .toBe(200);
  metrics = await scrape();
  expect(valueOf('tocsin_acknowledge_seconds_count{severity="SEV1"}')).toBe(1);
  // It was opened by the process before.
  expect(valueOf('tocsin_incidents_opened_total{service="payments",severity="SEV1"}')).toBeNull();
});
