import { createHash } from 'node:crypto';
import type { Config } from '../config/types.js';
import type { DeliverCommand } from '../domain/incident/command.js';
import { openingQuiet } from '../domain/incident/quiet.js';
import type { MaintenanceChange, QuietWindow } from '../domain/maintenance/window.js';
import type { Actor } from '../domain/incident/plan.js';
import type { Instant } from '../domain/time/instant.js';
import { createAgenda } from './agenda.js';
import { alertsOf } from './alerts-of.js';
import { createAnswers } from './answers.js';
import type { Input } from './input.js';
import { changesOf, coveredBatch, coverNow, type ScriptedWindow } from './maintenance.js';
import { createOpening, type Opening } from './opening.js';
import type { Contact, SimulatedIncident, Simulation } from './result.js';
import { FIRST_GROUP, type Scenario, type ScriptedAlerts } from './scenario.js';
import { createWorld, type Delivered } from './world.js';

/** Requests of a storm come so far apart: as intake batches them. Source: design, "One alert's way". */
const BATCH_EVERY_MS = 200;

export interface SimulateOptions {
  readonly onInput?: (input: Input) => void;
}

/** A key as intake makes them: 20 hex digits, the same for the same group of the same scenario. */
export function keyOfGroup(scenario: Pick<Scenario, 'title'>, group: string): string {
  return createHash('sha256').update(`${scenario.title}\n${group}`).digest('hex').slice(0, 20);
}

