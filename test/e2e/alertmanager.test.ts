import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import {
  findAlertmanager,
  startAlertmanager,
  type Alertmanager,
  type PrometheusAlert,
} from './support/alertmanager.js';
import { createCast } from './support/cast.js';
import { personalData } from './support/histories.js';
import { codeKnown, entriesOf, pagesTo } from './support/stage.js';
import { startRestartableServer, type RestartableServer } from './support/temporal.js';

const program = findAlertmanager(process.env['PATH'] ?? '');

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }, { to: ['bob'] }] },
  timings: { stability: '2s' },
});
const ALICE = cast.phone('alice');

/** As Prometheus words an alert of ours. */
function alertOf(name: string, changes: Partial<PrometheusAlert> = {}, instance = 'a'): PrometheusAlert {
  return {
    labels: { alertname: name, service: 'shop', severity: 'critical', instance },
    annotations: { summary: `${name} on all instances` },
    startsAt: new Date(Date.now() - 30_000).toISOString(),
    generatorURL: 'http://prometheus.example.org/graph?g0.expr=up',
    ...changes,
  };
}

describe.skipIf(program === null)(
  'a real Prometheus Alertmanager (needs prometheus-alertmanager on PATH)',
  () => {
    let temporal: RestartableServer;
    let system: RunningSystem;
    let alertmanager: Alertmanager;

    beforeAll(async () => {
      temporal = await startRestartableServer();
      system = await startSystem({ config: cast.yaml, server: temporal });
      alertmanager = await startAlertmanager({
        program: program ?? '',
        url: `${system.url}/v1/alerts/alertmanager`,
        key: KEYS.alertmanager,
        pace: { groupWait: '200ms', groupInterval: '1s', repeatInterval: '1s' },
      });
    });
    afterAll(async () => {
      await alertmanager.stop();
      await system.stop();
      await temporal.stop();
    });

    /** How often Alertmanager was answered like this so far. */
    async function answered(answer: 'accepted' | 'unavailable' | 'malformed'): Promise<number> {
      const response = await fetch(`${system.url}/metrics`, {
        headers: { authorization: `Bearer ${KEYS.api}` },
      });
      const line = new RegExp(
        `^tocsin_intake_deliveries_total\\{sender="alertmanager",answer="${answer}"\\} (\\d+)$`,
        'm',
      );
      return Number(line.exec(await response.text())?.[1] ?? 0);
    }

    test('an alert that fires pages with its summary, its repeats page nobody again, and its end resolves the incident', async () => {
      const alert = alertOf('CheckoutDown');
      await alertmanager.post([alert]);
      const sms = await system.booth.nextSms({ to: ALICE, timeoutMs: 10_000 });
      expect(sms.body).toContain('CheckoutDown on all instances');
      const openingId = await system.oneOpen('CheckoutDown on all instances');
      const { code, severity, service } = await system.view(openingId);
      expect({ severity, service }).toEqual({
        severity: expect.stringMatching(/^SEV/) as string,
        service: 'shop',
      });
      expect((await system.view(openingId)).link).toBe(alert.generatorURL);

      // Alertmanager repeats itself, and a second instance joins the group.
      const repeats = await answered('accepted');
      await expect.poll(() => answered('accepted'), { timeout: 15_000 }).toBeGreaterThanOrEqual(repeats + 3);
      expect((await system.view(openingId)).alerts).toEqual({ firing: 1, total: 1 });
      const second = alertOf('CheckoutDown', {}, 'b');
      await alertmanager.post([second]);
      await system.until(openingId, 'two alerts', ({ alerts }) => alerts.firing === 2);
      expect(pagesTo(system, ALICE, code)).toHaveLength(1);

      await codeKnown(system, code);
      expect(await system.booth.reply(ALICE, `ACK ${code}`)).toMatch(/^You have it: .*2 alerts firing/);

      const over = { endsAt: new Date().toISOString() };
      await alertmanager.post([{ ...alert, ...over }]);
      await system.until(openingId, 'one is left', ({ alerts }) => alerts.firing === 1);
      expect((await system.view(openingId)).phase).toBe('acknowledged');
      await alertmanager.post([{ ...second, ...over }]);
      await system.until(openingId, 'monitoring', ({ phase }) => phase === 'monitoring');
      const resolved = await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
      expect(entriesOf(resolved, 'reopened')).toEqual([]);
      expect(pagesTo(system, ALICE, code)).toHaveLength(1);
      expect(pagesTo(system, cast.phone('bob'), code)).toEqual([]);
      expect(await answered('malformed')).toBe(0);
    });

    test('while Temporal is away Alertmanager is told to come back, tries again, and the alert lands and pages once', async () => {
      await temporal.goAway();
      await alertmanager.post([alertOf('DatabaseDown')]);
      await expect.poll(() => answered('unavailable'), { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
      expect(system.booth.messages.filter(({ body }) => body.includes('DatabaseDown'))).toEqual([]);
      await temporal.comeBack();
      const sms = await system.booth.nextSms({
        to: ALICE,
        about: 'DatabaseDown on all instances',
        timeoutMs: 40_000,
      });
      const openingId = await system.oneOpen('DatabaseDown on all instances');
      const view = await system.view(openingId);
      expect(sms.body).toContain(`ACK ${view.code}`);
      expect(view.alerts).toEqual({ firing: 1, total: 1 });
      await codeKnown(system, view.code);
      expect(await system.booth.reply(ALICE, `ACK ${view.code}`)).toMatch(/^You have it/);
      await alertmanager.post([alertOf('DatabaseDown', { endsAt: new Date().toISOString() })]);
      await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
      expect(pagesTo(system, ALICE, view.code)).toHaveLength(1);
    });

    test('no number and no address is in any history', async () => {
      expect(await personalData(system)).toEqual([]);
    });
  },
);
