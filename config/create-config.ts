import { createHash } from 'node:crypto';
import type { Policy } from '../domain/escalation/policy.js';
import { DEFAULT_TIMINGS, type ResponsePlan, type Timings } from '../domain/incident/plan.js';
import { NO_OVERRIDES } from '../domain/oncall/known.js';
import { nextChange, onCallAt } from '../domain/oncall/on-call.js';
import type { Milliseconds } from '../domain/time/instant.js';
import { createBusinessHours } from './business-hours.js';
import { phoneBook, toGroupUser, toUser, type Variables } from './contacts.js';
import { durationOf } from './duration.js';
import { createDutySource } from './duty.js';
import { toHandoffs } from './handoffs.js';
import { toHeartbeats } from './heartbeats.js';
import { coverAt, toMaintenance } from './maintenance.js';
import { toSchedule } from './on-call.js';
import { createOverridden } from './overridden.js';
import { createPeopleFinder } from './people.js';
import { toLoadLimits } from './load-limits.js';
import { toProviders } from './providers.js';
import { createRouter } from './routing.js';
import { TIMING_NAMES, type Written, type WrittenPolicy } from './schema/root.js';
import { schemeOf } from './severities.js';
import { targetsOf } from './targets.js';
import type { ApiKey, Config, Integration } from './types.js';

/** What a policy is when it does not say. Source: specification, "Paging and escalation". */
export const POLICY_DEFAULTS = { ackTimeout: '5m', rounds: 2, catchAllEvery: '15m', delay: '0s' } as const;

/** First 12 hex digits of the SHA-256 of a value as JSON. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}

function toPolicy(id: string, policy: WrittenPolicy, defaults: NonNullable<Written['defaults']>): Policy {
  const timeout = defaults.ackTimeout ?? POLICY_DEFAULTS.ackTimeout;
  const content: Omit<Policy, 'hash'> = {
    id,
    steps: policy.steps.map((step, index) => ({
      name: step.name ?? `tier ${index + 1}`,
      targets: targetsOf(step.targets),
      timeoutMs: durationOf(step.timeout ?? timeout),
    })),
    rounds: policy.rounds ?? defaults.rounds ?? POLICY_DEFAULTS.rounds,
    catchAll: {
      targets: targetsOf(policy.catchAll.targets),
      everyMs: durationOf(policy.catchAll.every ?? defaults.catchAllEvery ?? POLICY_DEFAULTS.catchAllEvery),
    },
    delayMs: durationOf(policy.delay ?? defaults.delay ?? POLICY_DEFAULTS.delay),
  };
  return { ...content, hash: hashOf(content) };
}

/** Source: specification, load limits: "within seconds". */
const BUNDLING_MS = 5_000;

function bundlingOf(text: string = `${BUNDLING_MS}ms`): Milliseconds | null {
  return text === 'off' ? null : durationOf(text);
}

function toTimings(written: NonNullable<Written['timings']>): Timings {
  const own: Partial<Record<keyof Timings, number>> = {};
  for (const name of Object.keys(TIMING_NAMES) as (keyof Timings)[]) {
    const text = written[TIMING_NAMES[name]];
    if (text !== undefined) own[name] = durationOf(text);
  }
  return { ...DEFAULT_TIMINGS, ...own };
}

/** Secrets that were read from the environment. */
export interface Secrets {
  readonly integrations: ReadonlyMap<string, string>;
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly heartbeats: ReadonlyMap<string, string>;
  /** What addresses and providers refer to, by the name of the environment variable. */
  readonly variables: Variables;
}

/**
 * Makes a validated configuration answer questions. An integration or API key whose secret is missing is left out: it
 * lets nobody in. Throws a RangeError when `written` did not pass the checks.
 */
