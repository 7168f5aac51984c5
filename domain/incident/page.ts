import { channelWords } from '../messages/labels.js';
import type { MessagePart } from '../messages/message.js';
import type { FoundPerson, Method, NotificationRule } from './event.js';
import { bundleOf } from './in-bundle.js';
import type { Milliseconds } from '../time/instant.js';
import { timeoutOf } from './positions.js';
import { rests } from './quiet.js';
import type { Page } from './state.js';
import {
  clearDeadlines,
  isApart,
  nextNumber,
  putDelivery,
  putPage,
  putPerson,
  record,
  send,
  setDeadline,
  type Turn,
} from './turn.js';

/** A message of a page is worth delivering for at least this long: the shortest validity period of an SMS provider. */
const SHORTEST_VALIDITY_MS = 60_000;

type PageFacts = Pick<Page, 'reason' | 'tier' | 'step' | 'round' | 'position' | 'line' | 'detail'>;

/**
 * Starts to page a person: what is due at once goes out, the rest of their rules become deadlines. `waitsMs`: how long their
 * answer is waited for; as long as for the position of the escalation when nothing is said.
 */
export function pagePerson(turn: Turn, person: FoundPerson, facts: PageFacts, waitsMs?: Milliseconds): void {
  const { state, now } = turn;
  const informing = facts.reason === 'for-information';
  const rules = informing ? quietRules(person) : person.rules;
  if (rules.length === 0 || isBeingPaged(turn, person.userId, facts.line !== undefined)) return;
  const id = `p${nextNumber(turn)}`;
  const timeoutMs = waitsMs ?? (state.escalation === null ? 0 : timeoutOf(state.plan, state.escalation));
  const last = rules.at(-1)?.afterMs ?? 0;
  putPage(turn, {
    id,
    userId: person.userId,
    name: person.name,
    via: person.via,
    ...facts,
    startedAt: now,
    validForMs: Math.max(SHORTEST_VALIDITY_MS, timeoutMs, last),
    rules,
    fired: [],
    status: 'active',
  });
  putPerson(turn, person.userId, {
    name: person.name,
    notice: person.notice,
    lastPagedAt: informing ? (state.people[person.userId]?.lastPagedAt ?? null) : now,
  });
  record(turn, {
    type: 'paged',
    userId: person.userId,
    name: person.name,
    via: person.via,
    tier: facts.tier,
    reason: facts.reason,
  });
  rules.forEach((rule, index) => {
    if (rule.afterMs <= 0) {
      fireRule(turn, id, index);
    } else {
      const channels = [...new Set(rule.methods.map((method) => channelWords(method.channel)))].join(' + ');
      setDeadline(
        turn,
        `rule:${id}:${index}`,
        now + rule.afterMs,
        `page ${person.name} by ${channels} (${facts.tier}), if there is no answer`,
      );
    }
  });
}

/** What is for information rings nobody, whatever a person's rules say; without any other way it goes as a notice would. */
function quietRules(person: FoundPerson): readonly NotificationRule[] {
  const quiet = person.rules
    .map((rule) => ({ ...rule, methods: rule.methods.filter((method) => method.channel !== 'voice') }))
    .filter((rule) => rule.methods.length > 0);
  const [notice] = person.notice;
  return quiet.length > 0 || notice === undefined ? quiet : [{ afterMs: 0, methods: [notice] }];
}

/**
 * Whoever was paged within this minute, for the same paging, is not paged twice: as step and as management, say. To be asked
 * for help is another matter: it is answered otherwise, and goes on when the policy's paging stops.
 */
function isBeingPaged(turn: Turn, userId: string, beside: boolean): boolean {
  return turn.state.pages.some(
    (page) =>
      page.userId === userId &&
      (page.line !== undefined) === beside &&
      page.status === 'active' &&
      page.reason !== 'for-information' &&
      turn.now - page.startedAt < turn.state.plan.timings.mergeMs,
  );
}

