import type { Message } from '../messages/message.js';
import type { IncidentCommand } from './command.js';
import type { FoundPeople, FoundPerson } from './event.js';
import { isPassedOver, isReachable, positionAfter, positionName, tierName, timeoutOf } from './positions.js';
import { OWNER_TIER, type Escalation, type IncidentState, type Search } from './state.js';
import { record, search, setDeadline, severity, type Turn } from './turn.js';

/** Whether a message wakes somebody, and so counts for the limit of their night. */
export function ringsAtNight({ kind, parts }: Pick<Message, 'kind' | 'parts'>): boolean {
  return kind === 'page' && parts.some((part) => part.type === 'page' && part.reason !== 'for-information');
}

/** The search for who could come before people that are past their limit. */
type Relief = Extract<Search['purpose'], { readonly type: 'relief' }>;

/**
 * Load limits. Where everybody whom a tier means had their share of pages this night, the next tier is asked first and they only
 * when it does not answer. Asks who that would be; true: nobody is to be paged before that is known, which is in this same
 * moment. The time-out runs already, so that a page is never lost over it.
 */
export function asksOthersFirst(turn: Turn, at: Escalation, meant: readonly FoundPerson[]): boolean {
  const { state } = turn;
  if (!mayStepBack(turn, at) || !meant.every((person) => isPastLimit(state, person))) return false;
  const [first] = meant;
  if (first === undefined) return false;
  state.escalation = { ...at, weighed: [...(at.weighed ?? []), ...firstStepOf(at)] };
  const { steps } = state.plan.policy;
  const next = at.tiers[at.tier + 1] ?? [];
  search(
    turn,
    next.flatMap((index) => steps[index]?.targets ?? []),
    { type: 'relief', position: at.position, spared: meant },
    'high',
    `find who is ${tierName(state.plan, next)}: ${first.name} was paged for ${incidents(first.overLimit?.count ?? 0)} tonight`,
  );
  return true;
}

/**
 * The answer: who is to be paged now. Others, when there are any who are not past their limit themselves: then the two tiers
 * have changed places for as long as this paging lasts. Else those who were meant in the first place.
 */
export function reliefFound(
  turn: Turn,
  { spared }: Relief,
  found: FoundPeople,
): { readonly found: FoundPeople; readonly commands: readonly IncidentCommand[] } {
  const { state } = turn;
  const at = state.escalation;
  const stay = { found: { people: spared, problems: [] }, commands: [] };
  if (at === null) return stay;
  const ids = new Set(spared.map(({ userId }) => userId));
  const others = found.people.filter(
    (person) => isReachable(person) && !isPassedOver(state, at, person) && !ids.has(person.userId),
  );
  if (others.length === 0 || others.every((person) => isPastLimit(state, person))) {
    record(turn, {
      type: 'remark',
      text: `${limitWords(spared)}; paged all the same, since ${nextWords(state, at, others)}`,
    });
    return stay;
  }
  const tiers = at.tiers.map((steps, index) =>
    index === at.tier
      ? (at.tiers[index + 1] ?? steps)
      : index === at.tier + 1
        ? (at.tiers[at.tier] ?? steps)
        : steps,
  );
  const swapped: Escalation = { ...at, tiers };
  state.escalation = swapped;
  const [tier, instead] = [positionName(state.plan, at), positionName(state.plan, swapped)];
  const people = spared.map(({ userId, name, overLimit }) => ({
    userId,
    name,
    count: overLimit?.count ?? 0,
    limit: overLimit?.limit ?? 0,
  }));
  record(turn, { type: 'spared', tier, instead, people });
  const next = positionName(state.plan, positionAfter(state, swapped));
  setDeadline(
    turn,
    'ack',
    turn.now + timeoutOf(state.plan, swapped),
    `ack timeout: ${instead}, then ${next}`,
  );
  return {
    found: { people: others, problems: [] },
    commands: [{ type: 'note-spared', tier, instead, people }],
  };
}

/** What the timeline says where nobody hears of it in the morning, and how to mend it. */
export function unheardWords(names: readonly string[]): string {
  return `nobody hears in the morning that ${names.join(', ')} had their share of pages: give them a manager in the configuration (users), or name defaults.management`;
}

/** What is said of the next position where it was put behind this one; empty otherwise. */
export function afterLimitWords({ pages }: Pick<IncidentState, 'pages'>, next: Escalation): string {
  const [step] = firstStepOf(next);
  const isWeighed = step !== undefined && (next.weighed?.includes(step) ?? false);
  return isWeighed && !pages.some((page) => page.step === step) ? ', past their limit tonight' : '';
}

/** Only a tier that has another one behind it, once in each paging, and never when everybody is wanted or time was lost. */
function mayStepBack(turn: Turn, at: Escalation): boolean {
  if (at.tier === OWNER_TIER || at.tier + 1 >= at.tiers.length) return false;
  if (severity(turn).allHands || at.why === 'after-outage') return false;
  return !firstStepOf(at).some((step) => at.weighed?.includes(step));
}

/** A tier is known by its first step, wherever it stands. */
function firstStepOf(at: Escalation): readonly number[] {
  return at.tiers[at.tier]?.slice(0, 1) ?? [];
}

/** Who was paged for this incident already is woken by it anyway: it counts once. */
function isPastLimit(state: IncidentState, { userId, overLimit }: FoundPerson): boolean {
  return overLimit !== undefined && (state.people[userId]?.lastPagedAt ?? null) === null;
}

function limitWords(spared: readonly FoundPerson[]): string {
  return spared
    .map(
      ({ name, overLimit }) =>
        `${name} was paged for ${incidents(overLimit?.count ?? 0)} tonight (limit ${overLimit?.limit ?? 0})`,
    )
    .join(', ');
}

function nextWords(state: IncidentState, at: Escalation, others: readonly FoundPerson[]): string {
  const next = tierName(state.plan, at.tiers[at.tier + 1] ?? []);
  return others.length === 0 ? `nobody else is ${next} now` : `${limitWords(others)} as ${next}`;
}

function incidents(count: number): string {
  return `${count} incident${count === 1 ? '' : 's'}`;
}
