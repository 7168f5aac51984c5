import { codeOf } from './code.js';
import { act, refuse } from './actions.js';
import { tellAfterPaging } from './after-paging.js';
import { takeAlerts } from './alerts.js';
import type { IncidentCommand } from './command.js';
import { advance, beginResponse, tellExecutives } from './escalate.js';
import type { IncidentEvent } from './event.js';
import { peopleFound } from './found.js';
import { unheardWords } from './load.js';
import { moveOnLostLines } from './lines.js';
import { maintenanceChanged, openQuietly } from './maintenance.js';
import { deliveryReported, isExhausted } from './deliveries.js';
import { startCadence, startManagement } from './phases.js';
import { awaitedPeople, isUnanswered } from './open-pages.js';
import type { IncidentInput } from './plan.js';
import { positionName } from './positions.js';
import { quietView, rests } from './quiet.js';
import type { IncidentState } from './state.js';
import { timePassed } from './timers.js';
import { beginTurn, firingCount, flushNotices, record, type Turn } from './turn.js';
import { severityOf } from '../severity/severity.js';
import type { Instant } from '../time/instant.js';
import type { IncidentView } from './view.js';

/** What one step of the machine comes to. `state` is new; the one that went in is untouched. */
export interface Applied {
  readonly state: IncidentState;
  readonly commands: readonly IncidentCommand[];
}

/** The newest rules. `apply` reads `state.rules` where behaviour changed; see docs/architecture.md, "Versions of the rules". */
export const NEWEST_RULES = 1;

/** Opens an incident: the response that its severity asks for begins at once. */
export function openIncident(
  input: IncidentInput,
  openingId: string,
  now: Instant,
  rules: number = NEWEST_RULES,
): Applied {
  const turn = beginTurn(
    {
      rules,
      openingId,
      key: input.key,
      code: codeOf(openingId),
      title: input.title,
      source: input.source,
      resolves: input.resolves,
      openedAt: now,
      plan: input.plan,
      severity: severityOf(input.plan.severities, input.severity).id,
      phase: 'triggered',
      owner: null,
      escalation: null,
      pages: [],
      deliveries: {},
      people: {},
      searches: {},
      alerts: { firing: {}, known: 0, resolved: {}, ended: {}, total: 0, overflow: 0 },
      deadlines: {},
      answers: [],
      counter: 0,
      acknowledgedAt: null,
      mitigatedAt: null,
      resolvedAt: null,
      managementTold: false,
      updatesMissed: 0,
      joinNoticeAt: null,
      timeline: [],
      timelineDropped: 0,
    },
    now,
  );
  record(turn, {
    type: 'opened',
    title: input.title,
    service: input.plan.service.name,
    severity: turn.state.severity,
    source: input.source,
    ...(input.declaredBy === undefined ? {} : { by: input.declaredBy.name }),
  });
  for (const text of input.plan.remarks) record(turn, { type: 'remark', text });
  if (!openQuietly(turn, input.quiet)) {
    startCadence(turn);
    beginResponse(turn, 'alert');
    startManagement(turn);
    tellExecutives(turn);
  }
  turn.commands.push({ type: 'find-previous' });
  return finish(turn);
}

/** The rules of an incident: what this event means at this time. Pure, and total: an event that means nothing changes nothing. */
export function apply(state: IncidentState, event: IncidentEvent, now: Instant): Applied {
  const turn = beginTurn(state, now);
  switch (event.type) {
    case 'action':
      act(turn, event.action);
      break;
    case 'stale-action':
      refuse(turn, event.action);
      break;
    case 'alerts':
      if (state.phase !== 'resolved') takeAlerts(turn, event.batch);
      break;
    case 'people-found':
      peopleFound(turn, event.requestId, event.found);
      break;
    case 'delivery':
      deliveryReported(turn, event.report);
      moveOnWhenExhausted(turn);
      moveOnLostLines(turn);
      break;
    case 'time':
      timePassed(turn);
      break;
    case 'maintenance':
      maintenanceChanged(turn, event.change);
      break;
    case 'spared-unheard':
      record(turn, { type: 'problem', text: unheardWords(event.names) });
      break;
    case 'previous-found':
      if (state.previous === event.openingId) break;
      turn.state.previous = event.openingId;
      record(turn, { type: 'previous-incident', openingId: event.openingId });
      break;
    case 'recorded':
      turn.state.recordedThrough = Math.max(event.through, state.recordedThrough ?? 0);
      // Nobody's doing: it brings nothing forward.
      return { state: turn.state, commands: [] };
    default:
      return event satisfies never;
  }
  return finish(turn);
}

