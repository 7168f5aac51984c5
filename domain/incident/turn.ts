import { channelWords } from '../messages/labels.js';
import type { Message, MessagePart } from '../messages/message.js';
import { severityOf, urgencyOf, type Severity, type Urgency } from '../severity/severity.js';
import type { Target } from '../escalation/policy.js';
import type { Instant, Milliseconds } from '../time/instant.js';
import type { IncidentCommand } from './command.js';
import type { Method } from './event.js';
import { addEntry, dropEntries } from './kept-timeline.js';
import {
  BOUNDS,
  type Delivery,
  type IncidentState,
  type Line,
  type Page,
  type Person,
  type Search,
} from './state.js';
import type { TimelineEntry } from './timeline.js';

/** One step of the machine under way: a private copy of the state, and what it has decided so far. */
export interface Turn {
  readonly state: IncidentState;
  readonly now: Instant;
  readonly commands: IncidentCommand[];
  /** What each person is to be told, gathered so that one turn makes one message per person. */
  readonly notices: Map<string, MessagePart[]>;
}

export function beginTurn(state: IncidentState, now: Instant): Turn {
  return { state: { ...state }, now, commands: [], notices: new Map() };
}

/** A number that this incident never gave before. */
export function nextNumber(turn: Turn): number {
  turn.state.counter += 1;
  return turn.state.counter;
}

/** A timeline entry without its time. Distributes over the union. */
type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never;

export function record(turn: Turn, entry: Untimed<TimelineEntry>): void {
  const { state } = turn;
  if (entry.type === 'note') makeRoomForNote(state);
  addEntry(state, { at: turn.now, ...entry });
  // The opening stays: whoever reads the rest needs it.
  dropEntries(state, 1, 1 + state.timeline.length - BOUNDS.timeline);
}

/** The oldest note goes when there are many: notes push nothing else out of the timeline. */
function makeRoomForNote(state: IncidentState): void {
  if (notesKept(state) < BOUNDS.notes) return;
  const oldest = state.timeline.findIndex((entry) => entry.type === 'note');
  dropEntries(state, oldest, oldest + 1);
}

/** How many notes the timeline has. */
export function notesKept(state: IncidentState): number {
  return state.timeline.filter((entry) => entry.type === 'note').length;
}

export function setDeadline(turn: Turn, name: string, at: Instant, label: string): void {
  turn.state.deadlines = { ...turn.state.deadlines, [name]: { at, label } };
}

export function clearDeadlines(turn: Turn, matches: (name: string) => boolean): void {
  const entries = Object.entries(turn.state.deadlines);
  const kept = entries.filter(([name]) => !matches(name));
  if (kept.length < entries.length) turn.state.deadlines = Object.fromEntries(kept);
}

export function clearDeadline(turn: Turn, name: string): void {
  clearDeadlines(turn, (other) => other === name);
}

export function severity(turn: Turn): Severity {
  return severityOf(turn.state.plan.severities, turn.state.severity);
}

export function urgency(turn: Turn): Urgency {
  return urgencyOf(severity(turn));
}

export function firingCount(state: IncidentState): number {
  return state.alerts.known + state.alerts.overflow;
}

export function putPage(turn: Turn, page: Page): void {
  const { state } = turn;
  const others = state.pages.filter((other) => other.id !== page.id);
  const pages =
    others.length === state.pages.length
      ? [...others, page]
      : state.pages.map((other) => (other.id === page.id ? page : other));
  const excess = pages.length - BOUNDS.pages;
  state.pages =
    excess > 0 ? pages.filter((other, index) => index >= excess || other.status === 'active') : pages;
}

export function putDelivery(turn: Turn, delivery: Delivery): void {
  const { state } = turn;
  const deliveries = { ...state.deliveries, [delivery.id]: delivery };
  state.deliveries = deliveries;
  const excess = Object.keys(deliveries).length - BOUNDS.deliveries;
  if (excess <= 0) return;
  const active = new Set(state.pages.filter((page) => page.status === 'active').map((page) => page.id));
  const isOver = (one: Delivery): boolean =>
    one.id !== delivery.id && one.status !== 'sending' && !(`retry:${one.id}` in state.deadlines);
  const over = Object.values(deliveries).filter(isOver);
  // What was sent may hear from the provider yet; it goes after what is final, and last what belongs to a running page.
  const dispensable = [
    ...over.filter((one) => one.status !== 'sent' && !active.has(one.pageId ?? '')),
    ...over.filter((one) => one.status === 'sent' && !active.has(one.pageId ?? '')),
    ...over.filter((one) => active.has(one.pageId ?? '')),
  ];
  const gone = new Set(dispensable.slice(0, excess).map((one) => one.id));
  state.deliveries = Object.fromEntries(Object.entries(deliveries).filter(([id]) => !gone.has(id)));
}

export function putPerson(turn: Turn, userId: string, person: Person): void {
  turn.state.people = { ...turn.state.people, [userId]: person };
}

/** Asks who is meant right now; the answer comes back as an event. */
export function search(
  turn: Turn,
  targets: readonly Target[],
  purpose: Search['purpose'],
  how: Urgency,
  label: string,
): void {
  const requestId = `s${nextNumber(turn)}`;
  turn.state.searches = { ...turn.state.searches, [requestId]: { purpose, urgency: how } };
  turn.commands.push({ type: 'find-people', requestId, targets, urgency: how, label });
}

