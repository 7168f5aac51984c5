import type { PageReason } from '../messages/message.js';
import { advance } from './escalate.js';
import { afterLimitWords, asksOthersFirst, reliefFound } from './load.js';
import type { FoundPeople } from './event.js';
import { pagePerson } from './page.js';
import { lineFound } from './lines.js';
import { joiningFound, joinNextTier } from './unproven.js';
import {
  firstTier,
  isPassedOver,
  isReachable,
  positionAfter,
  positionName,
  singles,
  tierName,
} from './positions.js';
import { OWNER_TIER, type IncidentState, type Search } from './state.js';
import { putPerson, record, setDeadline, severity, tell, type Turn } from './turn.js';

/** The answer to a search: these people are meant now. */
export function peopleFound(turn: Turn, requestId: string, found: FoundPeople): void {
  const { state } = turn;
  const asked = state.searches[requestId];
  if (asked === undefined) return;
  state.searches = Object.fromEntries(Object.entries(state.searches).filter(([id]) => id !== requestId));
  const purpose = purposeNow(state, asked.purpose);
  if (purpose === null) return;
  for (const problem of found.problems) record(turn, { type: 'problem', text: problem });
  if (found.overridesAsOf !== undefined) record(turn, { type: 'overrides-stale', asOf: found.overridesAsOf });
  for (const person of found.people) {
    putPerson(turn, person.userId, {
      name: person.name,
      notice: person.notice,
      lastPagedAt: state.people[person.userId]?.lastPagedAt ?? null,
    });
  }
  const pageAll = (facts: { reason: PageReason; tier: string; step: number }): void => {
    for (const person of found.people) pagePerson(turn, person, { ...facts, round: 1, position: null });
  };
  switch (purpose.type) {
    case 'notice': {
      // Who is being paged knows: an executive who is also a tier gets one message, not two.
      const paged = state.pages.filter((page) => page.status === 'active').map((page) => page.userId);
      const userIds = found.people.map((person) => person.userId);
      for (const part of purpose.parts) {
        const knows = (userId: string): boolean => part.type === 'told' && paged.includes(userId);
        tell(
          turn,
          userIds.filter((userId) => !knows(userId)),
          part,
        );
      }
      return;
    }
    case 'inform': {
      const step = firstTier(singles(state.plan), severity(turn));
      const tier = tierName(state.plan, [step]);
      const { owner } = state;
      for (const person of found.people) {
        const isOwner = owner?.actor.kind === 'user' && owner.actor.id === person.userId;
        const facts = isOwner ? { tier: 'owner', step: owner.step } : { tier, step };
        pagePerson(turn, person, { reason: 'for-information', ...facts, round: 1, position: null });
      }
      return;
    }
    case 'beside':
      pageAll({ reason: purpose.reason, tier: purpose.tier, step: purpose.step });
      return;
    case 'position':
      pagePosition(turn, found);
      return;
    case 'relief': {
      const relief = reliefFound(turn, purpose, found);
      pagePosition(turn, relief.found);
      // After the pages, which are what is urgent.
      turn.commands.push(...relief.commands);
      return;
    }
    case 'joining':
      joiningFound(turn, purpose, found);
      return;
    case 'line':
      lineFound(turn, purpose.line, found);
      return;
    default:
      return purpose satisfies never;
  }
}

/** What an answer is still good for. One that comes too late, after an acknowledgement or a step, pages nobody. */
function purposeNow(state: IncidentState, asked: Search['purpose']): Search['purpose'] | null {
  switch (asked.type) {
    case 'position':
    case 'relief':
    case 'joining':
      return state.escalation?.position === asked.position ? asked : null;
    case 'beside': {
      if (state.escalation !== null) return asked;
      // Somebody answered meanwhile: management is told instead of paged.
      const isOpen = state.phase !== 'monitoring' && state.phase !== 'resolved';
      return asked.reason === 'management' && isOpen
        ? { type: 'notice', parts: [{ type: 'told', what: 'management' }] }
        : null;
    }
    case 'inform':
      return state.phase === 'triggered' && state.escalation === null ? asked : null;
    case 'line': {
      const line = state.lines?.find((one) => one.id === asked.line);
      return line?.status === 'paging' && line.step === asked.step ? asked : null;
    }
    case 'notice':
      return asked;
    default:
      return asked satisfies never;
  }
}

function pagePosition(turn: Turn, found: FoundPeople): void {
  const { state } = turn;
  const at = state.escalation;
  if (at === null) return;
  const name = positionName(state.plan, at);
  const catchAll = at.tier >= at.tiers.length;
  const step = at.tier === OWNER_TIER ? (state.owner?.step ?? -1) : (at.tiers[at.tier]?.[0] ?? -1);
  const reachable = found.people.filter(isReachable);
  const others = reachable.filter((person) => !isPassedOver(state, at, person));
  // There is nobody else at all: rather the owner than nobody, unless it was they who passed it on.
  const last = catchAll && others.length === 0 ? reachable.filter(({ userId }) => userId !== at.by) : [];
  const meant = others.length > 0 ? others : last;
  if (asksOthersFirst(turn, at, meant)) return;
  for (const person of meant) {
    pagePerson(turn, person, {
      reason: at.why,
      tier: name,
      step: catchAll ? -1 : step,
      round: at.round,
      position: at.position,
      ...(at.why === at.reason && at.detail !== undefined ? { detail: at.detail } : {}),
    });
  }
  if (meant.length > 0) {
    relabel(
      turn,
      meant.map((person) => person.name),
    );
    joinNextTier(turn, meant);
  } else if (catchAll) {
    const whom = reachable.length > 0 ? 'nobody but the owner, who passed it on' : 'nobody';
    record(turn, { type: 'problem', text: `the catch-all reaches ${whom}; it is tried again` });
  } else {
    const why = reachable.length > 0 ? 'only the owner is there' : (found.problems[0] ?? 'nobody to page');
    record(turn, { type: 'skipped', tier: name, why });
    advance(turn, 'gap');
  }
}

/** Puts the names of the people into the label of the running time-out. */
function relabel(turn: Turn, names: readonly string[]): void {
  const running = turn.state.deadlines['ack'];
  const at = turn.state.escalation;
  if (running === undefined || at === null) return;
  const { plan } = turn.state;
  const after = positionAfter(turn.state, at);
  const next = positionName(plan, after) + afterLimitWords(turn.state, after);
  const who =
    names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  const label =
    at.tier >= at.tiers.length
      ? `catch-all again: ${who}`
      : `ack timeout: ${who} (${positionName(plan, at)}), then ${next}`;
  setDeadline(turn, 'ack', running.at, label);
}