/** When no contact method of anybody in this tier works, nobody waits out its time. */
function moveOnWhenExhausted(turn: Turn): void {
  const { escalation, plan } = turn.state;
  if (escalation === null || !isExhausted(turn.state)) return;
  record(turn, { type: 'skipped', tier: positionName(plan, escalation), why: 'no contact method works' });
  advance(turn, 'not-acknowledged');
}

function finish(turn: Turn): Applied {
  tellAfterPaging(turn);
  flushNotices(turn);
  return { state: turn.state, commands: turn.commands };
}

/** What goes on beside the policy, as people and programs read it. */
function asideOf({
  snooze,
  lines = [],
}: IncidentState): Pick<IncidentView, 'snoozed' | 'handover' | 'responders'> {
  const handover = lines.find((line) => line.kind === 'handover' && line.status === 'paging');
  const helpers = lines.filter((line) => line.kind === 'responders');
  return {
    ...(snooze === undefined ? {} : { snoozed: { by: snooze.by.name, until: snooze.until } }),
    ...(handover === undefined
      ? {}
      : { handover: { to: handover.name, by: handover.by.name, since: handover.askedAt } }),
    ...(helpers.length === 0
      ? {}
      : {
          responders: helpers.map((line) => ({
            name: line.name,
            by: line.by.name,
            since: line.askedAt,
            ...(line.reason === undefined ? {} : { reason: line.reason }),
            status: line.status === 'answered' ? ('joined' as const) : line.status,
            paged: line.members.map(({ name }) => name),
            ...(line.answeredBy === undefined ? {} : { joined: line.answeredBy }),
          })),
        }),
  };
}

/** The state as people and programs read it. */
export function viewOf(state: IncidentState, workflowId: string): IncidentView {
  const { plan, owner } = state;
  const waits = awaitedPeople(state);
  const quiet = quietView(state);
  const paged = new Map(
    state.pages.map(
      ({ userId, name, startedAt }) =>
        [userId, { userId, name, at: startedAt, open: waits.has(userId) }] as const,
    ),
  );
  return {
    openingId: state.openingId,
    workflowId,
    code: state.code,
    title: state.title,
    phase: state.phase,
    severity: state.severity,
    service: plan.service.name,
    ...(plan.service.team === undefined ? {} : { team: plan.service.team }),
    ...(plan.service.runbook === undefined ? {} : { runbook: plan.service.runbook }),
    policy: { id: plan.policy.id, hash: plan.policy.hash },
    source: state.source,
    ...(state.link === undefined ? {} : { link: state.link }),
    ...(state.links === undefined ? {} : { links: state.links }),
    openedAt: state.openedAt,
    ...(state.acknowledgedAt === null ? {} : { acknowledgedAt: state.acknowledgedAt }),
    ...(state.mitigatedAt === null ? {} : { mitigatedAt: state.mitigatedAt }),
    ...(state.resolvedAt === null ? {} : { resolvedAt: state.resolvedAt }),
    ...(owner === null ? {} : { owner: { id: owner.actor.id, name: owner.actor.name, since: owner.since } }),
    paging: isUnanswered(state) && !rests(state),
    paged: [...paged.values()],
    alerts: {
      firing: firingCount(state),
      total: state.alerts.total,
    },
    ...asideOf(state),
    ...(quiet === null ? {} : { quiet }),
    deadlines: Object.entries(state.deadlines)
      .map(([name, deadline]) => ({ name, at: deadline.at, label: deadline.label }))
      .sort((one, other) => one.at - other.at),
    timeline: state.timeline,
    timelineDropped: state.timelineDropped,
    ...(state.previous === undefined ? {} : { previous: state.previous }),
  };
}