/** What every message of this incident says, whatever it is about. */
function messageOf(
  turn: Turn,
  kind: Message['kind'],
  parts: Message['parts'],
  validForMs: Milliseconds,
): Message {
  const { state } = turn;
  return {
    kind,
    openingId: state.openingId,
    code: state.code,
    title: state.title,
    service: state.plan.service.name,
    severity: state.severity,
    openedAt: state.openedAt,
    firing: firingCount(state),
    ...(state.plan.service.runbook === undefined ? {} : { runbook: state.plan.service.runbook }),
    ...(state.link === undefined ? {} : { link: state.link }),
    parts,
    validForMs,
  };
}

/** A notice is worth delivering for this long; the same as Twilio's own longest wait for a message it queues (10 h) is too long. */
const NOTICE_VALID_MS = 3_600_000;

/** Sends (or sends again) one delivery. Attempts count from 1. */
export function send(turn: Turn, delivery: Omit<Delivery, 'status' | 'provider' | 'providerId'>): void {
  const page = turn.state.pages.find((candidate) => candidate.id === delivery.pageId);
  const name = turn.state.people[delivery.userId]?.name ?? delivery.userId;
  const again = delivery.attempt > 1 ? `, attempt ${delivery.attempt}` : '';
  const what =
    page === undefined
      ? `tell ${name} by ${channelWords(delivery.method.channel)}`
      : `page ${name} by ${channelWords(delivery.method.channel)} (${page.tier})`;
  putDelivery(turn, { ...delivery, status: 'sending' });
  turn.commands.push({
    type: 'deliver',
    deliveryId: delivery.id,
    idempotencyKey: `${turn.state.openingId}/${delivery.pageId ?? 'notice'}/${delivery.userId}/${delivery.method.id}/${delivery.id}/${delivery.attempt}`,
    userId: delivery.userId,
    method: delivery.method,
    attempt: delivery.attempt,
    ...(wasSentBefore(turn, delivery) ? { again: true as const } : {}),
    message: messageOf(
      turn,
      page === undefined ? 'notice' : 'page',
      delivery.parts,
      page?.validForMs ?? NOTICE_VALID_MS,
    ),
    label: what + again,
  });
}

/** A message that has left. */
const OUT: ReadonlySet<Delivery['status']> = new Set(['sent', 'delivered', 'ended']);

/** Whether the person has had this page before, by whatever method. */
function wasSentBefore({ state }: Turn, { id, pageId }: Pick<Delivery, 'id' | 'pageId'>): boolean {
  return (
    pageId !== null &&
    Object.values(state.deliveries).some(
      (other) => other.pageId === pageId && other.id !== id && OUT.has(other.status),
    )
  );
}

/** The method by which this person is told something, in the voice of the severity; null when there is none. */
export function noticeMethod(turn: Turn, person: Person, tried: readonly string[] = []): Method | null {
  const open = person.notice.filter((method) => !tried.includes(method.id));
  const quiet = urgency(turn) === 'low' ? open.find((method) => method.channel === 'email') : undefined;
  return quiet ?? open[0] ?? null;
}

/** Tells people something that asks for no acknowledgement: by SMS, push or mail, never by a call. */
export function tell(turn: Turn, userIds: Iterable<string>, part: MessagePart): void {
  for (const userId of new Set(userIds)) {
    turn.notices.set(userId, [...(turn.notices.get(userId) ?? []), part]);
  }
}

/** Turns what people are to be told into one message for each. */
export function flushNotices(turn: Turn): void {
  for (const [userId, parts] of turn.notices) {
    const person = turn.state.people[userId];
    const [first, ...rest] = parts;
    if (first === undefined) continue;
    if (person === undefined) {
      search(
        turn,
        [{ kind: 'user', id: userId }],
        { type: 'notice', parts },
        urgency(turn),
        `find ${userId} to tell them`,
      );
      continue;
    }
    const method = noticeMethod(turn, person);
    if (method === null) {
      record(turn, { type: 'problem', text: `${person.name} can't be told anything: no SMS, push or email` });
      continue;
    }
    send(turn, {
      id: `d${nextNumber(turn)}`,
      pageId: null,
      userId,
      method,
      attempt: 1,
      parts: [first, ...rest],
    });
  }
  turn.notices.clear();
}

/** Whether an answer of its people still counts: they are being paged, or came too late to help but not to join. */
export function isAwaited(line: Line): boolean {
  return line.status === 'paging' || (line.kind === 'responders' && line.status === 'unanswered');
}

/** Whether a page is of a line beside the policy that waits for an answer: what the policy does leaves it alone. */
export function isApart(state: IncidentState, page: Page): boolean {
  return (state.lines ?? []).some((line) => line.id === page.line && isAwaited(line));
}

/** Everybody who was paged for this incident, oldest first. */
export function pagedPeople(state: IncidentState): string[] {
  return Object.entries(state.people)
    .filter(([, person]) => person.lastPagedAt !== null)
    .map(([userId]) => userId);
}
