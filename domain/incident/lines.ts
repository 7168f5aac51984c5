import { listed } from '../messages/text.js';
import { SECOND, type Instant, type Milliseconds } from '../time/instant.js';
import type { MessagePart, PageReason } from '../messages/message.js';
import { goAboveOwner } from './escalate.js';
import type { FoundPeople, PersonAction } from './event.js';
import { areLost } from './deliveries.js';
import { pagePerson, stopPagesOf, supersedePagesOf } from './page.js';
import type { Actor } from './plan.js';
import { isReachable } from './positions.js';
import { BOUNDS, type Line } from './state.js';
import {
  clearDeadline,
  isAwaited,
  nextNumber,
  record,
  search,
  setDeadline,
  tell,
  type Turn,
} from './turn.js';

/** Begins to page a line: its first step now. */
export function startLine(
  turn: Turn,
  facts: Pick<Line, 'kind' | 'name' | 'steps' | 'by'> & { readonly reason?: string },
): void {
  const id = `l${nextNumber(turn)}`;
  pageStep(turn, { ...facts, id, step: 0, askedAt: turn.now, status: 'paging', members: [] });
}

function putLine(turn: Turn, line: Line): void {
  const { lines = [] } = turn.state;
  const isKnown = lines.some((other) => other.id === line.id);
  const all = isKnown ? lines.map((other) => (other.id === line.id ? line : other)) : [...lines, line];
  const over = all.filter((other) => other.status !== 'paging').slice(0, -BOUNDS.lines);
  turn.state.lines = all.filter((other) => !over.includes(other));
}

/** The lines under way, or those of one kind. */
export function pagingLines(turn: Turn, kind?: Line['kind']): readonly Line[] {
  return (turn.state.lines ?? []).filter(
    (line) => line.status === 'paging' && (kind === undefined || line.kind === kind),
  );
}

/** The lines that an answer of this person ends: they were paged for it, and nobody answered yet. */
export function linesAwaiting(turn: Turn, by: Actor): readonly Line[] {
  if (by.kind !== 'user') return [];
  return (turn.state.lines ?? []).filter(
    (line) => isAwaited(line) && line.members.some(({ userId }) => userId === by.id),
  );
}

/** What the people of the present step read of themselves. */
function tierOf(line: Line): string {
  const step = line.steps[line.step]?.name ?? line.name;
  return line.steps.length > 1 ? `${line.name}, ${step}` : step;
}

function timeoutOf(line: Line, step: number): Milliseconds {
  return Math.max(SECOND, line.steps[step]?.timeoutMs ?? 0);
}

function pageStep(turn: Turn, line: Line): void {
  supersedePagesOf(turn, (page) => page.line === line.id);
  putLine(turn, line);
  const tier = tierOf(line);
  setDeadline(
    turn,
    `line:${line.id}`,
    turn.now + timeoutOf(line, line.step),
    `ack timeout: ${tier}, then ${thenWords(line)}`,
  );
  search(
    turn,
    line.steps[line.step]?.targets ?? [],
    { type: 'line', line: line.id, step: line.step },
    // A person asked for them: severity and business hours do not hold it back.
    'high',
    `find who is ${tier}`,
  );
}

function thenWords(line: Line): string {
  const next = line.steps[line.step + 1];
  if (next !== undefined) return `${line.name}, ${next.name}`;
  return line.kind === 'handover' ? 'it escalates above the owner' : `${line.by.name} and the owner are told`;
}

/** The answer to a search for a step of a line. */
export function lineFound(turn: Turn, lineId: string, found: FoundPeople): void {
  const line = pagingLines(turn).find(({ id }) => id === lineId);
  if (line === undefined) return;
  const owner = turn.state.owner?.actor;
  const isOwner = (userId: string): boolean => owner?.kind === 'user' && owner.id === userId;
  const reachable = found.people.filter(isReachable);
  const meant = reachable.filter((person) => !isOwner(person.userId));
  const reason: PageReason = line.kind === 'handover' ? 'reassigned' : 'asked-to-help';
  const detail = `${line.by.name} asked${line.reason === undefined ? '' : `: ${line.reason}`}`;
  const tier = tierOf(line);
  for (const person of meant) {
    pagePerson(
      turn,
      person,
      { reason, tier, step: -1, round: 1, position: null, line: line.id, detail },
      timeoutOf(line, line.step),
    );
  }
  const known = line.members.filter(({ userId }) => !meant.some((person) => person.userId === userId));
  const members = [...known, ...meant.map(({ userId, name }) => ({ userId, name }))];
  putLine(turn, { ...line, members });
  if (meant.length > 0) {
    const running = turn.state.deadlines[`line:${line.id}`];
    if (running !== undefined)
      setDeadline(
        turn,
        `line:${line.id}`,
        running.at,
        `ack timeout: ${listed(meant.map(({ name }) => name))} (${tier}), then ${thenWords(line)}`,
      );
    return;
  }
  const why = reachable.length > 0 ? 'only the owner is there' : (found.problems[0] ?? 'nobody to page');
  record(turn, { type: 'skipped', tier, why });
  moveOn(turn, { ...line, members });
}

