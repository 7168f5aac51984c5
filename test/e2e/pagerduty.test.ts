import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPagerDutyClient, type PagerDutyClient } from '../support/pagerduty-client.js';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { startTlsFront, type TlsFront } from '../support/tls-front.js';
import { findAlertmanager, startAlertmanager, type PrometheusAlert } from './support/alertmanager.js';
import { createCast } from './support/cast.js';
import { personalData } from './support/histories.js';
import { entriesOf, pagesTo } from './support/stage.js';
import { startRestartableServer, type RestartableServer } from './support/temporal.js';

const program = findAlertmanager(process.env['PATH'] ?? '');

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'], timeout: '3s' }, { to: ['bob'] }] },
  timings: { stability: '2s' },
  integrations: { pagerduty: '{ kind: pagerduty, key: { env: KEY_PAGERDUTY }, service: shop }' },
});
const ALICE = cast.phone('alice');
const BOB = cast.phone('bob');

describe("PagerDuty's clients, told of another URL", () => {
  let temporal: RestartableServer;
  let system: RunningSystem;
  let front: TlsFront;
  let client: PagerDutyClient;

  beforeAll(async () => {
    temporal = await startRestartableServer();
    system = await startSystem({ config: cast.yaml, server: temporal });
    front = await startTlsFront(Number(new URL(system.url).port));
    client = createPagerDutyClient({ front, routingKey: KEYS.pagerduty });
  });
  afterAll(async () => {
    await front.stop();
    await system.stop();
    await temporal.stop();
  });

  test('its library pages, an acknowledge at once stops the paging and is told, and its resolve ends it', async () => {
    const triggered = await client.trigger('Checkout is down', {
      dedup_key: 'shop/checkout',
      links: [
        { href: 'https://wiki.example.com/checkout' },
        { href: 'https://example.com/d/1', text: 'Graph' },
      ],
    });
    expect(triggered).toMatchObject({ status: 202, data: { dedup_key: 'shop/checkout' } });
    const acknowledged = await client.acknowledge('shop/checkout');
    expect(acknowledged.status).toBe(202);
    const openingId = await system.oneOpen('Checkout is down');
    const view = await system.view(openingId);
    expect(view).toMatchObject({ phase: 'acknowledged', service: 'shop', paging: false });
    expect(view.owner?.name).toBe('integration pagerduty');
    expect(view).toMatchObject({
      link: 'https://wiki.example.com/checkout',
      links: [{ text: 'Graph', href: 'https://example.com/d/1' }],
    });

    // A second one, which alice does see first: she hears who has it, and bob is not paged when her time is over.
    await client.trigger('Orders are late', { dedup_key: 'shop/orders' });
    const sms = await system.booth.nextSms({ to: ALICE, about: 'Orders are late', timeoutMs: 10_000 });
    expect((await client.acknowledge('shop/orders')).status).toBe(202);
    const second = await system.oneOpen('Orders are late');
    const { code } = await system.view(second);
    expect(sms.body).toContain(`ACK ${code}`);
    await expect
      .poll(
        () => system.booth.messages.some(({ to, body }) => to === ALICE && /pagerduty has it/i.test(body)),
        {
          timeout: 10_000,
        },
      )
      .toBe(true);
    const { paging, deadlines } = await system.view(second);
    expect(paging).toBe(false);
    expect(deadlines.map(({ name }) => name)).not.toContain('ack');

    for (const [key, id] of [
      ['shop/checkout', openingId],
      ['shop/orders', second],
    ] as const) {
      expect((await client.resolve(key)).status).toBe(202);
      await system.until(id, 'resolved', ({ phase }) => phase === 'resolved');
    }
    expect(pagesTo(system, BOB, code)).toEqual([]);
    // Long over: accepted, and nothing comes of it.
    expect((await client.acknowledge('shop/checkout')).status).toBe(202);
    expect((await client.resolve('shop/orders')).status).toBe(202);
  });

  test('a trigger without dedup key is one incident however often it is sent, and a worse severity pages anew', async () => {
    const first = await client.trigger('Search is slow', {
      payload: { summary: 'Search is slow', source: 'search-1', severity: 'warning' },
    });
    const again = await client.trigger('Search is slow', {
      payload: { summary: 'Search is slow', source: 'search-1', severity: 'warning' },
    });
    expect(again.data.dedup_key).toBe(first.data.dedup_key);
    const openingId = await system.oneOpen('Search is slow');
    const { severity, code } = await system.view(openingId);
    await client.acknowledge(first.data.dedup_key ?? '');
    await system.until(openingId, 'somebody has it', ({ paging }) => !paging);
    const pages = pagesTo(system, ALICE, code).length;
    const worse = await client.trigger('Search is slow', {
      payload: { summary: 'Search is slow', source: 'search-1', severity: 'critical' },
    });
    expect(worse.data.dedup_key).toBe(first.data.dedup_key);
    const raised = await system.until(openingId, 'a worse severity', (view) => view.severity !== severity);
    expect([severity, raised.severity]).toEqual(['SEV2', 'SEV1']);
    expect(raised.alerts.firing).toBe(1);
    // A machine had it: now a person is wanted.
    await expect.poll(() => pagesTo(system, ALICE, code).length, { timeout: 10_000 }).toBe(pages + 1);
    await client.resolve(first.data.dedup_key ?? '');
    await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
  });

  test.each([
    ['warning', 'critical'],
    ['critical', 'warning'],
  ] as const)('paging goes on when %s becomes %s under one timestamp', async (one, other) => {
    const title = `Queue is long, ${one} first`;
    const timestamp = new Date().toISOString();
    const send = (severity: 'warning' | 'critical') =>
      client.trigger(title, {
        dedup_key: `shop/${one}`,
        payload: { summary: title, source: 'queue-1', severity, timestamp },
      });
    expect((await send(one)).status).toBe(202);
    const openingId = await system.oneOpen(title);
    expect((await send(other)).status).toBe(202);
    const both = ({ alerts }: { alerts: { total: number } }): boolean => alerts.total === 2;
    const view = await system.until(openingId, 'both severities', both);
    expect(view).toMatchObject({ phase: 'triggered', severity: 'SEV1', alerts: { firing: 1 } });
    await expect.poll(() => pagesTo(system, BOB, view.code).length, { timeout: 10_000 }).toBeGreaterThan(0);
    await client.resolve(`shop/${one}`);
    await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
  });

  test('while Temporal is away its library tries again by itself, and the alert lands and pages once', async () => {
    await temporal.goAway();
    const patient = createPagerDutyClient({ front, routingKey: KEYS.pagerduty, retryTimeoutMs: 8_000 });
    const sending = patient.trigger('Database is down', { dedup_key: 'shop/db' });
    await expect
      .poll(
        async () => {
          const response = await fetch(`${system.url}/metrics`, {
            headers: { authorization: `Bearer ${KEYS.api}` },
          });
          return /sender="pagerduty",answer="unavailable"\} [1-9]/.test(await response.text());
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    await temporal.comeBack();
    expect((await sending).status).toBe(202);
    await system.booth.nextSms({ to: ALICE, about: 'Database is down', timeoutMs: 40_000 });
    const openingId = await system.oneOpen('Database is down');
    expect((await system.view(openingId)).alerts).toEqual({ firing: 1, total: 1 });
    await client.resolve('shop/db');
    const view = await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
    expect(pagesTo(system, ALICE, view.code)).toHaveLength(1);
  });

  test.skipIf(program === null)(
    'a real Prometheus Alertmanager with pagerduty_configs pages and resolves (needs prometheus-alertmanager on PATH)',
    async () => {
      const alertmanager = await startAlertmanager({
        program: program ?? '',
        url: `${system.url}/v2/enqueue`,
        key: KEYS.pagerduty,
        pace: { groupWait: '200ms', groupInterval: '1s', repeatInterval: '1s' },
        receiver: 'pagerduty',
      });
      try {
        const alert: PrometheusAlert = {
          labels: { alertname: 'NodeDown', service: 'shop', severity: 'critical', instance: 'a' },
          annotations: { summary: 'Node a is down' },
          startsAt: new Date(Date.now() - 30_000).toISOString(),
          generatorURL: 'http://prometheus.example.org/graph?g0.expr=up',
        };
        await alertmanager.post([alert]);
        const sms = await system.booth.nextSms({ to: ALICE, about: 'NodeDown', timeoutMs: 15_000 });
        const code = /ACK (\w{4})/.exec(sms.body)?.[1] ?? '';
        const { body } = await system.request('GET', `/v1/incidents/${code}`);
        const { openingId, link, title } = body as { openingId: string; link: string; title: string };
        // As Alertmanager words it for PagerDuty, and its own address as client.
        expect(title).toMatch(/^\[FIRING:1\] NodeDown/);
        expect(link).toMatch(/#\/alerts\?receiver=tocsin/);
        await alertmanager.post([{ ...alert, endsAt: new Date().toISOString() }]);
        const resolved = await system.until(
          openingId,
          'resolved',
          ({ phase }) => phase === 'resolved',
          30_000,
        );
        expect(resolved.severity).toBe('SEV1');
        expect(pagesTo(system, ALICE, code)).toHaveLength(1);
        expect(entriesOf(resolved, 'reopened')).toEqual([]);
      } finally {
        await alertmanager.stop();
      }
    },
  );

  test('no number and no address is in any history', async () => {
    expect(await personalData(system)).toEqual([]);
  });
});
