import type { Config, User } from '../../../config/types.js';
import { planOf, SEVERITIES } from '../../support/plans.js';

export const ALERTMANAGER_KEY = 'am-key-of-the-tests';
export const GROUPED_KEY = 'grouped-key-of-the-tests';
export const GENERIC_KEY = 'generic-key-of-the-tests';
export const GRAFANA_KEY = 'grafana-key-of-the-tests';
export const PAGERDUTY_KEY = '0123456789abcdef0123456789abcdef';
export const API_KEY = 'api-key-of-the-tests';

function user(id: string, name: string, number: string, zone: string): User {
  return { id, name, zone, methods: [{ id: 'sms-1', channel: 'sms', address: number }] };
}

const USERS = [
  user('alice', 'Alice', '+15550000001', 'Europe/Berlin'),
  user('bob', 'Bob', '+15550000002', 'America/New_York'),
];

const OPS_ROOM: User = {
  ...user('group:ops-room', 'Ops room', '+15550000009', 'UTC'),
};

/** Words of senders as the default scheme reads them. */
const WORDS: Readonly<Record<string, string>> = {
  critical: 'SEV1',
  warning: 'SEV2',
  info: 'SEV3',
  page: 'SEV0',
};

/** A config of two services; what it has no entry for goes to the service `catch-all`, and says so. */
export function testConfig(): Config {
  return {
    hash: 'c0ffee00c0ff',
    users: new Map(USERS.map((one) => [one.id, one])),
    integrations: [
      { id: 'prometheus', kind: 'alertmanager', key: ALERTMANAGER_KEY },
      { id: 'grouped', kind: 'alertmanager', key: GROUPED_KEY, groupBy: ['service', 'zone'] },
      { id: 'scripts', kind: 'generic', key: GENERIC_KEY, service: 'orders', severity: 'SEV2' },
      { id: 'grafana', kind: 'grafana', key: GRAFANA_KEY, service: 'orders' },
      { id: 'formerly-pagerduty', kind: 'pagerduty', key: PAGERDUTY_KEY, service: 'payments' },
    ],
    apiKeys: [
      { id: 'ops', key: API_KEY },
      { id: 'second', key: 'another-api-key-of-the-tests' },
    ],
    heartbeats: [],
    providers: [],
    severities: SEVERITIES,
    serviceIds: ['payments', 'orders', 'catch-all'],
    policyIds: ['default'],
    scheduleIds: ['payments'],
    schedules: new Map(),
    teamIds: ['database'],
    windowsIn: () => [],
    coverAt: () => () => [],
    handoffs: new Map(),
    duty: {
      zone: 'UTC',
      limits: { maxDutyMs: null, minRestMs: null },
      policies: [],
      schedules: new Map(),
      person: () => null,
    },
    bundlingMs: null,
    load: { pagesPerNight: 3, night: { from: 1_320, to: 420 } },
    ackTimeoutMs: 240_000,
    userByPhone: (number) => USERS.find(({ methods }) => methods[0]?.address === number) ?? null,
    person: (id) => [...USERS, OPS_ROOM].find((one) => one.id === id) ?? null,
    route: (integration, labels, said) => {
      const asked = said.service ?? labels['service'] ?? integration?.service;
      const known = asked === 'payments' || asked === 'orders';
      const severity = WORDS[said.severity ?? ''] ?? integration?.severity ?? 'SEV1';
      return {
        serviceId: known ? asked : 'catch-all',
        severity: SEVERITIES.some(({ id }) => id === said.severity) ? (said.severity ?? severity) : severity,
        remarks: known ? [] : [`Service ${asked ?? '(none)'} is unknown: routed to catch-all.`],
      };
    },
    plan: (serviceId, _at, remarks) =>
      planOf({ service: { id: serviceId, name: serviceId }, configHash: 'c0ffee00c0ff', remarks }),
    findPeople: () => ({ people: [], problems: [] }),
    method: () => null,
    schedulesWith: () => new Map(),
    zoneOfSchedule: () => 'UTC',
    onCall: (at) => [
      {
        schedule: 'payments',
        primary: 'alice',
        secondary: 'bob',
        why: {
          primary: { kind: 'rotation', name: 'rotation' },
          secondary: { kind: 'rotation', name: 'rotation' },
        },
        until: at + 3_600_000,
      },
    ],
    businessTime: () => [],
  };
}
