import { describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from './support/test-app.js';
import { GENERIC_KEY } from './support/test-config.js';

function send(test: TestApp, body: object) {
  return test.app.inject({
    method: 'POST',
    url: '/v1/alerts/generic',
    headers: { authorization: `Bearer ${GENERIC_KEY}` },
    payload: body,
  });
}

describe('POST /v1/alerts/generic', () => {
  it('opens an incident from a summary alone, on the service of the integration', async () => {
    const test = createTestApp();
    const answer = await send(test, { summary: 'Nightly backup failed' });
    expect(answer.statusCode).toBe(202);
    const [taken] = test.incidents.taken;
    expect(taken?.input).toMatchObject({
      title: 'Nightly backup failed',
      severity: 'SEV2',
      source: 'scripts',
      resolves: true,
    });
    expect(taken?.input.plan.service.id).toBe('orders');
    expect(taken?.batch.alerts[0]).toMatchObject({ status: 'firing', startsAt: null });
  });

  it('sends the same body to the same incident, and its resolved too', async () => {
    const test = createTestApp();
    const body = { summary: 'Backup failed', labels: { host: 'db-1', disk: 'sda' }, severity: 'critical' };
    await send(test, body);
    await send(test, { ...body, labels: { disk: 'sda', host: 'db-1' } });
    await send(test, { ...body, status: 'resolved' });
    await send(test, { ...body, labels: { host: 'db-2' } });
    const [first, second, other] = test.incidents.taken.map(({ input }) => input.key);
    expect(second).toBe(first);
    expect(test.incidents.resolvedBatches[0]).toMatchObject({ key: first, batch: { resolves: true } });
    expect(other).not.toBe(first);
  });

  it('counts on a resolved, with a key and without, unless the sender says otherwise', async () => {
    const test = createTestApp();
    await send(test, { summary: 'a', key: 'disk-db-1' });
    await send(test, { summary: 'b', key: 'disk-db-2', resolves: false });
    await send(test, { summary: 'c' });
    expect(test.incidents.taken.map(({ batch }) => batch.resolves)).toEqual([true, false, true]);
  });

  it('takes a dedup key of 10 kB: its hash is what counts', async () => {
    const test = createTestApp();
    const key = 'k'.repeat(10_000);
    expect((await send(test, { summary: 'x', key: `${key}1` })).statusCode).toBe(202);
    expect((await send(test, { summary: 'x', key: `${key}2` })).statusCode).toBe(202);
    const [first, second] = test.incidents.taken;
    expect(first?.input.key).toMatch(/^[0-9a-f]{20}$/);
    expect(first?.batch.alerts[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(second?.input.key).not.toBe(first?.input.key);
  });

  it('takes a link with blanks around it, and leaves out one that could break out of where it stands', async () => {
    const test = createTestApp();
    await send(test, { summary: 'a', link: " https://kibana.example.com/#/d?_a=(q:'x') \n" });
    await send(test, { summary: 'b', link: 'https://example.com/"onmouseover="alert(1)' });
    expect(test.incidents.taken.map(({ batch }) => batch.alerts[0]?.link)).toEqual([
      "https://kibana.example.com/#/d?_a=(q:'x')",
      undefined,
    ]);
  });

  it('reads service, severity, labels, link and start', async () => {
    const test = createTestApp();
    await send(test, {
      summary: 'Disk full',
      key: 'disk',
      service: 'payments',
      severity: 'critical',
      labels: { host: 'db-1' },
      link: 'https://grafana.example.com/d/1',
      startsAt: '2026-11-24T10:00:00+01:00',
    });
    const [taken] = test.incidents.taken;
    expect(taken?.input.plan.service.id).toBe('payments');
    expect(taken?.batch.alerts[0]).toMatchObject({
      severity: 'SEV1',
      link: 'https://grafana.example.com/d/1',
      startsAt: Date.UTC(2026, 10, 24, 9),
    });
  });
});
