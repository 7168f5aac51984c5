import type { FoundPeople, FoundPerson } from './event.js';
import { pagePerson } from './page.js';
import { isPassedOver, isReachable, positionAfter, positionName, tierName } from './positions.js';
import { OWNER_TIER, type Escalation, type Search } from './state.js';
import { record, search, setDeadline, type Turn } from './turn.js';

/** The search for a tier that is paged beside people who have confirmed no contact method. */
type Joining = Extract<Search['purpose'], { readonly type: 'joining' }>;

/**
 * Contact methods that nobody has confirmed are used, since they may well work, but are not relied on: where that is all there is
 * for everybody paged at this position, the next tier is paged at once as well. The two are one tier from here on, which waits as
 * long as the first of them. One tier of people at a time: where the next has confirmed nothing either, the one after it is paged
 * when the wait is over, since an installation in which nobody has confirmed anything yet must not wake everybody up to management
 * at its first alert. Behind the last tier nobody is asked at once: rounds and the catch-all come in their time.
 */
export function joinNextTier(turn: Turn, paged: readonly FoundPerson[]): void {
  const { state } = turn;
  const at = state.escalation;
  if (at === null || at.tier === OWNER_TIER || paged.length === 0) return;
  if (at.joined?.includes(at.tiers[at.tier]?.[0] ?? -1) === true) return;
  bringForward(turn, at, paged);
}

function bringForward(turn: Turn, at: Escalation, paged: readonly FoundPerson[]): void {
  const { state } = turn;
  if (!paged.every(({ unproven }) => unproven === true)) return;
  const [steps, next] = [at.tiers[at.tier], at.tiers[at.tier + 1]];
  const first = steps?.[0];
  if (steps === undefined || first === undefined || next === undefined) return;
  const tier = positionName(state.plan, at);
  const tiers = [...at.tiers.slice(0, at.tier), [...steps, ...next], ...at.tiers.slice(at.tier + 2)];
  state.escalation = { ...at, tiers, joined: [...(at.joined ?? []), first] };
  const instead = tierName(state.plan, next);
  record(turn, { type: 'unproven', tier, with: instead, names: paged.map(({ name }) => name) });
  relabel(turn, state.escalation, paged);
  const { steps: all } = state.plan.policy;
  search(
    turn,
    next.flatMap((index) => all[index]?.targets ?? []),
    { type: 'joining', position: at.position, steps: next, beside: paged },
    'high',
    `find who is ${instead}: nobody of ${tier} has confirmed a contact method`,
  );
}

/** The answer: these are paged at the same position, beside those who were paged already. Where there is nobody, the tier after is. */
export function joiningFound(turn: Turn, { steps, beside }: Joining, found: FoundPeople): void {
  const { state } = turn;
  const at = state.escalation;
  if (at === null) return;
  const tier = tierName(state.plan, steps);
  const before = new Set(beside.map(({ userId }) => userId));
  const meant = found.people.filter(
    (person) => isReachable(person) && !isPassedOver(state, at, person) && !before.has(person.userId),
  );
  for (const person of meant) {
    pagePerson(turn, person, {
      reason: 'unproven',
      tier,
      step: steps[0] ?? -1,
      round: at.round,
      position: at.position,
    });
  }
  const all = [...beside, ...meant];
  relabel(turn, at, all);
  if (meant.length > 0) return;
  record(turn, { type: 'skipped', tier, why: found.problems[0] ?? 'nobody else to page' });
  bringForward(turn, at, all);
}

/** Who is waited for, in the label of the running time-out. */
function relabel(turn: Turn, at: Escalation, people: readonly FoundPerson[]): void {
  const { plan, deadlines } = turn.state;
  const running = deadlines['ack'];
  if (running === undefined) return;
  const names = people.map(({ name }) => name);
  const who =
    names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  const next = positionName(plan, positionAfter(turn.state, at));
  setDeadline(turn, 'ack', running.at, `ack timeout: ${who} (${positionName(plan, at)}), then ${next}`);
}
