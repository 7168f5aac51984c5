import type { Letter } from '../../../domain/messages/letter.js';
import type { Message, MessagePart } from '../../../domain/messages/message.js';

export const TEN = Date.UTC(2026, 10, 24, 10, 0, 0);

/** The page of a usual alert; a link of the usual length is {@link LINK}. */
export function page(changes: Partial<Message> = {}): Message {
  return {
    kind: 'page',
    openingId: '0123456789abcdef0123-89abcdef',
    code: '7KQ2',
    title: 'Checkout error rate above 14 %',
    service: 'payments',
    severity: 'SEV1',
    openedAt: TEN,
    firing: 3,
    parts: [{ type: 'page', reason: 'alert', tier: 'primary', round: 1 }],
    validForMs: 300_000,
    ...changes,
  };
}

export function notice(...parts: [MessagePart, ...MessagePart[]]): Message {
  return page({ kind: 'notice', parts });
}

/** 29 characters of address and 55 of token. */
export const LINK = `https://tocsin.example.com/i/${'A'.repeat(55)}`;

/** Every kind of message part once. */
export const EVERY_PART: readonly MessagePart[] = [
  { type: 'page', reason: 'not-acknowledged', tier: 'tier 2', round: 2, detail: 'raised from SEV2 by bob' },
  { type: 'acknowledged-by', who: 'bob', at: TEN + 360_000 },
  { type: 'taken-over', who: 'alice', from: 'bob' },
  { type: 'still-on-it', escalatesAt: TEN + 1_800_000 },
  { type: 'no-progress', paged: 'bob' },
  { type: 'update-due', every: 1_800_000, overdueAt: TEN + 1_200_000 },
  { type: 'update-overdue', owner: 'alice', since: TEN + 900_000 },
  { type: 'alert-joined', summary: 'Payment queue is full', firing: 7 },
  { type: 'severity-changed', from: 'SEV2', to: 'SEV0', by: 'bob' },
  { type: 'told', what: 'executives' },
  { type: 'told', what: 'management' },
  { type: 'catch-all-reached', again: false },
  { type: 'catch-all-reached', again: true },
  { type: 'monitoring', stableAt: TEN + 2_520_000 },
  { type: 'gone-before-answer' },
  { type: 'resolved' },
  { type: 'escalated', by: 'bob', to: 'tier 2' },
  { type: 'confirmation', sentence: 'You have it: Checkout error rate' },
  { type: 'postmortem-reminder', dueAt: TEN + 172_800_000 },
  { type: 'postmortem-overdue', dueAt: TEN, owner: 'alice', times: 2 },
  { type: 'open-again', by: 'bob' },
  { type: 'reassigning', by: 'erin', to: 'bob' },
  { type: 'not-taken-over', to: 'bob', paged: 'tier 2' },
  { type: 'not-taken-over', to: 'bob' },
  { type: 'no-longer-asked' },
  { type: 'responders-asked', by: 'erin', names: ['dan', 'storage'] },
  { type: 'responders-unanswered', name: 'storage' },
  { type: 'joined', who: 'dan' },
];

/** A letter of the usual size. */
export function letterOf(changes: Partial<Letter> = {}): Letter {
  return {
    kind: 'letter',
    topic: 'handoff',
    id: 'handoff-4f7a',
    subject: 'Hand-over at 09:00',
    short: 'You are on call for payments from 09:00.',
    body: [
      'You are on call for payments from 09:00.',
      '- 1 incident is open',
      '- nothing is snoozed',
      'Good luck.',
    ],
    validForMs: 3_600_000,
    ...changes,
  };
}
