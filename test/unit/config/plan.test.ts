import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../../../domain/incident/plan.js';
import { HOUR, MINUTE, SECOND } from '../../../domain/time/instant.js';
import { configOf, utc } from './support.js';

const AT = utc('2026-01-06 10:00');

describe('the plan of an incident', () => {
  it('has the policy by value with the defaults of the specification', () => {
    const { policy } = configOf().plan('other', AT, []);
    expect(policy).toMatchObject({
      id: 'default',
      rounds: 2,
      delayMs: 0,
      steps: [
        {
          name: 'tier 1',
          timeoutMs: 5 * MINUTE,
          targets: [{ kind: 'schedule', id: 'payments', slot: 'primary' }],
        },
        {
          name: 'tier 2',
          timeoutMs: 5 * MINUTE,
          targets: [{ kind: 'schedule', id: 'payments', slot: 'secondary' }],
        },
      ],
      catchAll: { targets: [{ kind: 'group', id: 'ops-room' }], everyMs: 15 * MINUTE },
    });
    expect(policy.hash).toMatch(/^[0-9a-f]{12}$/);
  });

  it('can have every default changed, down to an ack time-out of five seconds', () => {
    const plan = configOf({
      defaults: '{ ackTimeout: 5s, rounds: 1, catchAllEvery: 10s, delay: 2s, executives: ["user:bob"] }',
      timings: '{ noProgress: 1h30m, retry: 100ms, repage: 0s }',
    }).plan('other', AT, ['said']);
    expect(plan.policy).toMatchObject({
      rounds: 1,
      delayMs: 2 * SECOND,
      steps: [{ timeoutMs: 5 * SECOND }, { timeoutMs: 5 * SECOND }],
      catchAll: { everyMs: 10 * SECOND },
    });
    expect(plan.timings).toEqual({
      ...DEFAULT_TIMINGS,
      noProgressMs: 90 * MINUTE,
      retryMs: 100,
      repageMs: 0,
    });
    expect(plan.executives).toEqual([{ kind: 'user', id: 'bob' }]);
    expect(plan.management).toEqual([{ kind: 'group', id: 'management' }]);
    expect(plan.remarks).toEqual(['said']);
  });

  it('has another policy hash as soon as the policy differs, and only then', () => {
    const hashOf = (timeout: string, runbook: string): string =>
      configOf({
        policies: `\n  default: { steps: [{ targets: ["user:bob"], timeout: ${timeout} }], catchAll: { targets: ["user:bob"] } }`,
        services: `\n  other: { policy: default, catchAll: true, runbook: ${runbook} }`,
      }).plan('other', AT, []).policy.hash;
    expect(hashOf('5m', 'https://a.example.com')).toBe(hashOf('300s', 'https://b.example.com'));
    expect(hashOf('5m', 'https://a.example.com')).not.toBe(hashOf('6m', 'https://a.example.com'));
  });

  it('takes the policy of the team when the service names none', () => {
    const plan = configOf({
      teams: '\n  web: { members: [bob], policy: default }',
      services: '\n  site: { team: web, name: Site }\n  other: { policy: default, catchAll: true }',
    }).plan('site', AT, []);
    expect(plan.policy.id).toBe('default');
    expect(plan.service).toEqual({ id: 'site', name: 'Site', team: 'web' });
  });

  it('of a service that a reload took away is that of the catch-all, noted', () => {
    const plan = configOf().plan('gone', AT, ['said']);
    expect(plan.service.id).toBe('other');
    expect(plan.remarks).toEqual(['said', 'service gone is gone: other has it']);
  });
});

