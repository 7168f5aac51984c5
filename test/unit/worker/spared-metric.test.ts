import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createIncidentMetrics } from '../../../worker/incident-metrics.js';

it('people who were put behind the next step are counted, by service and without their names', async () => {
  const registry = new Registry();
  const metrics = createIncidentMetrics(registry);
  const person = (userId: string) => ({ userId, name: userId, count: 3, limit: 3 });
  metrics.happened({
    ...{ openingId: 'o', severity: 'SEV1', service: 'payments', openedAt: 0, acknowledgedBefore: false },
    entries: [
      {
        at: 0,
        type: 'spared',
        tier: 'primary',
        instead: 'secondary',
        people: [person('alice'), person('fay')],
      },
      { at: 0, type: 'spared', tier: 'secondary', instead: 'tier 2', people: [person('bob')] },
    ],
  });
  const text = await registry.getSingleMetricAsString('tocsin_people_spared_total');
  expect(text).toContain('tocsin_people_spared_total{service="payments"} 3');
  expect(text).not.toMatch(/alice|fay|bob/);
});