export function pageOf(turn: Turn, pageId: string): Page | undefined {
  return turn.state.pages.find((page) => page.id === pageId);
}

function partOf(page: Page): MessagePart {
  return {
    type: 'page',
    reason: page.reason,
    tier: page.tier,
    round: page.round,
    ...(page.detail === undefined ? {} : { detail: page.detail }),
  };
}

/** What became of a notification rule whose turn came. `left-to-later`, `just-done`: nothing of it went out, and why. */
export type RuleOutcome = 'done' | 'left-to-later' | 'just-done';

/**
 * Carries out one notification rule of a page, once. After an outage of ours nobody's phone rings twice for what was owed in
 * it: a method that a later rule has, too, which is due as well, is left to that one, and what went out late is not said
 * again within the minute, unless it failed.
 * @param isLate its time fell into an outage of ours
 */
export function fireRule(turn: Turn, pageId: string, index: number, isLate = false): RuleOutcome {
  const page = pageOf(turn, pageId);
  const rule = page?.rules[index];
  clearDeadlines(turn, (name) => name === `rule:${pageId}:${index}`);
  if (page === undefined || rule === undefined || page.status !== 'active' || page.fired.includes(index))
    return 'done';
  const later = methodsDueAfter(turn, page, index);
  const said = saidLate(turn, page);
  const owed = rule.methods.filter(({ id }) => !later.has(id) && !said.has(id));
  const caughtUp = isLate ? { caughtUp: { at: turn.now, methods: owed.map(({ id }) => id) } } : {};
  putPage(turn, { ...page, fired: [...page.fired, index], ...(owed.length === 0 ? {} : caughtUp) });
  for (const method of owed) sendPage(turn, page, method);
  if (owed.length > 0 || rule.methods.length === 0) return 'done';
  return rule.methods.some(({ id }) => said.has(id)) ? 'just-done' : 'left-to-later';
}

/** The methods by which a page went out late within this minute, and has not failed. */
function saidLate({ state, now }: Turn, page: Page): ReadonlySet<string> {
  if (page.caughtUp === undefined || now - page.caughtUp.at >= state.plan.timings.mergeMs) return new Set();
  const { methods } = page.caughtUp;
  const live = Object.values(state.deliveries).filter(
    ({ pageId, status, method }) =>
      pageId === page.id && status !== 'failed' && status !== 'cancelled' && methods.includes(method.id),
  );
  return new Set(live.map(({ method }) => method.id));
}

/** The methods of those rules of a page that come after this one, are due by now and were not carried out yet. */
function methodsDueAfter({ state, now }: Turn, page: Page, index: number): ReadonlySet<string> {
  const after = page.rules[index]?.afterMs ?? 0;
  const due = page.rules.filter((rule, other) => {
    const isLater = rule.afterMs > after || (rule.afterMs === after && other > index);
    const deadline = state.deadlines[`rule:${page.id}:${other}`];
    return isLater && deadline !== undefined && deadline.at <= now;
  });
  return new Set(due.flatMap(({ methods }) => methods.map(({ id }) => id)));
}

/** Sends a page by this method, for the first time. */
export function sendPage(turn: Turn, page: Page, method: Method): void {
  send(turn, {
    id: `d${nextNumber(turn)}`,
    pageId: page.id,
    userId: page.userId,
    method,
    attempt: 1,
    parts: [partOf(page)],
  });
}

/** The next tier takes over: the rules of these people stop, they may still answer. */
export function supersedePages(turn: Turn): void {
  endPages(turn, 'superseded', (page) => page.status === 'active' && page.position !== null);
}

/** Paging rests until a later time: nothing more leaves, but whoever was paged may still answer. */
export function pausePages(turn: Turn): void {
  forgetEscalation(turn);
  endPages(turn, 'superseded', (page) => page.status === 'active' && !isApart(turn.state, page));
}

