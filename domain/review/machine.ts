import type { Target } from '../escalation/policy.js';
import type { IncidentCommand } from '../incident/command.js';
import type { DeliveryReport, FoundPeople, Method } from '../incident/event.js';
import type { Delivery } from '../incident/state.js';
import type { TimelineEntry } from '../incident/timeline.js';
import type { ReviewView } from '../incident/view.js';
import { durationWords } from '../messages/duration-words.js';
import type { Message, MessagePart } from '../messages/message.js';
import { DAY, HOUR, type Instant } from '../time/instant.js';
import type { ReviewAction, ReviewAnswer, ReviewInput } from './review-types.js';
import type { ReviewState } from './state.js';

/** Reminders come when this much of the time has gone: 24 h and 44 h of 48 h. Source: spec, "Timers of one incident". */
const REMINDERS_AT = [1 / 2, 11 / 12] as const;

/** Overdue: the manager hears of it at once, and then once a day. */
const OVERDUE_EVERY_MS = DAY;

const ATTEMPTS = 5;
const LONGEST_RETRY_MS = HOUR;
const NOTICE_VALID_MS = HOUR;
const KEPT_ANSWERS = 100;
const KEPT_TIMELINE = 400;

export type ReviewCommand = Extract<IncidentCommand, { type: 'find-people' | 'deliver' }>;

/** What can happen to a review. */
export type ReviewEvent =
  | { readonly type: 'action'; readonly action: ReviewAction }
  | { readonly type: 'people-found'; readonly requestId: string; readonly found: FoundPeople }
  | { readonly type: 'delivery'; readonly report: DeliveryReport }
  | { readonly type: 'time' };

export interface ReviewApplied {
  readonly state: ReviewState;
  readonly commands: readonly ReviewCommand[];
}

interface Turn {
  readonly state: ReviewState;
  readonly now: Instant;
  readonly commands: ReviewCommand[];
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
    default:
      return event satisfies never;
  }
  return { state: turn.state, commands: turn.commands };
}

type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never;

function record(turn: Turn, entry: Untimed<TimelineEntry>): void {
  turn.state.timeline = [...turn.state.timeline, { at: turn.now, ...entry } as TimelineEntry].slice(
    -KEPT_TIMELINE,
  );
}

function setDeadline(turn: Turn, name: string, at: Instant, label: string): void {
  turn.state.deadlines = { ...turn.state.deadlines, [name]: { at, label } };
}

function clearDeadline(turn: Turn, name: string): void {
  turn.state.deadlines = Object.fromEntries(
    Object.entries(turn.state.deadlines).filter(([other]) => other !== name),
  );
}

function close(turn: Turn): void {
  turn.state.phase = 'closed';
  turn.state.deadlines = Object.fromEntries(
    Object.entries(turn.state.deadlines).filter(([name]) => name.startsWith('retry:')),
  );
  record(turn, { type: 'closed' });
}

function act(turn: Turn, action: ReviewAction): void {
  const { state } = turn;
  if (state.answers.some((given) => given.requestId === action.requestId)) return;
  state.answers = [...state.answers, { requestId: action.requestId, answer: publish(turn, action) }].slice(
    -KEPT_ANSWERS,
  );
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
  for (const [name, deadline] of due) {
    clearDeadline(turn, name);
    if (name === 'overdue') overdue(turn, deadline.at);
    else if (name.startsWith('retry:')) retry(turn, name.slice('retry:'.length));
    // A reminder that an outage carried past the deadline has nothing left to say.
    else if (turn.state.dueAt !== null && turn.now < turn.state.dueAt) remind(turn, turn.state.dueAt);
  }
}

function owner(state: ReviewState): readonly Target[] {
  const by = state.input.owner;
  return by?.kind === 'user' ? [{ kind: 'user', id: by.id }] : state.input.ownerTargets;
}

function remind(turn: Turn, dueAt: Instant): void {
  record(turn, { type: 'postmortem-reminder', dueAt });
  search(
    turn,
    owner(turn.state),
    { type: 'postmortem-reminder', dueAt },
    'nobody',
    'find who owes the postmortem',
  );
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
  else search(turn, owner(state), part, 'nobody', 'find who owes the postmortem');
  // Always at the same time of day; days that an outage swallowed are not made up for.
  const days = Math.floor((now - at) / OVERDUE_EVERY_MS) + 1;
  setDeadline(
    turn,
    'overdue',
    at + days * OVERDUE_EVERY_MS,
    'postmortem still overdue: the manager hears of it again',
  );
}