describe('the severities', () => {
  it('of the default preset are those of the specification', () => {
    expect(configOf().severities).toEqual([
      {
        id: 'SEV0',
        rank: 1,
        name: 'critical outage',
        page: 'immediately',
        allHands: true,
        executives: true,
        startAtTier: 1,
        updateEveryMs: 15 * MINUTE,
        acknowledgeTargetMs: 5 * MINUTE,
        resolveTargetMs: HOUR,
        postmortemWithinMs: 48 * HOUR,
      },
      {
        id: 'SEV1',
        rank: 2,
        name: 'major degradation',
        page: 'escalate-off-hours',
        allHands: false,
        executives: false,
        startAtTier: 1,
        managementAfterMs: 30 * MINUTE,
        updateEveryMs: 30 * MINUTE,
        acknowledgeTargetMs: 5 * MINUTE,
        resolveTargetMs: HOUR,
        postmortemWithinMs: 48 * HOUR,
      },
      {
        id: 'SEV2',
        rank: 3,
        name: 'minor issue',
        page: 'next-business-day',
        allHands: false,
        executives: false,
        startAtTier: 1,
        updateEveryMs: 2 * HOUR,
        resolveTargetMs: 24 * HOUR,
      },
      {
        id: 'SEV3',
        rank: 4,
        name: 'low impact',
        page: 'ticket',
        allHands: false,
        executives: false,
        startAtTier: 1,
        resolveTargetMs: 7 * 24 * HOUR,
      },
    ]);
  });

  it.each([
    ['sev1-sev4', ['immediately', 'immediately', 'wait-for-business-hours', 'ticket']],
    ['sev1-sev4-targets', ['immediately', 'immediately', 'wait-for-business-hours', 'ticket']],
    ['p1-p4', ['immediately', 'immediately', 'wait-for-business-hours', 'ticket']],
  ])('of the preset %s page as it says', (preset, modes) => {
    const { severities } = configOf({ severities: `{ preset: ${preset} }` });
    expect(severities.map(({ page }) => page)).toEqual(modes);
    expect(severities.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
  });

  it('of sev1-sev4-targets start at the second tier for SEV2', () => {
    const { severities } = configOf({ severities: '{ preset: sev1-sev4-targets }' });
    expect(severities.map(({ startAtTier }) => startAtTier)).toEqual([1, 2, 1, 1]);
  });

  it('can be written out, worst first', () => {
    const config = configOf({
      severities:
        '{ levels: { red: { page: immediately, updateEvery: 10m }, blue: { name: Blue, page: ticket } } }',
    });
    expect(config.severities).toEqual([
      {
        id: 'red',
        rank: 1,
        name: 'red',
        page: 'immediately',
        allHands: false,
        executives: false,
        startAtTier: 1,
        updateEveryMs: 10 * MINUTE,
      },
      {
        id: 'blue',
        rank: 2,
        name: 'Blue',
        page: 'ticket',
        allHands: false,
        executives: false,
        startAtTier: 1,
      },
    ]);
    expect(config.route(null, {}, { severity: 'info' }).severity).toBe('blue');
  });

  it('change by override, then by policy, then by service; off takes away', () => {
    const config = configOf({
      severities: '{ override: { SEV1: { managementAfter: 20m, updateEvery: 10m } } }',
      policies: `
  default:
    steps: [{ targets: ["user:bob"] }]
    catchAll: { targets: ["group:ops-room"] }
    page: immediately
    response: { SEV1: { updateEvery: off } }`,
      services: `
  quiet: { policy: default, response: { SEV3: { page: ticket }, SEV1: { managementAfter: off } } }
  other: { policy: default, catchAll: true }`,
    });
    const shown = (service: string): readonly unknown[] =>
      config
        .plan(service, AT, [])
        .severities.map(({ page, managementAfterMs, updateEveryMs }) => [
          page,
          managementAfterMs,
          updateEveryMs,
        ]);
    expect(shown('other')).toEqual([
      ['immediately', undefined, 15 * MINUTE],
      ['immediately', 20 * MINUTE, undefined],
      ['immediately', undefined, 2 * HOUR],
      ['immediately', undefined, undefined],
    ]);
    expect(shown('quiet')).toEqual([
      ['immediately', undefined, 15 * MINUTE],
      ['immediately', undefined, undefined],
      ['immediately', undefined, 2 * HOUR],
      ['ticket', undefined, undefined],
    ]);
    // The scheme itself, which everybody sees, has only the overrides.
    expect(config.severities[1]).toMatchObject({ page: 'escalate-off-hours', updateEveryMs: 10 * MINUTE });
  });
});