/** Plays a scenario in virtual time. Pure but for what it is handed: the same scenario and config give the same result. */
export function simulate(scenario: Scenario, config: Config, { onInput }: SimulateOptions = {}): Simulation {
  const { startsAt } = scenario;
  const endsAt = startsAt + scenario.untilMs;
  const world = createWorld(scenario, config);
  const agenda = createAgenda<() => void>();
  const contacts: Contact[] = [];
  const owners: { at: Instant; incident: string; owner: string | null }[] = [];
  const openings: Opening[] = [];
  let now = startsAt;

  function currentOf(group: string): Opening | null {
    return openings.findLast((opening) => opening.group === group) ?? null;
  }

  function open(
    group: string,
    what: Pick<ScriptedAlerts, 'serviceId' | 'severity' | 'title'>,
    by?: Actor,
    quiet?: readonly QuietWindow[],
  ): Opening {
    const previous = currentOf(group);
    const count = openings.filter((opening) => opening.group === group).length + 1;
    const key = keyOfGroup(scenario, group);
    const opening = createOpening({
      label: count === 1 ? group : `${group}${count}`,
      group,
      openingId: `${key}-${count.toString(16).padStart(8, '0')}`,
      input: {
        key,
        title: what.title,
        severity: what.severity,
        plan: config.plan(what.serviceId, now, []),
        source: by === undefined ? 'simulation' : 'manual',
        resolves: by === undefined && scenario.resolves,
        ...(by === undefined ? {} : { declaredBy: by }),
        ...(quiet === undefined ? {} : { quiet }),
      },
      previous: previous?.openingId ?? null,
      now: () => now,
      find: (command, at) => world.find(command, at),
      deliver: (command, label) => deliver(command, label),
    });
    openings.push(opening);
    return opening;
  }

  function deliver(command: DeliverCommand, incident: string): Delivered {
    const { message, method, userId } = command;
    const [part] = message.parts;
    const delivered = world.deliver(command, now);
    const contact: Contact = {
      at: now,
      incident,
      userId,
      name: config.person(userId)?.name ?? userId,
      channel: method.channel,
      kind: message.kind,
      ...(part.type === 'page' ? { tier: part.tier } : {}),
      why: message.parts.map((each) => (each.type === 'page' ? each.reason : each.type)).join(' + '),
      ...(part.type === 'page' && part.detail !== undefined ? { detail: part.detail } : {}),
      provider: delivered.provider,
      attempt: command.attempt,
      outcome: delivered.outcome,
      firing: message.firing,
    };
    contacts.push(contact);
    for (const { afterMs } of delivered.reports)
      if (afterMs > 0) onInput?.({ kind: 'callback', at: now + afterMs });
    answers.sent(contact);
    return delivered;
  }

  /** What an opening has come to: its review, and who has it. */
  function look(opening: Opening): void {
    opening.settle();
    const owner = opening.incident.state().owner?.actor.id ?? null;
    const before = owners.findLast((entry) => entry.incident === opening.label)?.owner ?? null;
    if (owner !== before) owners.push({ at: now, incident: opening.label, owner });
  }

  function takeAlerts(scripted: ScriptedAlerts, part: number, parts: number): void {
    const { group } = scripted;
    const last = currentOf(group);
    const opening = last?.incident.state().phase === 'resolved' ? null : last;
    const alerts = alertsOf(scripted, { opening, part, parts, now });
    if (alerts.length === 0) return;
    const sent = { integration: 'simulation', resolves: scenario.resolves, alerts, receivedAt: now };
    const batch = coveredBatch(sent, scripted.serviceId, coverNow(config, scenario, now));
    onInput?.({ kind: 'alerts', at: now, group, batch, opens: scripted });
    if (opening !== null) {
      opening.incident.feed({ type: 'alerts', batch });
      look(opening);
    } else if (alerts.some((alert) => alert.status === 'firing')) {
      const opened = open(group, scripted, undefined, openingQuiet([batch]));
      opened.incident.feedAhead({ type: 'alerts', batch });
      look(opened);
    }
  }

  /** Open incidents of its services hear of a window that began; of one that was ended all do. */
  function tellMaintenance({ services }: ScriptedWindow, change: MaintenanceChange): void {
    const told = openings.filter(({ incident }) => {
      const { phase, plan } = incident.state();
      const isMeant = change.type === 'ended' || services.includes(plan.service.id);
      return phase !== 'resolved' && isMeant;
    });
    onInput?.({ kind: 'maintenance', at: now, change, incidents: told.map(({ label }) => label) });
    for (const opening of told) {
      opening.incident.feed({ type: 'maintenance', change });
      look(opening);
    }
  }

  /** What falls into an outage is tried again by its sender, and taken when it is over. */
  function heardAt(offsetMs: number): Instant {
    const outage = scenario.outages.find(({ fromMs, toMs }) => fromMs < offsetMs && offsetMs < toMs);
    return startsAt + (outage?.toMs ?? offsetMs);
  }

  for (const scripted of scenario.alerts) {
    const parts = Math.max(1, Math.min(scripted.fires.length, Math.ceil(scripted.withinMs / BATCH_EVERY_MS)));
    for (let part = 0; part < parts; part += 1)
      agenda.add(heardAt(scripted.offsetMs + part * BATCH_EVERY_MS), () => takeAlerts(scripted, part, parts));
  }
  for (const window of scenario.maintenance)
    for (const { offsetMs, change } of changesOf(scenario, window))
      agenda.add(heardAt(offsetMs), () => tellMaintenance(window, change));
  const { declared } = scenario;
  if (declared !== null)
    agenda.add(startsAt, () => {
      const by: Actor = {
        kind: 'user',
        id: declared.by,
        name: config.person(declared.by)?.name ?? declared.by,
      };
      onInput?.({ kind: 'declared', at: now, group: FIRST_GROUP, by, opens: declared });
      const opening = open(FIRST_GROUP, declared, by);
      opening.incident.hear();
      look(opening);
    });
  const answers = createAnswers({
    scenario,
    config,
    world,
    contacts,
    openings,
    now: () => now,
    at: (when, what) => agenda.add(when, what),
    nextContact(who, channel) {
      const unanswered = simulate({ ...scenario, answers: [], expect: [] }, config).contacts;
      const next = unanswered.find(
        ({ userId, at, channel: by }) => userId === who && at >= now && (channel === null || by === channel),
      );
      return next?.at ?? null;
    },
    acted: look,
    onInput,
  });
  const outages = [...scenario.outages].sort((one, other) => one.fromMs - other.fromMs);

  for (;;) {
    let next = Math.min(agenda.nextAt(), ...openings.map((opening) => opening.nextAt()));
    const outage = outages[0];
    if (outage !== undefined && startsAt + outage.fromMs < next) {
      // Whatever was due, or called back, in between: nobody was there.
      outages.shift();
      const [from, until] = [startsAt + outage.fromMs, startsAt + outage.toMs];
      if (from > endsAt) break;
      onInput?.({
        kind: 'outage',
        at: from,
        until,
        states: openings.map(({ label, incident }) => ({ incident: label, state: incident.state() })),
      });
      for (const opening of openings) opening.loseCallbacks(from, until);
      agenda.runUntil(until - 1, (at, run) => {
        now = Math.max(now, at);
        run();
      });
      next = until;
    }
    if (next > endsAt) break;
    now = Math.max(now, next);
    agenda.runUntil(now, (_at, run) => run());
    for (const opening of openings) {
      opening.wake();
      look(opening);
    }
  }

  return {
    startsAt,
    endsAt,
    contacts,
    answers: answers.given,
    incidents: openings.map((opening): SimulatedIncident => opening.result()),
    owners,
    impossible: answers.impossible(),
  };
}
