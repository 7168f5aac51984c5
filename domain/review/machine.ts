import type { Target } from '../escalation/policy.js';
import type { DeliveryReport, FoundPeople } from '../incident/event.js';
import { DEFAULT_TIMINGS } from '../incident/plan.js';
import type { Deadline } from '../incident/state.js';
import type { ReviewView } from '../incident/view.js';
import { durationWords } from '../messages/duration-words.js';
import type { MessagePart } from '../messages/message.js';
import { DAY, type Instant } from '../time/instant.js';
import { REVIEW_DELIVERY, type ReviewAction, type ReviewAnswer, type ReviewInput } from './review-types.js';
import { delivered, methodsFor, retry, send } from './deliveries.js';
import type { ReviewState } from './state.js';
import { clearDeadline, record, search, setDeadline, type ReviewCommand, type Turn } from './turn.js';

export type { ReviewCommand } from './turn.js';

/** Reminders come when this much of the time has gone: 24 h and 44 h of 48 h. Source: spec, "Timers of one incident". */
const REMINDERS_AT = [1 / 2, 11 / 12] as const;

/** Overdue: the manager hears of it at once, and then once a day. */
const OVERDUE_EVERY_MS = DAY;

const KEPT_ANSWERS = 100;
/** A deadline later than this was missed in an outage of ours; as in an incident. */
const OUTAGE_AFTER_MS = DEFAULT_TIMINGS.outageAfterMs;

/** What can happen to a review. */
export type ReviewEvent =
  | { readonly type: 'action'; readonly action: ReviewAction }
  | { readonly type: 'people-found'; readonly requestId: string; readonly found: FoundPeople }
  | { readonly type: 'delivery'; readonly report: DeliveryReport }
  | { readonly type: 'time' }
  /** The timeline is kept, up to the entry of this number (not included). */
  | { readonly type: 'recorded'; readonly through: number };

export interface ReviewApplied {
  readonly state: ReviewState;
  readonly commands: readonly ReviewCommand[];
}

/** Starts the review of a resolved incident. One that owes nothing is closed at once. */
export function openReview(input: ReviewInput, now: Instant): ReviewApplied {
  const within = input.postmortemWithinMs;
  const dueAt = within === undefined ? null : input.resolvedAt + within;
  const turn: Turn = {
    now,
    commands: [],
    state: {
      input,
      phase: 'post-incident',
      dueAt,
      published: null,
      overdueTimes: 0,
      deadlines: {},
      people: {},
      deliveries: {},
      searches: {},
      counter: 0,
      answers: [],
      timeline: [],
    },
  };
  record(turn, { type: 'review-started', ...(dueAt === null ? {} : { postmortemDueAt: dueAt }) });
  if (within === undefined || dueAt === null) {
    close(turn);
  } else {
    REMINDERS_AT.forEach((fraction, index) => {
      setDeadline(
        turn,
        `reminder-${index + 1}`,
        input.resolvedAt + Math.round(within * fraction),
        `postmortem reminder ${index + 1}`,
      );
    });
    setDeadline(turn, 'overdue', dueAt, `postmortem deadline (${durationWords(within)} after resolution)`);
  }
  return turn;
}

/** The rules of a review: what this event means at this time. Pure. */
export function applyReview(state: ReviewState, event: ReviewEvent, now: Instant): ReviewApplied {
  const turn: Turn = { state: { ...state }, now, commands: [] };
  switch (event.type) {
    case 'action':
      act(turn, event.action);
      break;
    case 'people-found':
      peopleFound(turn, event.requestId, event.found);
      break;
    case 'delivery':
      delivered(turn, event.report);
      break;
    case 'time':
      timePassed(turn);
      break;
    case 'recorded':
      turn.state.recordedThrough = Math.max(event.through, state.recordedThrough ?? 0);
      break;
    default:
      return event satisfies never;
  }
  return { state: turn.state, commands: turn.commands };
}

function close(turn: Turn): void {
  turn.state.phase = 'closed';
  // Nothing is owed any more, so nobody hears of it any more either.
  turn.state.deadlines = {};
  record(turn, { type: 'closed' });
}

function act(turn: Turn, action: ReviewAction): void {
  const { state } = turn;
  const { requestId, requestHash } = action;
  if (state.answers.some((given) => given.requestId === requestId)) return;
  const asked = requestHash === undefined ? {} : { asked: requestHash };
  const answer = { ...publish(turn, action), ...asked };
  state.answers = [...state.answers, { requestId, answer }].slice(-KEPT_ANSWERS);
}

function publish(turn: Turn, action: ReviewAction): ReviewAnswer {
  const { state, now } = turn;
  if (state.dueAt === null)
    return {
      outcome: 'not-required',
      sentence: `${state.input.severity} owes no postmortem; nothing was due.`,
    };
  if (state.published !== null)
    return {
      outcome: 'already-published',
      sentence: `It was published by ${state.published.by}: ${state.published.url}`,
    };
  const lateMs = Math.max(0, now - state.dueAt);
  state.published = { url: action.url, at: now, by: action.by.name, lateMs };
  record(turn, { type: 'postmortem-published', who: action.by.name, url: action.url, lateMs });
  close(turn);
  return {
    outcome: 'published',
    sentence:
      lateMs === 0
        ? 'Postmortem recorded, in time. The review is closed.'
        : `Postmortem recorded, ${durationWords(lateMs)} late. The review is closed.`,
  };
}