/** Nobody of the present step answered in time. */
export function lineTimedOut(turn: Turn, lineId: string, at: Instant): void {
  const line = pagingLines(turn).find(({ id }) => id === lineId);
  if (line === undefined) return;
  const names = turn.state.pages
    .filter((page) => page.line === line.id && page.status === 'active')
    .map((page) => page.name);
  record(turn, { type: 'ack-timeout', tier: tierOf(line), names });
  // Steps that an outage of ours swallowed are passed over, but the last one: somebody is paged before it is given up.
  let step = line.step;
  let until = at;
  while (step + 2 < line.steps.length && until + timeoutOf(line, step + 1) <= turn.now) {
    step += 1;
    until += timeoutOf(line, step);
  }
  moveOn(turn, { ...line, step });
}

/** Lines whose people can't be reached by anything that is left do not wait out their time. */
export function moveOnLostLines(turn: Turn): void {
  for (const line of pagingLines(turn)) {
    const current = turn.state.pages.filter((page) => page.line === line.id && page.status === 'active');
    if (!areLost(turn.state, current)) continue;
    record(turn, { type: 'skipped', tier: tierOf(line), why: 'no contact method works' });
    moveOn(turn, line);
  }
}

/** Pages the next step of a line, or says that nobody of it answered. */
export function moveOn(turn: Turn, line: Line): void {
  if (line.step + 1 < line.steps.length) return pageStep(turn, { ...line, step: line.step + 1 });
  clearDeadline(turn, `line:${line.id}`);
  supersedePagesOf(turn, (page) => page.line === line.id);
  putLine(turn, { ...line, status: 'unanswered' });
  if (line.kind === 'responders') {
    record(turn, { type: 'responders-unanswered', name: line.name });
    tell(turn, concerned(turn, line.by), { type: 'responders-unanswered', name: line.name });
  } else {
    notTakenOver(turn, line);
  }
}

/** Whoever was asked to take it over did not: it goes above the owner, as for no progress, and the owner is told. */
function notTakenOver(turn: Turn, line: Line): void {
  const { state } = turn;
  record(turn, { type: 'not-taken-over', to: line.name });
  const part = (paged?: string): MessagePart => ({
    type: 'not-taken-over',
    to: line.name,
    ...(paged === undefined ? {} : { paged }),
  });
  // Nobody has it, or somebody is being paged already: that goes on.
  const paged =
    state.owner === null || state.escalation !== null || state.phase === 'triggered'
      ? undefined
      : goAboveOwner(turn, 'not-taken-over', `${line.name} was asked and did not take it over`, part);
  tell(turn, concerned(turn, line.by), part(paged));
}

/** Who hears how a request went: whoever asked, and whoever has the incident. */
function concerned(turn: Turn, by: Actor): readonly string[] {
  const owner = turn.state.owner?.actor;
  return [by, ...(owner === undefined ? [] : [owner])].flatMap((actor) =>
    actor.kind === 'user' ? [actor.id] : [],
  );
}

/** Somebody of this line answered: it stops, and whoever asked for it and the owner hear who. */
export function lineAnswered(turn: Turn, line: Line, action: PersonAction): void {
  const { by, via } = action;
  endLine(turn, { ...line, status: 'answered', answeredBy: by.name }, action);
  if (line.kind === 'handover') return;
  record(turn, { type: 'joined', who: by.name, via, names: [line.name] });
  const told = concerned(turn, line.by).filter((userId) => by.kind !== 'user' || userId !== by.id);
  tell(turn, told, { type: 'joined', who: by.name });
}

/** A line is over: its people are paged no more, and calls that ring are taken back. */
function endLine(turn: Turn, line: Line, answer?: PersonAction): void {
  putLine(turn, line);
  clearDeadline(turn, `line:${line.id}`);
  stopPagesOf(
    turn,
    (page) => page.line === line.id,
    answer?.by.kind === 'user' ? { userId: answer.by.id, inCall: answer.via === 'voice' } : undefined,
  );
}

/** Nobody is asked to take it over any more: somebody else has it, or is asked. */
export function endHandover(turn: Turn): readonly Line[] {
  const lines = pagingLines(turn, 'handover');
  for (const line of lines) endLine(turn, { ...line, status: 'stopped' });
  return lines;
}

/** Nobody is needed any more. */
export function stopLines(turn: Turn): void {
  for (const line of turn.state.lines ?? []) {
    if (isAwaited(line)) endLine(turn, { ...line, status: 'stopped' });
  }
}
