import { describe, expect, it } from 'vitest';
import { incidentKey } from '../../api/intake/normalize.js';
import { amAlert, amPayload } from './support/alertmanager-payload.js';
import { createTestApp, NOW, type TestApp } from './support/test-app.js';
import { ALERTMANAGER_KEY, GROUPED_KEY } from './support/test-config.js';

const URL = '/v1/alerts/alertmanager';

function send(test: TestApp, body: object, key = ALERTMANAGER_KEY) {
  return test.app.inject({
    method: 'POST',
    url: URL,
    headers: { authorization: `Bearer ${key}` },
    payload: body,
  });
}

interface Accepted {
  accepted: number;
  incidents: {
    key: string;
    service: string;
    severity: string;
    firing: number;
    resolved: number;
    remarks: string[];
  }[];
}

describe('POST /v1/alerts/alertmanager', () => {
  it('opens one incident for the group and says which', async () => {
    const test = createTestApp();
    const answer = await send(test, amPayload());
    expect(answer.statusCode).toBe(202);
    const key = incidentKey('prometheus', '{}/{severity="critical"}:{alertname="HighErrorRate"}');
    expect(key).toMatch(/^[0-9a-f]{20}$/);
    expect(answer.json<Accepted>()).toEqual({
      accepted: 1,
      incidents: [{ key, service: 'payments', severity: 'SEV1', firing: 1, resolved: 0, remarks: [] }],
    });
    const [taken] = test.incidents.taken;
    expect(taken?.input).toMatchObject({
      key,
      title: 'HighErrorRate',
      severity: 'SEV1',
      source: 'prometheus',
      resolves: true,
    });
    expect(taken?.batch).toEqual({
      integration: 'prometheus',
      resolves: true,
      receivedAt: NOW,
      alerts: [
        {
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
          status: 'firing',
          startsAt: Date.parse('2026-11-24T09:58:30.123Z'),
          summary: 'Error rate above 1 % on web-1',
          severity: 'SEV1',
          link: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
        },
      ],
    });
  });

  it('answers only once Temporal has it', async () => {
    const test = createTestApp();
    let release = (): void => undefined;
    const reached = new Promise<void>((entered) => {
      test.incidents.onIntake = () => {
        entered();
        return new Promise((resolve) => (release = resolve));
      };
    });
    let answered = false;
    const answer = send(test, amPayload()).then((value) => {
      answered = true;
      return value;
    });
    await reached;
    expect(answered).toBe(false);
    release();
    expect((await answer).statusCode).toBe(202);
  });

  it('answers 503 with Retry-After while Temporal is away, so that the sender tries again', async () => {
    const test = createTestApp();
    test.incidents.away = 'temporal';
    const answer = await send(test, amPayload());
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json()).toMatchObject({ error: { code: 'temporal-unavailable' } });
    expect(await test.metrics()).toContain(
      'tocsin_intake_deliveries_total{sender="alertmanager",answer="unavailable"} 1',
    );
  });

  it('takes the worst severity of what fires, and the service of that alert', async () => {
    const test = createTestApp();
    const alerts = [
      amAlert({ labels: { alertname: 'Slow', service: 'orders', severity: 'warning' }, fingerprint: 'aa' }),
      amAlert({
        labels: { alertname: 'Down', service: 'payments', severity: 'critical' },
        fingerprint: 'bb',
      }),
      amAlert({
        labels: { alertname: 'Gone', service: 'orders', severity: 'page' },
        status: 'resolved',
        endsAt: '2026-11-24T09:59:00Z',
        fingerprint: 'cc',
      }),
    ];
    const answer = await send(test, amPayload({ alerts, commonLabels: {}, groupLabels: {} }));
    expect(answer.json<Accepted>().incidents).toMatchObject([
      { service: 'payments', severity: 'SEV1', firing: 2, resolved: 1 },
    ]);
    expect(test.incidents.taken).toHaveLength(1);
    expect(test.incidents.taken[0]?.batch.alerts.map(({ severity }) => severity)).toEqual([
      'SEV2',
      'SEV1',
      'SEV0',
    ]);
  });

  it('sends all-resolved groups to the open incident only: none open is fine', async () => {
    const test = createTestApp();
    const alerts = [amAlert({ status: 'resolved', endsAt: '2026-11-24T10:00:00Z' })];
    const answer = await send(test, amPayload({ status: 'resolved', alerts }));
    expect(answer.statusCode).toBe(202);
    expect(test.incidents.taken).toEqual([]);
    expect(test.incidents.resolvedBatches).toHaveLength(1);
    const fired = createTestApp();
    await send(fired, amPayload());
    expect(test.incidents.resolvedBatches[0]?.key).toBe(fired.incidents.taken[0]?.input.key);
    expect(test.incidents.resolvedBatches[0]?.batch.alerts[0]?.fingerprint).toBe(
      fired.incidents.taken[0]?.batch.alerts[0]?.fingerprint,
    );
  });

  it('prefers the common summary as title and keeps it to one line of 200 characters', async () => {
    const test = createTestApp();
    const summary = `Payments\n are failing ${'é'.repeat(300)}`;
    await send(test, amPayload({ commonAnnotations: { summary } }));
    const title = test.incidents.taken[0]?.input.title ?? '';
    expect(title.startsWith('Payments are failing é')).toBe(true);
    expect([...title]).toHaveLength(200);
  });

  it('carries the number of alerts that Alertmanager left out', async () => {
    const test = createTestApp();
    await send(test, amPayload({ truncatedAlerts: 4321 }));
    expect(test.incidents.taken[0]?.batch.truncated).toBe(4321);
  });

  it('names an alert without fingerprint by its labels, whatever their order', async () => {
    const test = createTestApp();
    const { fingerprint: _left, ...bare } = amAlert();
    const turned = {
      ...bare,
      labels: Object.fromEntries(Object.entries(bare['labels'] as object).reverse()),
    };
    await send(test, amPayload({ alerts: [bare, turned, amAlert()] }));
    const [first, second, third] =
      test.incidents.taken[0]?.batch.alerts.map((alert) => alert.fingerprint) ?? [];
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  it('makes one incident for each value of the groupBy labels, each in one signal', async () => {
    const test = createTestApp();
    const alert = (service: string, zone: string, instance: string) =>
      amAlert({
        labels: { alertname: 'X', service, zone, instance, severity: 'critical' },
        fingerprint: instance,
      });
    const alerts = [
      alert('payments', 'a', '1'),
      alert('orders', 'a', '2'),
      alert('payments', 'a', '3'),
      alert('payments', 'b', '4'),
    ];
    const answer = await send(test, amPayload({ alerts, truncatedAlerts: 2 }), GROUPED_KEY);
    expect(answer.json<Accepted>().incidents.map(({ service, firing }) => [service, firing])).toEqual([
      ['payments', 2],
      ['orders', 1],
      ['payments', 1],
    ]);
    expect(test.incidents.taken).toHaveLength(3);
    expect(new Set(test.incidents.taken.map(({ input }) => input.key)).size).toBe(3);
    expect(test.incidents.taken.map(({ batch }) => batch.truncated)).toEqual([2, undefined, undefined]);
    expect(test.incidents.taken[0]?.input.key).toBe(incidentKey('grouped', ['payments', 'a']));
  });

  it('says 503 when one of several groups could not be handed over', async () => {
    const test = createTestApp();
    let count = 0;
    test.incidents.onIntake = () => {
      count += 1;
      if (count === 2) test.incidents.away = 'temporal';
      return Promise.resolve();
    };
    const alerts = ['a', 'b', 'c'].map((zone) =>
      amAlert({ labels: { alertname: 'X', service: 'payments', zone }, fingerprint: zone }),
    );
    expect((await send(test, amPayload({ alerts }), GROUPED_KEY)).statusCode).toBe(503);
  });

  it('takes 5,000 alerts of one group as one incident, in signals below 512 kB', async () => {
    const test = createTestApp();
    const alerts = Array.from({ length: 5_000 }, (_, index) =>
      amAlert({
        fingerprint: String(index),
        annotations: { summary: `Disk ${index} ${'is full '.repeat(30)}` },
      }),
    );
    const answer = await send(test, amPayload({ alerts }));
    expect(answer.statusCode).toBe(202);
    expect(answer.json<Accepted>()).toMatchObject({ accepted: 5_000, incidents: [{ firing: 5_000 }] });
    expect(new Set(test.incidents.taken.map(({ input }) => input.key)).size).toBe(1);
    const sizes = test.incidents.taken.map(({ batch }) => JSON.stringify(batch.alerts).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(512 * 1024);
    expect(test.incidents.taken.flatMap(({ batch }) => batch.alerts)).toHaveLength(5_000);
  });

  it('routes an unknown service to the catch-all, and says so', async () => {
    const test = createTestApp();
    const answer = await send(
      test,
      amPayload({ alerts: [amAlert({ labels: { service: 'nobody-knows' } })] }),
    );
    expect(answer.statusCode).toBe(202);
    expect(answer.json<Accepted>().incidents).toMatchObject([
      { service: 'catch-all', remarks: ['Service nobody-knows is unknown: routed to catch-all.'] },
    ]);
    expect(test.incidents.taken[0]?.input.plan.remarks).toEqual([
      'Service nobody-knows is unknown: routed to catch-all.',
    ]);
  });

  it('ignores fields that a newer Alertmanager adds', async () => {
    const test = createTestApp();
    const body = amPayload({ notification_reason: 'repeat', routeLabels: { a: 'b' }, orgId: 1 });
    expect((await send(test, body)).statusCode).toBe(202);
  });

  it('leaves out a link that is no web address', async () => {
    const test = createTestApp();
    await send(test, amPayload({ alerts: [amAlert({ generatorURL: 'javascript:alert(1)' })] }));
    expect(test.incidents.taken[0]?.batch.alerts[0]).not.toHaveProperty('link');
  });
});