function timePassed(turn: Turn): void {
  const due = Object.entries(turn.state.deadlines)
    .filter(([, deadline]) => deadline.at <= turn.now)
    .sort(([, one], [, other]) => one.at - other.at);
  for (const [, deadline] of due) missed(turn, deadline);
  let reminds = false;
  for (const [name, deadline] of due) {
    clearDeadline(turn, name);
    if (name === 'overdue') overdue(turn, deadline.at);
    else if (name.startsWith('retry:')) retry(turn, name.slice('retry:'.length));
    else reminds = true;
  }
  // Two reminders that an outage held back make one; past the deadline they have nothing left to say.
  const { dueAt } = turn.state;
  if (reminds && dueAt !== null && turn.now < dueAt) remind(turn, dueAt);
}

function missed(turn: Turn, deadline: Deadline): void {
  const lateMs = turn.now - deadline.at;
  if (lateMs <= OUTAGE_AFTER_MS) return;
  record(turn, { type: 'missed-deadline', label: deadline.label, dueAt: deadline.at, lateMs });
}

function ownerTargets(state: ReviewState): readonly Target[] {
  const by = state.input.owner;
  return by?.kind === 'user' ? [{ kind: 'user', id: by.id }] : state.input.ownerTargets;
}

/** Asks for whoever owes the postmortem: its owner, else the people of the first step. */
function searchOwner(turn: Turn, part: MessagePart): void {
  const orElse = turn.state.input.owner?.kind === 'user' ? 'team' : 'nobody';
  search(turn, ownerTargets(turn.state), part, orElse, 'find who owes the postmortem');
}

function remind(turn: Turn, dueAt: Instant): void {
  record(turn, { type: 'postmortem-reminder', dueAt });
  searchOwner(turn, { type: 'postmortem-reminder', dueAt });
}

function overdue(turn: Turn, at: Instant): void {
  const { state, now } = turn;
  if (state.dueAt === null) return;
  state.overdueTimes += 1;
  record(turn, { type: 'postmortem-overdue', times: state.overdueTimes });
  const by = state.input.owner;
  const part: MessagePart = {
    type: 'postmortem-overdue',
    dueAt: state.dueAt,
    owner: by?.name ?? 'nobody',
    times: state.overdueTimes,
  };
  if (by?.kind === 'user')
    search(turn, [{ kind: 'manager', of: [by.id] }], part, 'owner', `find the manager of ${by.name}`);
  else searchOwner(turn, part);
  // Always at the same time of day; days that an outage swallowed are not made up for.
  const days = Math.floor((now - at) / OVERDUE_EVERY_MS) + 1;
  setDeadline(
    turn,
    'overdue',
    at + days * OVERDUE_EVERY_MS,
    'postmortem still overdue: the manager hears of it again',
  );
}

function peopleFound(turn: Turn, requestId: string, found: FoundPeople): void {
  const { state } = turn;
  const asked = state.searches[requestId];
  if (asked === undefined) return;
  state.searches = Object.fromEntries(Object.entries(state.searches).filter(([id]) => id !== requestId));
  if (state.phase === 'closed') return;
  for (const text of found.problems) record(turn, { type: 'problem', text });
  const reachable = found.people.filter((person) => person.notice.length > 0);
  for (const person of reachable) {
    const [method] = methodsFor(turn, person.notice);
    if (method === undefined) continue;
    state.people = {
      ...state.people,
      [person.userId]: { name: person.name, notice: person.notice, lastPagedAt: null },
    };
    state.counter += 1;
    send(turn, {
      id: `${REVIEW_DELIVERY}${state.counter}`,
      pageId: null,
      userId: person.userId,
      method,
      attempt: 1,
      status: 'sending',
      parts: [asked.part],
    });
  }
  if (reachable.length > 0)
    record(turn, { type: 'told', names: reachable.map((person) => person.name), what: asked.part.type });
  else if (asked.orElse === 'owner') searchOwner(turn, asked.part);
  else if (asked.orElse === 'team')
    search(turn, state.input.ownerTargets, asked.part, 'nobody', 'find who is on call for the service');
  else record(turn, { type: 'problem', text: 'nobody could be told that the postmortem is due' });
}

/** True when nothing is owed and nothing is on its way. */
export function isReviewOver(state: ReviewState): boolean {
  return (
    state.phase === 'closed' &&
    Object.keys(state.deadlines).length === 0 &&
    Object.values(state.deliveries).every((delivery) => delivery.status !== 'sending')
  );
}

/** The state as people and programs read it. */
export function reviewViewOf(state: ReviewState): ReviewView {
  const { input: facts } = state;
  return {
    openingId: facts.openingId,
    code: facts.code,
    title: facts.title,
    severity: facts.severity,
    service: facts.service,
    resolvedAt: facts.resolvedAt,
    phase: state.phase,
    postmortem:
      state.dueAt === null
        ? { required: false }
        : {
            required: true,
            dueAt: state.dueAt,
            ...(state.published === null ? {} : { published: state.published }),
          },
    deadlines: Object.entries(state.deadlines)
      .map(([name, deadline]) => ({ name, at: deadline.at, label: deadline.label }))
      .sort((one, other) => one.at - other.at),
    timeline: state.timeline,
  };
}
