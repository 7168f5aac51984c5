import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import type { IncidentView } from '../../domain/incident/view.js';
import { MINUTE, type Milliseconds } from '../../domain/time/instant.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { incidentWorkflowId, keyOfOpening } from '../../temporal-config/names.js';
import type { RunningSystem } from '../support/running-system.js';

/** Lends a store of its own, in a folder that goes with it. */
export async function withStore(use: (store: Store) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-record-'));
  const store = openStore({ databaseUrl: undefined, directory, log: pino({ level: 'silent' }) });
  try {
    await store.untilReady(MINUTE);
    await use(store);
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Waits until it holds. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  withinMs: Milliseconds = MINUTE,
): Promise<void> {
  console.log(`until ${what}`);
  for (const deadline = Date.now() + withinMs; !(await holds()); await delay(250))
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1_000} s until ${what}.`);
}

/** Sends what may not be refused; returns the answer's body. */
export async function post(system: RunningSystem, path: string, body: unknown): Promise<unknown> {
  const answer = await system.request('POST', path, { body });
  if (answer.status >= 300)
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Sounds an alert of the service `payments`; returns the opening id of its incident. The groups differ, their titles don't. */
export async function openIncident(system: RunningSystem, group: string): Promise<string> {
  console.log(group);
  const known = await openIds(system);
  await system.alert('firing', { group });
  let opened: string | undefined;
  await until(`an incident of ${group} is open`, async () => {
    opened = (await openIds(system)).find((id) => !known.includes(id));
    return opened !== undefined;
  });
  return opened ?? '';
}

async function openIds(system: RunningSystem): Promise<readonly string[]> {
  const { body } = await system.request('GET', '/v1/incidents?open=true');
  return (body as { incidents: { openingId: string }[] }).incidents.map(({ openingId }) => openingId);
}

/** Ends an incident as its sender does. */
export async function resolveIncident(
  system: RunningSystem,
  openingId: string,
  group: string,
): Promise<void> {
  await system.alert('resolved', { group });
  await system.until(openingId, 'resolved', ({ phase }: IncidentView) => phase === 'resolved');
}

export function workflowOf(openingId: string): string {
  return incidentWorkflowId(keyOfOpening(openingId) ?? '');
}
