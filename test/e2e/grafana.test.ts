import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grafanaAlert, grafanaPayload, grafanaTest } from '../api/support/grafana-payload.js';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { personalData } from './support/histories.js';
import { codeKnown, pagesTo } from './support/stage.js';

// Any key will do: it is the kind that makes it Grafana's.
const KEY = KEYS.pagerduty;
const cast = createCast({
  people: { alice: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }] },
  timings: { stability: '1s' },
  integrations: { grafana: '{ kind: grafana, key: { env: KEY_PAGERDUTY }, service: shop }' },
});
const ALICE = cast.phone('alice');

describe('Grafana alerting', () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await startSystem({ config: cast.yaml });
  });
  afterAll(() => system.stop());

  /** As a contact point signs it. */
  async function notify(payload: object): Promise<string> {
    const body = JSON.stringify(payload);
    const seconds = String(Math.floor(Date.now() / 1_000));
    const response = await fetch(`${system.url}/v1/alerts/grafana`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-grafana-alerting-signature': createHmac('sha256', KEY).update(`${seconds}:${body}`).digest('hex'),
        'x-grafana-alerting-signature-timestamp': seconds,
      },
      body,
    });
    expect(response.status).toBe(202);
    const { incidents } = (await response.json()) as { incidents: readonly { key: string }[] };
    return incidents[0]?.key ?? '';
  }

  test('a signed alert pages with its values, links to its panel, and its end resolves it', async () => {
    const alert = (status: string, fingerprint: string) =>
      grafanaAlert({
        status,
        fingerprint,
        annotations: {},
        labels: { alertname: 'High load', service: 'shop' },
      });
    const firing = [alert('firing', 'aaaaaaaaaaaaaaa1')];
    const group = { commonLabels: { alertname: 'High load' }, groupLabels: {} };
    await notify(grafanaPayload({ ...group, alerts: firing }));
    const sms = await system.booth.nextSms({
      to: ALICE,
      about: 'High load: B 44.24, C 1',
      timeoutMs: 10_000,
    });
    const code = /ACK (\w{4})/.exec(sms.body)?.[1] ?? '';
    await codeKnown(system, code);
    const { body } = await system.request('GET', `/v1/incidents/${code}`);
    const { openingId, link, links } = body as { openingId: string; link: string; links: { text: string }[] };
    expect(link).toBe(grafanaAlert()['panelURL']);
    expect(links.map(({ text }) => text)).toEqual(['Dashboard', 'Rule', 'Silence it']);
    // The same again, as Grafana repeats itself, and then the end.
    await notify(grafanaPayload({ ...group, alerts: firing }));
    await notify(
      grafanaPayload({ ...group, status: 'resolved', alerts: [alert('resolved', 'aaaaaaaaaaaaaaa1')] }),
    );
    const resolved = await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
    expect(resolved.alerts).toEqual({ firing: 0, total: 1 });
    expect(pagesTo(system, ALICE, code)).toHaveLength(1);
  });

  test('the button "Test" pages, and the resolve of a person is enough to end it', async () => {
    await notify(grafanaTest());
    const sms = await system.booth.nextSms({
      to: ALICE,
      about: 'Test of the Grafana contact point',
      timeoutMs: 10_000,
    });
    const code = /ACK (\w{4})/.exec(sms.body)?.[1] ?? '';
    await codeKnown(system, code);
    const { body } = await system.request('GET', `/v1/incidents/${code}`);
    const { openingId } = body as { openingId: string };
    await system.booth.reply(ALICE, `RESOLVE ${code}`);
    await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
  });

  test('no number and no address is in any history', async () => {
    expect(await personalData(system)).toEqual([]);
  });
});
