import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { incidentKey } from '../../api/intake/normalize.js';
import { grafanaAlert, grafanaPayload, grafanaTest } from './support/grafana-payload.js';
import { createTestApp, NOW, type TestApp } from './support/test-app.js';
import { ALERTMANAGER_KEY, GRAFANA_KEY } from './support/test-config.js';

const URL = '/v1/alerts/grafana';
const SIGNATURE = 'x-grafana-alerting-signature';
const TIMESTAMP = 'x-grafana-alerting-signature-timestamp';

function send(test: TestApp, body: object | string, headers: Record<string, string> = {}) {
  return test.app.inject({
    method: 'POST',
    url: URL,
    headers: { authorization: `Bearer ${GRAFANA_KEY}`, 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function titled(body: object): Promise<{ title: string; summary: string }> {
  const test = createTestApp();
  expect((await send(test, body)).statusCode).toBe(202);
  const [taken] = test.incidents.taken;
  return { title: taken?.input.title ?? '', summary: taken?.batch.alerts[0]?.summary ?? '' };
}

describe('POST /v1/alerts/grafana', () => {
  it('opens one incident for the group, on the service and severity of its labels', async () => {
    const test = createTestApp();
    await send(test, grafanaPayload({ truncatedAlerts: 3 }));
    const [taken] = test.incidents.taken;
    const { groupKey } = grafanaPayload();
    expect(taken?.input).toMatchObject({
      key: incidentKey('grafana', JSON.stringify([1, groupKey])),
      title: 'Load of node-1 is above 10',
      severity: 'SEV1',
      resolves: true,
    });
    expect(taken?.input.plan.service.id).toBe('payments');
    expect(taken?.batch).toMatchObject({
      truncated: 3,
      alerts: [{ startsAt: Date.UTC(2026, 10, 24, 9, 58, 30) }],
    });
  });

  it('keeps the same group of two organizations apart', async () => {
    const test = createTestApp();
    await send(test, grafanaPayload({ orgId: 1 }));
    await send(test, grafanaPayload({ orgId: 2 }));
    const [first, second] = test.incidents.taken.map(({ input }) => input.key);
    expect(second).not.toBe(first);
  });

  it('says the values where the rule has no summary', async () => {
    const bare = grafanaAlert({ annotations: {} });
    const one = await titled(grafanaPayload({ alerts: [bare] }));
    expect(one).toEqual({ title: 'High load: B 44.24, C 1', summary: 'High load: B 44.24, C 1' });
    const broken = grafanaAlert({ annotations: {}, values: { B: null, C: 0.000012341, D: 123456.7 } });
    expect((await titled(grafanaPayload({ alerts: [broken] }))).summary).toBe(
      'High load: C 0.00001234, D 123457',
    );
    const none = grafanaAlert({ annotations: {}, values: null });
    expect((await titled(grafanaPayload({ alerts: [none, bare] }))).title).toBe('High load');
  });

  it.each([
    ['DatasourceNoData', {}, 'No data for High load'],
    [
      'DatasourceError',
      { Error: 'dial tcp: i/o timeout' },
      'Grafana cannot evaluate High load: dial tcp: i/o timeout',
    ],
    ['DatasourceError', {}, 'Grafana cannot evaluate High load'],
  ])(
    'says of %s what it is about, instead of the summary of a rule without values',
    async (alertname, error, said) => {
      const labels = { alertname, rulename: 'High load', datasource_uid: 'x', ref_id: 'A' };
      const annotations = { summary: 'Load is [no value]', ...error };
      const alerts = [grafanaAlert({ labels, annotations, values: null })];
      const sent = grafanaPayload({ alerts, commonLabels: labels, commonAnnotations: annotations });
      expect(await titled(sent)).toEqual({ title: said, summary: said });
    },
  );

  it('opens an incident for the button "Test" that says so, and that a person alone can end', async () => {
    const test = createTestApp();
    expect((await send(test, grafanaTest())).statusCode).toBe(202);
    expect(test.incidents.taken[0]?.input).toMatchObject({
      title: 'Test of the Grafana contact point: Notification test',
      resolves: false,
    });
    await send(test, grafanaPayload());
    expect(test.incidents.taken[1]?.input.resolves).toBe(true);
  });

  it('has the dashboard, the rule and the silence at hand, once for the group', async () => {
    const test = createTestApp();
    const alerts = [grafanaAlert(), grafanaAlert({ fingerprint: 'another' })];
    await send(test, grafanaPayload({ alerts }));
    const [first, second] = test.incidents.taken[0]?.batch.alerts ?? [];
    expect(first?.links).toEqual([
      { text: 'Dashboard', href: 'https://grafana.example.com/d/nodes?orgId=1' },
      { text: 'Rule', href: 'https://grafana.example.com/alerting/grafana/bdq1/view?orgId=1' },
      { text: 'Silence it', href: grafanaAlert()['silenceURL'] },
    ]);
    expect(second).not.toHaveProperty('links');
  });

  it.each([
    [{}, 'https://grafana.example.com/d/nodes?orgId=1&viewPanel=4'],
    [{ panelURL: '' }, 'https://grafana.example.com/d/nodes?orgId=1'],
    [{ panelURL: '', dashboardURL: '' }, 'https://grafana.example.com/alerting/grafana/bdq1/view?orgId=1'],
    [{ panelURL: '', dashboardURL: '', generatorURL: 'javascript:alert(1)' }, undefined],
  ])('links to the panel, else the dashboard, else the rule: %j', async (changes, link) => {
    const test = createTestApp();
    await send(test, grafanaPayload({ alerts: [grafanaAlert(changes)] }));
    expect(test.incidents.taken[0]?.batch.alerts[0]?.link).toBe(link);
  });
});

describe('the key of a Grafana integration', () => {
  const body = JSON.stringify(grafanaPayload());
  const seconds = String(NOW / 1_000 - 20);
  const sign = (text: string, key: string = GRAFANA_KEY) =>
    createHmac('sha256', key).update(text).digest('hex');

  function signed(test: TestApp, headers: Record<string, string>, payload = body) {
    return test.app.inject({
      method: 'POST',
      url: URL,
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    });
  }

  it('may be the password of basic authentication, whatever the user name', async () => {
    const test = createTestApp();
    const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
    expect((await send(test, body, basic(`grafana:${GRAFANA_KEY}`))).statusCode).toBe(202);
    expect((await send(test, body, basic(`:${GRAFANA_KEY}`))).statusCode).toBe(202);
    for (const wrong of [
      `grafana:${GRAFANA_KEY}x`,
      `${GRAFANA_KEY}:grafana`,
      `grafana:${ALERTMANAGER_KEY}`,
    ]) {
      const answer = await send(test, body, basic(wrong));
      expect([401, 403]).toContain(answer.statusCode);
    }
    expect(test.incidents.taken).toHaveLength(2);
  });

  it.each([
    ['the body', { [SIGNATURE]: sign(body) }],
    ['the body and a time', { [SIGNATURE]: sign(`${seconds}:${body}`), [TIMESTAMP]: seconds }],
    ['the body, in capitals', { [SIGNATURE]: sign(body).toUpperCase() }],
  ])('may sign %s', async (_case, headers) => {
    const test = createTestApp();
    expect((await signed(test, headers)).statusCode).toBe(202);
    expect(test.incidents.taken[0]?.input.source).toBe('grafana');
  });

  const old = String(NOW / 1_000 - 301);
  const early = String(NOW / 1_000 + 301);
  it.each([
    ['another key', { [SIGNATURE]: sign(body, 'another-key') }],
    ['a key of another kind', { [SIGNATURE]: sign(body, ALERTMANAGER_KEY) }],
    ['another body', { [SIGNATURE]: sign(`${body} `) }],
    ['a body without the time it came with', { [SIGNATURE]: sign(body), [TIMESTAMP]: seconds }],
    ['a time that was taken away', { [SIGNATURE]: sign(`${seconds}:${body}`) }],
    ['five minutes ago', { [SIGNATURE]: sign(`${old}:${body}`), [TIMESTAMP]: old }],
    ['in five minutes', { [SIGNATURE]: sign(`${early}:${body}`), [TIMESTAMP]: early }],
    ['at no time', { [SIGNATURE]: sign(`soon:${body}`), [TIMESTAMP]: 'soon' }],
    ['nothing', { [SIGNATURE]: '' }],
    ['with zeros', { [SIGNATURE]: '0'.repeat(64) }],
  ])('is refused when it signed with or for %s', async (_case, headers) => {
    const test = createTestApp();
    const answer = await signed(test, headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.json<ErrorBody>().error.code).toBe('forged-signature');
    expect(test.incidents.taken).toEqual([]);
  });

  it('that signed what is no JSON is known, and a person hears of it', async () => {
    const test = createTestApp();
    const answer = await signed(test, { [SIGNATURE]: sign('{"alerts":') }, '{"alerts":');
    expect(answer.statusCode).toBe(400);
    expect(test.incidents.taken[0]?.input.title).toBe('Malformed alert from integration grafana');
    expect((await signed(test, { [SIGNATURE]: sign('wrong') }, '{"alerts":')).statusCode).toBe(403);
    expect(test.incidents.taken).toHaveLength(1);
  });

  it('that is missing is answered with all that would do', async () => {
    const test = createTestApp();
    const answer = await signed(test, {});
    expect(answer.statusCode).toBe(401);
    const { error } = answer.json<ErrorBody>();
    expect(error.code).toBe('missing-key');
    for (const way of ['Bearer <key>', 'basic authentication', 'HMAC']) expect(error.remedy).toContain(way);
  });
});
