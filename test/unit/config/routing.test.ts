import { describe, expect, it } from 'vitest';
import type { Integration } from '../../../config/types.js';
import { configOf } from './support.js';

const SERVICES = `
  shop:
    policy: default
    match: [{ app: shop, env: [prod, production] }, { job: /shop-.*/ }]
    severityRules: [{ match: { alertname: CheckoutDown }, severity: SEV0 }]
  late: { policy: default, match: [{ app: shop }], severity: SEV2 }
  404: { policy: default, match: [{ code: 404 }] }
  other: { policy: default, catchAll: true }`;
const config = configOf({ services: SERVICES, severities: '{ map: { Sev-Critical: SEV0, warn: SEV3 } }' });
const integration: Integration = { id: 'prom', kind: 'alertmanager', key: 'k' };

describe('the service of an alert', () => {
  it('is the one that the sender names', () => {
    const route = config.route(integration, { app: 'shop', env: 'prod' }, { service: 'late' });
    expect(route).toMatchObject({ serviceId: 'late', remarks: [] });
  });

  it.each([
    [{ app: 'shop', env: 'production' }, 'shop'],
    [{ app: 'shop', env: 'staging' }, 'late'],
    [{ job: 'shop-api' }, 'shop'],
    [{ code: '404' }, '404'],
    [{ service: 'late' }, 'late'],
  ] as const)('by its labels %o is %s', (labels, serviceId) => {
    expect(config.route(integration, labels, {})).toMatchObject({ serviceId, remarks: [] });
  });

  it('is not matched by part of a value', () => {
    expect(config.route(integration, { job: 'my-shop-api' }, {}).serviceId).toBe('other');
  });

  it('is matched by at most the first 256 characters of a value', () => {
    const slow = configOf({
      services: `
  slow: { policy: default, match: [{ path: "/.*a.*a.*b/" }, { name: "/x{256}/" }] }
  other: { policy: default, catchAll: true }`,
    });
    const began = performance.now();
    expect(slow.route(null, { path: 'a'.repeat(10_000) }, {}).serviceId).toBe('other');
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(slow.route(null, { name: 'x'.repeat(300) }, {}).serviceId).toBe('slow');
  });

  it('that nobody knows is the catch-all, noted', () => {
    expect(config.route(integration, {}, { service: 'blog' })).toMatchObject({
      serviceId: 'other',
      remarks: ['unknown service "blog": the catch-all service other has it'],
    });
    expect(config.route(null, { service: 'blog' }, {}).remarks).toEqual([
      'unknown service "blog": the catch-all service other has it',
    ]);
    expect(config.route(integration, {}, {}).remarks).toEqual([
      'no service fits the alert: the catch-all service other has it',
    ]);
  });

  it('is the one of the integration before the catch-all', () => {
    expect(config.route({ ...integration, service: 'late' }, {}, {})).toMatchObject({
      serviceId: 'late',
      remarks: [],
    });
    expect(config.route({ ...integration, service: 'late' }, {}, { service: 'blog' }).remarks).toEqual([
      'unknown service "blog": late, the service of integration prom, has it',
    ]);
  });

  it('by its labels goes before an unknown name, noted', () => {
    expect(config.route(integration, { job: 'shop-api' }, { service: 'blog' })).toMatchObject({
      serviceId: 'shop',
      remarks: ['unknown service "blog": routed to shop by its labels'],
    });
  });

  it('is not fooled by labels that are named like parts of the language', () => {
    expect(config.route(integration, { service: 'constructor' }, { service: '__proto__' }).serviceId).toBe(
      'other',
    );
  });

  it('shows at most the beginning of what a stranger sent', () => {
    const [remark = ''] = config.route(integration, {}, { service: 'x'.repeat(5_000) }).remarks;
    expect(remark.length).toBeLessThan(200);
  });
});

describe('the severity of an alert', () => {
  const severityOf = (severity: string): string =>
    config.route(integration, { job: 'shop-api' }, { severity }).severity;

  it.each([
    ['SEV0', 'SEV0'],
    ['sev2', 'SEV2'],
    ['critical', 'SEV1'],
    ['Error', 'SEV1'],
    ['high', 'SEV1'],
    ['warning', 'SEV2'],
    ['info', 'SEV3'],
    ['P1', 'SEV0'],
    ['P2', 'SEV1'],
    ['P5', 'SEV3'],
    // The config's own words.
    ['sev-critical', 'SEV0'],
    ['warn', 'SEV3'],
  ])('%s means %s', (word, id) => {
    expect(severityOf(word)).toBe(id);
  });

  it('by a rule of the service goes before the word of the sender', () => {
    const labels = { job: 'shop-api', alertname: 'CheckoutDown' };
    expect(config.route(integration, labels, { severity: 'info' }).severity).toBe('SEV0');
  });

  it('is the default of service, integration or scheme when the sender does not say', () => {
    expect(config.route(integration, { app: 'shop' }, {}).severity).toBe('SEV2');
    expect(config.route({ ...integration, severity: 'SEV3' }, {}, {}).severity).toBe('SEV3');
    expect(config.route(integration, {}, {}).severity).toBe('SEV1');
    expect(config.route(integration, { severity: 'info' }, {}).severity).toBe('SEV3');
  });

  it('that nobody knows is the default, noted', () => {
    expect(config.route(integration, { job: 'shop-api' }, { severity: 'purple' })).toMatchObject({
      severity: 'SEV1',
      remarks: ['unknown severity "purple": the default is taken'],
    });
  });
});