export function createConfig(written: Written, secrets: Secrets): Config {
  const defaults = written.defaults ?? {};
  const zone = defaults.zone ?? 'UTC';
  const groups = Object.entries(written.groups ?? {});
  const isTrusted = defaults.contactMethods === 'trusted';
  const users = new Map(
    Object.entries(written.users ?? {}).map(([id, user]) => [
      id,
      toUser(id, user, zone, secrets.variables, isTrusted),
    ]),
  );
  const everyone = new Map([
    ...users,
    ...groups
      .map(([id, group]) => toGroupUser(id, group, zone, secrets.variables))
      .filter(({ methods }) => methods.length > 0)
      .map((user) => [user.id, user] as const),
  ]);
  const phones = phoneBook(everyone.values());
  const schedules = new Map(
    Object.entries(written.schedules ?? {}).map(([id, schedule]) => [
      id,
      toSchedule(id, schedule, zone, written.holidays),
    ]),
  );
  const policies = new Map(
    Object.entries(written.policies ?? {}).map(([id, policy]) => [id, toPolicy(id, policy, defaults)]),
  );
  const severities = schemeOf(written.severities ?? {});
  const businessHours = createBusinessHours(written.businessHours ?? {}, zone);
  const named = (group: string): readonly string[] =>
    written.groups?.[group] === undefined ? [] : [`group:${group}`];
  const management = targetsOf(defaults.management ?? named('management'));
  const executives = targetsOf(defaults.executives ?? named('executives'));
  const timings = toTimings(written.timings ?? {});
  const hash = hashOf(written);
  const windowsIn = toMaintenance(written, zone);

  const services = new Map(
    Object.entries(written.services ?? {}).map(([id, service]) => {
      const policyId = service.policy ?? written.teams?.[service.team ?? '']?.policy ?? '';
      const policy = policies.get(policyId);
      const writtenPolicy = written.policies?.[policyId];
      if (policy === undefined || writtenPolicy === undefined) {
        throw new RangeError(`Service ${id} has no policy; a valid config does not have such a service.`);
      }
      const content = {
        service: {
          id,
          name: service.name ?? id,
          ...(service.team === undefined ? {} : { team: service.team }),
          ...(service.runbook === undefined ? {} : { runbook: service.runbook }),
        },
        policy,
        severities: schemeOf(written.severities ?? {}, writtenPolicy, service),
      };
      const hours =
        service.businessHours === undefined
          ? businessHours
          : createBusinessHours(service.businessHours, zone);
      return [id, { content, hours, catchAll: service.catchAll === true }];
    }),
  );
  const catchAll = [...services.values()].find((service) => service.catchAll);
  if (catchAll === undefined) throw new RangeError('A valid config has one service with catchAll: true.');

  const integrations: Integration[] = [];
  for (const [id, { kind, service, severity, groupBy }] of Object.entries(written.integrations ?? {})) {
    const key = secrets.integrations.get(id);
    if (key === undefined) continue;
    integrations.push({
      id,
      kind,
      key,
      ...(service === undefined ? {} : { service }),
      ...(severity === undefined ? {} : { severity }),
      ...(groupBy === undefined ? {} : { groupBy }),
    });
  }
  const apiKeys: ApiKey[] = [...secrets.apiKeys].map(([id, key]) => {
    const scope = written.apiKeys?.[id]?.scope;
    return { id, key, ...(scope === undefined ? {} : { scope }) };
  });
  const overridden = createOverridden(schedules, (userId) => users.has(userId));
  const findPeople = createPeopleFinder({ written, users: everyone, overridden });

  return {
    hash,
    users,
    integrations,
    apiKeys,
    heartbeats: toHeartbeats(written, secrets.heartbeats, zone),
    providers: toProviders(written.providers ?? {}, secrets.variables),
    severities,
    serviceIds: [...services.keys()],
    policyIds: [...policies.keys()],
    scheduleIds: [...schedules.keys()],
    schedules,
    teamIds: Object.keys(written.teams ?? {}),
    duty: createDutySource({
      written,
      zone,
      users: everyone,
      policies: policies.values(),
      schedules,
      findPeople,
    }),
    load: toLoadLimits(written.limits),
    bundlingMs: bundlingOf(written.limits?.bundling),
    handoffs: toHandoffs(
      written,
      [...services].map(([id, { content }]) => ({ id, policy: content.policy })),
    ),
    ackTimeoutMs: durationOf(defaults.ackTimeout ?? POLICY_DEFAULTS.ackTimeout),
    userByPhone: (number) => phones.get(number) ?? null,
    person: (id) => everyone.get(id) ?? null,
    route: createRouter(written, severities),
    plan: (serviceId, at, remarks): ResponsePlan => {
      const known = services.get(serviceId);
      const { content, hours } = known ?? catchAll;
      return {
        configHash: hash,
        ...content,
        management,
        executives,
        businessTime: hours.windows(at),
        timings,
        // A service that a reload took away between routing and planning: never dropped.
        remarks:
          known === undefined
            ? [...remarks, `service ${serviceId} is gone: ${content.service.id} has it`]
            : remarks,
      };
    },
    findPeople,
    method: (userId, methodId) => {
      const user = everyone.get(userId);
      const method = user?.methods.find((each) => each.id === methodId);
      return user === undefined || method === undefined ? null : { user, method };
    },
    schedulesWith: (overrides) => overridden(overrides).schedules,
    zoneOfSchedule: (id) => written.schedules?.[id]?.zone ?? zone,
    onCall: (at, { overrides } = NO_OVERRIDES) =>
      [...overridden(overrides).schedules.values()].map((schedule) => ({
        schedule: schedule.id,
        ...onCallAt(schedule, at),
        until: nextChange(schedule, at),
      })),
    businessTime: (from) => businessHours.windows(from),
    windowsIn,
    coverAt: (at) => coverAt(windowsIn, at),
  };
}
