import { createHash } from 'node:crypto';
import type { Config } from '../config/types.js';
import type { AlertBatch } from '../domain/alert/alert.js';
import type { DeliverCommand } from '../domain/incident/command.js';
import type { Actor } from '../domain/incident/plan.js';
import type { IncidentState } from '../domain/incident/state.js';
import { MINUTE, type Instant } from '../domain/time/instant.js';
import { createAgenda } from './agenda.js';
import { alertsOf } from './alerts-of.js';
import { actOn, lacksMessage, meantBy } from './answering.js';
import { createOpening, type Opening } from './opening.js';
import { offsetText } from './offsets.js';
import type { Contact, GivenAnswer, Impossible, SimulatedIncident, Simulation } from './result.js';
import { FIRST_GROUP, type Scenario, type ScriptedAlerts } from './scenario.js';
import { createWorld, isFailure, type Delivered } from './world.js';

/** Requests of a storm come so far apart: as intake batches them. Source: design, "One alert's way". */
const BATCH_EVERY_MS = 200;

/** What came in from outside, in the order in which it did: what a real workflow is fed to compare. */
export type Input =
  | {
      readonly kind: 'alerts';
      readonly at: Instant;
      readonly group: string;
      readonly batch: AlertBatch;
      readonly opens: Pick<ScriptedAlerts, 'serviceId' | 'severity' | 'title'>;
    }
  | { readonly kind: 'declared'; readonly at: Instant; readonly group: string }
  /** `incidents`: labels of those that took it. */
  | {
      readonly kind: 'answer';
      readonly at: Instant;
      readonly index: number;
      readonly incidents: readonly string[];
    }
  /** A provider will call back at this time about a message of now. */
  | { readonly kind: 'callback'; readonly at: Instant }
  | {
      readonly kind: 'outage';
      readonly at: Instant;
      readonly until: Instant;
      /** What the incidents were when it began. */
      readonly states: readonly { readonly incident: string; readonly state: IncidentState }[];
    };

export interface SimulateOptions {
  readonly onInput?: (input: Input) => void;
}

/** A key as intake makes them: 20 hex digits, the same for the same group of the same scenario. */
export function keyOfGroup(scenario: Pick<Scenario, 'title'>, group: string): string {
  return createHash('sha256').update(`${scenario.title}\n${group}`).digest('hex').slice(0, 20);
}

/** A call is answered while it lasts. */
const CALL_LASTS_MS = 2 * MINUTE;