/** As `pausePages`, and calls that still ring are taken back: somebody asked for silence. */
export function hushPages(turn: Turn): void {
  const isMeant = (page: Page): boolean => page.status !== 'stopped' && !isApart(turn.state, page);
  const meant = new Set(turn.state.pages.filter(isMeant).map(({ id }) => id));
  pausePages(turn);
  takeBackCalls(turn, meant);
}

/** It rests for maintenance since then. */
export function isHushed(state: Turn['state'], page: Page): boolean {
  return page.status === 'superseded' && rests(state) && !isApart(state, page);
}

function forgetEscalation(turn: Turn): void {
  turn.state.escalation = null;
  clearDeadlines(turn, (name) => name === 'ack' || name === 'begin' || name === 'repage');
}

/** Somebody answered, or it is over: nothing more leaves, and calls that still ring are taken back. */
export function stopPages(
  turn: Turn,
  answeredBy?: { readonly userId: string; readonly inCall: boolean },
): void {
  forgetEscalation(turn);
  endPages(turn, 'stopped', (page) => page.status !== 'stopped' && !isApart(turn.state, page), answeredBy);
}

/** The rules of these pages stop; their people may still answer. */
export function supersedePagesOf(turn: Turn, which: (page: Page) => boolean): void {
  endPages(turn, 'superseded', (page) => page.status === 'active' && which(page));
}

/** These pages are over: nothing more of them leaves, and their calls that still ring are taken back. */
export function stopPagesOf(
  turn: Turn,
  which: (page: Page) => boolean,
  answeredBy?: { readonly userId: string; readonly inCall: boolean },
): void {
  endPages(turn, 'stopped', (page) => page.status !== 'stopped' && which(page), answeredBy);
}

function endPages(
  turn: Turn,
  status: 'superseded' | 'stopped',
  which: (page: Page) => boolean,
  answeredBy?: { readonly userId: string; readonly inCall: boolean },
): void {
  const ended = turn.state.pages.filter(which);
  const ids = new Set(ended.map((page) => page.id));
  for (const page of ended) putPage(turn, { ...page, status });
  clearDeadlines(turn, (name) => name.startsWith('rule:') && ids.has(name.split(':')[1] ?? ''));
  const deliveries = Object.values(turn.state.deliveries).filter(
    (delivery) => delivery.pageId !== null && ids.has(delivery.pageId),
  );
  const waiting = deliveries.filter(
    (delivery) =>
      delivery.status === 'sending' ||
      (delivery.status === 'failed' && `retry:${delivery.id}` in turn.state.deadlines),
  );
  clearDeadlines(
    turn,
    (name) => name.startsWith('retry:') && deliveries.some((delivery) => name === `retry:${delivery.id}`),
  );
  const sending = waiting.filter((delivery) => delivery.status === 'sending').map((delivery) => delivery.id);
  if (sending.length > 0) turn.commands.push({ type: 'cancel-deliveries', deliveryIds: sending });
  if (status === 'stopped') takeBackCalls(turn, ids, answeredBy);
}

/** Takes back the calls of these pages that may still ring, but for the one in which somebody answered. */
function takeBackCalls(
  turn: Turn,
  pageIds: ReadonlySet<string>,
  answeredBy?: { readonly userId: string; readonly inCall: boolean },
): void {
  for (const delivery of Object.values(turn.state.deliveries)) {
    if (delivery.pageId === null || !pageIds.has(delivery.pageId)) continue;
    const rings = delivery.method.channel === 'voice' && delivery.status === 'sent';
    const isTheAnswer = answeredBy?.inCall === true && answeredBy.userId === delivery.userId;
    if (rings && !isTheAnswer && delivery.provider !== undefined && delivery.providerId !== undefined) {
      putDelivery(turn, { ...delivery, status: 'ended' });
      turn.commands.push({
        type: 'withdraw',
        deliveryId: delivery.id,
        channel: 'voice',
        provider: delivery.provider,
        providerId: delivery.providerId,
        ...bundleOf(turn.state, delivery),
      });
    }
  }
}