function search(
  turn: Turn,
  targets: readonly Target[],
  part: MessagePart,
  orElse: 'owner' | 'nobody',
  label: string,
): void {
  turn.state.counter += 1;
  const requestId = `s${turn.state.counter}`;
  turn.state.searches = { ...turn.state.searches, [requestId]: { part, orElse } };
  turn.commands.push({ type: 'find-people', requestId, targets, urgency: turn.state.input.urgency, label });
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
    const [method] = methods(turn, person.notice);
    if (method === undefined) continue;
    state.people = {
      ...state.people,
      [person.userId]: { name: person.name, notice: person.notice, lastPagedAt: null },
    };
    state.counter += 1;
    send(turn, {
      id: `d${state.counter}`,
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
  else if (asked.orElse === 'owner')
    search(turn, owner(state), asked.part, 'nobody', 'find who owes the postmortem');
}

/** Best first; a quiet severity writes mail. */
function methods(turn: Turn, notice: readonly Method[]): Method[] {
  const quiet = (method: Method): number =>
    turn.state.input.urgency === 'low' && method.channel === 'email' ? 0 : 1;
  return [...notice].sort((one, other) => quiet(one) - quiet(other));
}

function send(turn: Turn, delivery: Delivery): void {
  const { state } = turn;
  const { input } = state;
  state.deliveries = { ...state.deliveries, [delivery.id]: delivery };
  const message: Message = {
    kind: 'notice',
    openingId: input.openingId,
    code: input.code,
    title: input.title,
    service: input.service,
    severity: input.severity,
    openedAt: input.openedAt,
    firing: 0,
    parts: delivery.parts,
    validForMs: NOTICE_VALID_MS,
  };
  const name = state.people[delivery.userId]?.name ?? delivery.userId;
  turn.commands.push({
    type: 'deliver',
    deliveryId: delivery.id,
    idempotencyKey: `${input.openingId}/review/${delivery.userId}/${delivery.method.id}/${delivery.id}/${delivery.attempt}`,
    userId: delivery.userId,
    method: delivery.method,
    attempt: delivery.attempt,
    message,
    label: `tell ${name} by ${delivery.method.channel}: ${delivery.parts[0].type.replace('-', ' ')}`,
  });
}

function delivered(turn: Turn, report: DeliveryReport): void {
  const { state, now } = turn;
  const delivery = state.deliveries[report.deliveryId];
  if (delivery === undefined || !['sending', 'sent'].includes(delivery.status)) return;
  const name = state.people[delivery.userId]?.name ?? delivery.userId;
  const { channel } = delivery.method;
  const put = (status: Delivery['status']): void => {
    state.deliveries = { ...state.deliveries, [delivery.id]: { ...delivery, status } };
  };
  if (report.status !== 'failed') {
    put(report.status === 'sent' ? 'sent' : report.status === 'delivered' ? 'delivered' : 'ended');
    if (report.status === 'sent')
      record(turn, { type: 'sent', name, channel, what: delivery.parts[0].type, provider: report.provider });
    return;
  }
  put('failed');
  const retryable = report.retryable && delivery.attempt < ATTEMPTS;
  const tried = [...delivery.id.split('/').slice(1), delivery.method.id];
  const other = retryable
    ? undefined
    : methods(turn, state.people[delivery.userId]?.notice ?? []).find((method) => !tried.includes(method.id));
  if (retryable) {
    const wait = Math.min(LONGEST_RETRY_MS, state.input.retryMs * 2 ** (delivery.attempt - 1));
    setDeadline(
      turn,
      `retry:${delivery.id}`,
      now + Math.max(wait, report.retryAfterMs ?? 0),
      `try ${channel} to ${name} again`,
    );
  } else if (other !== undefined) {
    send(turn, {
      ...delivery,
      id: `${delivery.id}/${delivery.method.id}`,
      method: other,
      attempt: 1,
      status: 'sending',
    });
  }
  record(turn, {
    type: 'delivery-failed',
    name,
    channel,
    provider: report.provider,
    reason: report.reason,
    next: retryable ? 'retry' : other === undefined ? 'nothing-left' : 'next-method',
    ...(report.detail === undefined ? {} : { detail: report.detail }),
  });
}

function retry(turn: Turn, deliveryId: string): void {
  const delivery = turn.state.deliveries[deliveryId];
  if (delivery?.status === 'failed')
    send(turn, { ...delivery, attempt: delivery.attempt + 1, status: 'sending' });
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
