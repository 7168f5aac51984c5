import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { createActivities } from '../../activities/create-activities.js';
import { createHandoffActivities } from '../../activities/handoff-activities.js';
import { createLetterActivities } from '../../activities/letters.js';
import { createOpeningsReader } from '../../activities/openings.js';
import { createPacer } from '../../activities/pacing/pacer.js';
import { createProviderHealth } from '../../activities/provider-health.js';
import { createProviderSet } from '../../activities/providers/provider-set.js';
import { createRecordActivities } from '../../activities/records.js';
import { createTextSender } from '../../activities/providers/sms-gateway/replier.js';
import { createApp } from '../../api/create-app.js';
import { createLetters } from '../../api/contacts/letters.js';
import { createHandoffPorts } from '../../api/handoff/handoff-ports.js';
import { createHandoffWorkflows } from '../../api/handoff/handoff-workflows.js';
import { createIncidents } from '../../api/incidents/create-incidents.js';
import { createMetrics } from '../../api/metrics.js';
import { createRecordRebuilder } from '../../api/records/rebuild.js';
import { withRecords } from '../../api/records/recorded-incidents.js';
import { createBooth, type Booth } from '../../booth/create-booth.js';
import { loadConfig } from '../../config/load.js';
import { followStore } from '../../cli/up/follow-store.js';
import type { IncidentView, ReviewView } from '../../domain/incident/view.js';
import type { Store } from '../../store/store.js';
import { createTokens } from '../../tokens/signed-token.js';
import { createWorker } from '../../worker/create-worker.js';
import { bundleForTests } from './bundle.js';
import { freePort } from '../../temporal-config/server/ports.js';
import { apiRequest, type ApiRequest } from './api-request.js';
import { startRealServer, type RealServer } from './temporal.js';

export const KEYS = {
  alertmanager: 'key-of-alertmanager-0001',
  generic: 'key-of-generic-00000001',
  pagerduty: '0123456789abcdef0123456789abcdef',
  api: 'key-of-the-api-000000001',
} as const;

/** Who answers which phone in `configOf`. */
export const PHONES = {
  alice: '+12025550101',
  bob: '+12025550102',
  carol: '+12025550103',
  erin: '+12025550105',
  room: '+12025550199',
} as const;

/** The team of spec/scenarios.md with its minutes made seconds: alice by SMS, bob by phone, carol by SMS and mail. */
export function configOf(
  changes: { readonly ackTimeout?: string; readonly stability?: string; readonly rounds?: number } = {},
): string {
  const timeout = changes.ackTimeout ?? '2s';
  return `
users:
  alice: { name: Alice, phone: '${PHONES.alice}', email: alice@example.com, manager: erin, notify: { high: [{ after: 0s, via: [sms] }] } }
  bob: { name: Bob, phone: '${PHONES.bob}', email: bob@example.com, manager: erin, notify: { high: [{ after: 0s, via: [voice] }] } }
  carol: { name: Carol, phone: '${PHONES.carol}', email: carol@example.com, manager: erin, notify: { high: [{ after: 0s, via: [sms, email] }] } }
  erin: { name: Erin, phone: '${PHONES.erin}', email: erin@example.com, notify: { high: [{ after: 0s, via: [sms] }] } }
groups:
  management: { members: [erin] }
  executives: { members: [erin] }
  ops-room: { name: Ops room, contacts: [{ channel: sms, to: '${PHONES.room}' }] }
teams:
  payments: { name: Payments, members: [alice, bob, carol], policy: default }
schedules:
  payments:
    zone: UTC
    rotation: { type: weekly, day: monday, handover: '09:00', start: 2026-01-05, participants: [alice] }
    secondary: { type: weekly, day: monday, handover: '09:00', start: 2026-01-05, participants: [bob] }
policies:
  default:
    steps:
      - { name: primary, targets: ['schedule:payments/primary'], timeout: ${timeout} }
      - { name: secondary, targets: ['schedule:payments/secondary'], timeout: ${timeout} }
      - { name: tier 2, targets: ['user:carol'], timeout: ${timeout} }
    rounds: ${changes.rounds ?? 2}
    catchAll: { targets: ['group:ops-room'], every: 15s }
services:
  payments: { name: Payments, team: payments, page: immediately, severity: SEV1, match: [{ service: payments }] }
  other: { name: Everything else, policy: default, page: immediately, severity: SEV1, catchAll: true }
timings: { stability: ${changes.stability ?? '3s'} }
# Tests run at any hour, and page more than three times in a night.
limits: { pagesPerNight: off, bundling: off }
defaults: { contactMethods: trusted }
integrations:
  alertmanager: { kind: alertmanager, key: { env: KEY_ALERTMANAGER } }
  generic: { kind: generic, key: { env: KEY_GENERIC } }
apiKeys:
  cli: { key: { env: KEY_API } }
businessHours: { zone: UTC }
`;
}

