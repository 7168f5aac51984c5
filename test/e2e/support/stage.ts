import { expect } from 'vitest';
import type { IncidentView } from '../../../domain/incident/view.js';
import { incidentWorkflowId } from '../../../temporal-config/names.js';
import { incidentQuery } from '../../../workflows/messages.js';
import { KEYS, type RunningSystem } from '../../support/running-system.js';
import type { SmsRecord } from '../../../booth/types.js';

/** An alert as the generic integration takes it. */
export interface Sounded {
  readonly service: string;
  /** Names the alert: its dedup key. */
  readonly name: string;
  readonly summary?: string;
  readonly status?: 'firing' | 'resolved';
  /** RFC 3339. */
  readonly startsAt?: string;
}

/** What the intake answered. */
export interface Received {
  readonly status: number;
  /** The key of the incident; empty when it was refused. */
  readonly key: string;
}

/** Sends one alert over HTTP. */
export async function sound(system: RunningSystem, alert: Sounded): Promise<Received> {
  const { name, service, status = 'firing', summary = `${name} is down`, startsAt } = alert;
  const answer = await system.request('POST', '/v1/alerts/generic', {
    key: KEYS.generic,
    body: { key: name, service, status, summary, ...(startsAt === undefined ? {} : { startsAt }) },
  });
  const taken = (answer.body as { incidents?: readonly { key: string }[] }).incidents?.[0];
  return { status: answer.status, key: taken?.key ?? '' };
}

/** The incident that is open for this key now, straight from its workflow. */
export function current(system: RunningSystem, key: string): Promise<IncidentView> {
  return system.client.workflow.getHandle(incidentWorkflowId(key)).query(incidentQuery);
}

/** The same once it is an open one: until a closing run has handed over what fires, the incident before it answers. */
export async function openNow(system: RunningSystem, key: string): Promise<IncidentView> {
  await expect.poll(async () => (await current(system, key)).phase, { timeout: 10_000 }).not.toBe('resolved');
  return current(system, key);
}

/** Sends an alert that fires and returns its incident once everybody of the first step was paged. */
export async function openIncident(
  system: RunningSystem,
  alert: Omit<Sounded, 'status'>,
): Promise<IncidentView> {
  const { status, key } = await sound(system, alert);
  expect(status).toBe(202);
  const { openingId } = await openNow(system, key);
  return system.until(openingId, 'somebody was paged', (view) => view.paged.length > 0);
}

/** Waits until so many open incidents are found by this person's unanswered page. */
export async function searchable(system: RunningSystem, userId: string, count = 1): Promise<void> {
  const query = `TocsinPaged="${userId}" AND ExecutionStatus="Running"`;
  await expect
    .poll(async () => (await system.client.workflow.count(query)).count, { timeout: 10_000 })
    .toBe(count);
}

/** Waits until the code leads to an open incident. */
export async function codeKnown(system: RunningSystem, code: string): Promise<void> {
  await expect
    .poll(async () => (await system.request('GET', `/v1/incidents/${code}`)).status, { timeout: 10_000 })
    .toBe(200);
}

/** Waits until a worker answers for this incident: after an outage it takes some seconds until one does. */
export async function readable(system: RunningSystem, openingId: string): Promise<void> {
  await expect
    .poll(async () => (await system.request('GET', `/v1/incidents/${openingId}`)).status, { timeout: 30_000 })
    .toBe(200);
}

/** Ends an incident as its sender does, and waits until it is resolved. */
export async function endIncident(system: RunningSystem, alert: Sounded, openingId: string): Promise<void> {
  expect((await sound(system, { ...alert, status: 'resolved' })).status).toBe(202);
  await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
}

/** The entries of one type. */
export function entriesOf<T extends IncidentView['timeline'][number]['type']>(
  view: IncidentView,
  type: T,
): readonly Extract<IncidentView['timeline'][number], { readonly type: T }>[] {
  return view.timeline.filter(
    (entry): entry is Extract<IncidentView['timeline'][number], { readonly type: T }> => entry.type === type,
  );
}

/** Messages that ask this number to take an incident. */
export function pagesTo(system: RunningSystem, phone: string, code: string): readonly SmsRecord[] {
  return system.booth.messages.filter(
    (sms) => sms.direction === 'outbound-api' && sms.to === phone && sms.body.includes(`ACK ${code}`),
  );
}