/** Plays a scenario in virtual time. Pure but for what it is handed: the same scenario and config give the same result. */
export function simulate(scenario: Scenario, config: Config, { onInput }: SimulateOptions = {}): Simulation {
  const { startsAt } = scenario;
  const endsAt = startsAt + scenario.untilMs;
  const world = createWorld(scenario, config);
  const agenda = createAgenda<() => void>();
  const contacts: Contact[] = [];
  const answers: GivenAnswer[] = [];
  const owners: { at: Instant; incident: string; owner: string | null }[] = [];
  const impossible: Impossible[] = [];
  const openings: Opening[] = [];
  /** Messages that reached somebody, counted for answers that wait for the nth. */
  const waiting = new Map<number, number>();
  const done = new Set<number>();
  let now = startsAt;

  function currentOf(group: string): Opening | null {
    return openings.findLast((opening) => opening.group === group) ?? null;
  }

  function open(
    group: string,
    what: Pick<ScriptedAlerts, 'serviceId' | 'severity' | 'title'>,
    by?: Actor,
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
    contacts.push({
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
    });
    for (const { afterMs } of delivered.reports)
      if (afterMs > 0) onInput?.({ kind: 'callback', at: now + afterMs });
    if (isReaching(delivered)) notice(userId, method.channel);
    return delivered;
  }

  /** An answering machine presses no key, and a call that nobody takes is no call to answer. */
  function isReaching({ outcome }: Delivered): boolean {
    return !isFailure(outcome) && outcome !== 'voicemail' && outcome !== 'unanswered';
  }

  /** Somebody was reached: whoever waits for that answers so much later. */
  function notice(userId: string, channel: Contact['channel']): void {
    scenario.answers.forEach(({ who, when }, index) => {
      if (when.kind !== 'after' || who !== userId || (when.channel !== null && when.channel !== channel))
        return;
      const count = (waiting.get(index) ?? 0) + 1;
      waiting.set(index, count);
      if (count === when.nth) agenda.add(now + when.delayMs, () => answer(index));
    });
  }

  function answer(index: number): void {
    done.add(index);
    const scripted = scenario.answers[index];
    if (scripted === undefined) return;
    const { who, ask, via } = scripted;
    const refuse = (message: string, remedy: string): void =>
      void impossible.push({ answer: index, message, remedy });
    const outage = scenario.outages.find(
      ({ fromMs, toMs }) => startsAt + fromMs < now && now < startsAt + toMs,
    );
    if (outage !== undefined)
      return refuse(
        `comes at ${offsetText(now - startsAt)}, while nothing of Tocsin runs: nobody hears it`,
        `Answer at ${offsetText(outage.toMs)} or later; what is said during an outage has to be said again.`,
      );
    const problem = lacksMessage({
      who,
      via,
      at: now,
      contacts: contacts.filter(reached),
      callLastsMs: CALL_LASTS_MS,
    });
    if (problem) {
      const next = (): string => {
        const channel = via === 'voice' ? 'voice' : via === 'sms' ? 'sms' : null;
        const later = simulate({ ...scenario, answers: [], expect: [] }, config).contacts.find(
          (contact) =>
            contact.userId === who && contact.at >= now && (channel === null || contact.channel === channel),
        );
        return later === undefined ? 'never' : `at ${offsetText(later.at - startsAt)} at the earliest`;
      };
      const how = via === 'voice' ? 'called' : via === 'sms' ? 'sent an SMS' : 'written to';
      return refuse(
        `answers at ${offsetText(now - startsAt)} what has not come: without it ${who} is ${how} ${next()}`,
        `Answer after that, say how long after with "after 10s", or answer in another way: by api, by web.`,
      );
    }
    const meant = meantBy(scripted, openings);
    if (meant.length === 0)
      return refuse(
        `comes at ${offsetText(now - startsAt)}, when no incident${scripted.meant === null || scripted.meant === 'all' ? '' : ` ${scripted.meant}`} is there to be answered`,
        'Answer once an alert has fired.',
      );
    const [only, another] = meant;
    if (only !== undefined && another !== undefined && scripted.meant === null) {
      const codes = meant.map((opening) => opening.incident.state().code).join(', ');
      answers.push({
        at: now,
        incident: meant.map((opening) => opening.label).join(' + '),
        userId: who,
        action: ask.action,
        via,
        outcome: 'several-open',
        sentence: `${meant.length} are open, nothing was done yet: ${codes}.`,
      });
      return onInput?.({ kind: 'answer', at: now, index, incidents: [] });
    }
    onInput?.({ kind: 'answer', at: now, index, incidents: meant.map((opening) => opening.label) });
    const by: Actor = { kind: 'user', id: who, name: config.person(who)?.name ?? who };
    for (const opening of meant) {
      const given = actOn(opening, ask, { by, via, requestId: `answer-${index}` });
      if (given === null)
        refuse(
          'publishes what is not owed: there is no review yet',
          'Publish after the incident is resolved.',
        );
      else answers.push({ at: now, incident: opening.label, userId: who, action: ask.action, via, ...given });
      look(opening);
    }
  }

  function reached(contact: Contact): boolean {
    return !isFailure(contact.outcome) && contact.outcome !== 'voicemail' && contact.outcome !== 'unanswered';
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
    const batch: AlertBatch = {
      integration: 'simulation',
      resolves: scenario.resolves,
      alerts,
      receivedAt: now,
    };
    onInput?.({ kind: 'alerts', at: now, group, batch, opens: scripted });
    if (opening !== null) {
      opening.incident.feed({ type: 'alerts', batch });
      look(opening);
    } else if (alerts.some((alert) => alert.status === 'firing')) {
      const opened = open(group, scripted);
      opened.incident.feedAhead({ type: 'alerts', batch });
      look(opened);
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
  const { declared } = scenario;
  if (declared !== null)
    agenda.add(startsAt, () => {
      const by: Actor = {
        kind: 'user',
        id: declared.by,
        name: config.person(declared.by)?.name ?? declared.by,
      };
      onInput?.({ kind: 'declared', at: now, group: FIRST_GROUP });
      const opening = open(FIRST_GROUP, declared, by);
      opening.incident.hear();
      look(opening);
    });
  scenario.answers.forEach(({ when }, index) => {
    if (when.kind === 'at') agenda.add(startsAt + when.offsetMs, () => answer(index));
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

  scenario.answers.forEach((scripted, index) => {
    if (done.has(index)) return;
    const { who, when } = scripted;
    const ofWhat =
      when.kind === 'after' ? `what ${who} gets ${waiting.get(index) ?? 0} times by then` : 'the end';
    impossible.push({
      answer: index,
      message: `is never given: ${when.kind === 'at' ? `${offsetText(when.offsetMs)} is after the end at ${offsetText(scenario.untilMs)}` : `it waits for number ${when.nth} of ${ofWhat}`}`,
      remedy: 'Let the scenario run longer with `until`, or answer something that comes.',
    });
  });

  return {
    startsAt,
    endsAt,
    contacts,
    answers,
    incidents: openings.map((opening): SimulatedIncident => opening.result()),
    owners,
    impossible,
  };
}