/** Tocsin whole, on a real Temporal Server, with the phone booth for Twilio and SMTP. Only the clock's numbers are small. */
export interface RunningSystem {
  readonly url: string;
  readonly booth: Booth;
  readonly server: RealServer;
  readonly client: Client;
  /** Calls the HTTP API; the body is parsed when it is JSON. */
  readonly request: ApiRequest;
  /** Posts one Alertmanager payload. */
  alert(
    status: 'firing' | 'resolved',
    changes?: { readonly group?: string; readonly service?: string },
  ): Promise<number>;
  /** The open incidents, newest first. */
  incidents(): Promise<readonly { readonly id: string }[]>;
  /** The opening id of the one open incident with this title: waits up to 10 s for it. */
  oneOpen(title: string): Promise<string>;
  view(openingId: string): Promise<IncidentView>;
  /** Waits until the incident looks like this: asked anew every 100 ms. */
  until(
    openingId: string,
    what: string,
    holds: (view: IncidentView) => boolean,
    timeoutMs?: number,
  ): Promise<IncidentView>;
  review(openingId: string): Promise<ReviewView>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

/** One second of a policy is short: requests that take long fail the test they belong to. */
const STEP_MS = 100;
const REVIEW_BEGINS_MS = 10_000;

export async function startSystem(
  options: {
    readonly config?: string;
    readonly server?: RealServer;
    /** What the config refers to beside the keys. */
    readonly env?: Readonly<Record<string, string>>;
    /** Absent: none. Whoever opened it closes it, after the system. */
    readonly store?: Store;
    /** One call and one segment a second, as a real number has it; the booth refuses what is much faster. Default: no limit. */
    readonly isPaced?: boolean;
  } = {},
): Promise<RunningSystem> {
  const server = options.server ?? (await startRealServer());
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-e2e-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // The way there takes now more, now less time.
  const limits = { callsPerSecond: 1.25, segmentsPerSecond: 1.25 };
  const booth = createBooth({
    inboundUrl: `${url}/hooks/twilio/sms`,
    ...(options.isPaced === true ? { limits } : {}),
  });
  await booth.start();

  const path = join(directory, 'tocsin.yaml');
  await writeFile(path, options.config ?? configOf());
  const loaded = await loadConfig(path, {
    KEY_ALERTMANAGER: KEYS.alertmanager,
    KEY_GENERIC: KEYS.generic,
    KEY_PAGERDUTY: KEYS.pagerduty,
    KEY_API: KEYS.api,
    ...options.env,
  });
  if (!loaded.ok)
    throw new Error(loaded.problems.map((problem) => `${problem.path}: ${problem.message}`).join('\n'));
  const { config } = loaded;
  const tokens = createTokens(['a-secret-of-sixteen-characters']);
  const log = pino({ level: 'silent' });
  const ends: (() => Promise<void> | void)[] = [];
  const { store } = options;
  const followed = followStore({
    ...{ store, dataDir: directory, log, tokens, now: () => Date.now() },
    cleanups: { add: (_words, end) => void ends.push(end) },
    config: () => config,
  });
  const client = await server.client();
  const connection = await server.nativeConnection();

  let worker: Worker | undefined;
  let running: Promise<void> | undefined;
  async function startWorker(): Promise<void> {
    const sending = {
      config: followed.config,
      providers: createProviderSet(
        {
          TWILIO_ACCOUNT_SID: booth.accountSid,
          TWILIO_AUTH_TOKEN: booth.authToken,
          TWILIO_FROM: '+12025550000',
          TWILIO_BASE_URL: booth.httpUrl,
          SMTP_URL: booth.smtpUrl,
          MAIL_FROM: 'tocsin@example.com',
        },
        () => config,
      ),
      tokens,
      clock: () => Date.now(),
      log,
      health: createProviderHealth(),
      ...(options.isPaced === true ? { pacer: createPacer() } : {}),
    };
    const activities = createActivities({
      ...sending,
      publicUrl: url,
      openings: createOpeningsReader(client.workflow),
      // On a busy machine a store takes its time.
      ...(store === undefined ? {} : { bundles: store.bundles, markWithinMs: 2_000 }),
    });
    const letters = createLetterActivities(sending);
    worker = await createWorker({
      connection,
      namespace: server.target.namespace,
      activities,
      letters,
      handoffs: createHandoffActivities({
        ...createHandoffPorts({ client, known: followed.known }),
        ...sending,
        sendLetter: (input) => letters.sendLetter(input),
        ...(store === undefined ? {} : { store }),
        publicUrl: url,
      }),
      records: createRecordActivities({ ...(store === undefined ? {} : { store }), log }),
      workflowBundle: await bundleForTests(),
    });
    running = worker.run();
  }
  async function stopWorker(): Promise<void> {
    worker?.shutdown();
    await running;
    worker = undefined;
    running = undefined;
  }
  await startWorker();

  const app: FastifyInstance = createApp({
    config: () => config,
    incidents:
      store === undefined
        ? createIncidents({ client })
        : withRecords(createIncidents({ client }), store.records),
    ...(store === undefined
      ? {}
      : {
          records: {
            ...createRecordRebuilder({ client, records: store.records }),
            pages: (span, limits) => store.records.pages(span, limits),
          },
        }),
    ...(store === undefined ? {} : { store }),
    ...(followed.known === undefined ? {} : { known: followed.known }),
    ...(followed.maintenance === undefined ? {} : { maintenance: followed.maintenance }),
    ...(followed.verified === undefined ? {} : { verified: followed.verified }),
    letters: createLetters({ client }),
    handoffs: createHandoffWorkflows({ client }),
    tokens,
    twilioAuthTokens: [booth.authToken],
    publicUrl: url,
    now: () => Date.now(),
    log,
    metrics: createMetrics(),
    readiness: () => Promise.resolve({ ok: true, checks: [] }),
    sendText: createTextSender({ config: () => config, now: () => Date.now(), log }),
  });
  await app.listen({ host: '127.0.0.1', port });
  if ((app.server.address() as AddressInfo).port !== port) throw new Error('The API took another port.');

  const system: RunningSystem = {
    url,
    booth,
    server,
    client,
    request: apiRequest(() => url, KEYS.api),
    async alert(status, { group = 'g1', service = 'payments' } = {}) {
      const alert = {
        status,
        labels: { alertname: 'CheckoutDown', service, severity: 'critical' },
        annotations: { summary: 'checkout is down' },
        startsAt: '2026-11-21T10:00:00Z',
        endsAt: status === 'resolved' ? '2026-11-21T10:10:00Z' : '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example.com/graph',
        fingerprint: `fp-${group}`,
      };
      const { status: code } = await system.request('POST', '/v1/alerts/alertmanager', {
        key: KEYS.alertmanager,
        body: {
          version: '4',
          groupKey: `{}:{alertname="CheckoutDown",group="${group}"}`,
          truncatedAlerts: 0,
          status,
          receiver: 'tocsin',
          groupLabels: { alertname: 'CheckoutDown' },
          commonLabels: alert.labels,
          commonAnnotations: alert.annotations,
          externalURL: 'http://alertmanager.example.com',
          alerts: [alert],
        },
      });
      return code;
    },
    async incidents() {
      const { body } = await system.request('GET', '/v1/incidents');
      return (body as { incidents: { id: string }[] }).incidents;
    },
    async oneOpen(title) {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const { body } = await system.request('GET', '/v1/incidents?open=true');
        const { incidents } = body as { incidents: readonly { openingId: string; title: string }[] };
        const [first, ...others] = incidents.filter((incident) => incident.title === title);
        if (first !== undefined && others.length === 0) return first.openingId;
        if (Date.now() > deadline)
          throw new Error(`${first === undefined ? 'No' : 'More than one'} incident "${title}" is open.`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async view(openingId) {
      const { status, body } = await system.request('GET', `/v1/incidents/${openingId}`);
      if (status !== 200) throw new Error(`GET incident answered ${status}: ${JSON.stringify(body)}`);
      return body as IncidentView;
    },
    async until(openingId, what, holds, timeoutMs = 20_000) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const view = await system.view(openingId);
        if (holds(view)) return view;
        if (Date.now() > deadline)
          throw new Error(`Waited ${timeoutMs} ms for "${what}"; it is ${JSON.stringify(view, null, 1)}`);
        await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      }
    },
    async review(openingId) {
      const handle = client.workflow.getHandle(`review:${openingId}`);
      // An incident shows itself resolved a moment before its review has begun.
      for (const deadline = Date.now() + REVIEW_BEGINS_MS; ;) {
        try {
          return await handle.query<ReviewView, []>('review');
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError) || Date.now() > deadline) throw error;
          await new Promise((resolve) => setTimeout(resolve, STEP_MS));
        }
      }
    },
    startWorker,
    stopWorker,
    async stop() {
      await app.close();
      await stopWorker();
      for (const end of ends) await end();
      await booth.stop();
      if (options.server === undefined) await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return system;
}
