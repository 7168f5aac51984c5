import type { Channel } from '../incident/event.js';
import type { Delivery, Person } from '../incident/state.js';
import type { TimelineEntry } from '../incident/timeline.js';
import type { Instant } from '../time/instant.js';
import type { NumberedEntry } from './batch.js';

/** One message that a provider took. */
export interface RecordedDelivery {
  readonly provider: string;
  readonly providerId: string;
  readonly userId: string;
  readonly channel: Channel;
  /** Whether it called on the person, or only told them something. */
  readonly kind: 'page' | 'notice';
  /** When the provider had it; null: before this part of the timeline. */
  readonly sentAt: Instant | null;
  /** The last that is known. `superseded`: it failed later, and the message was sent anew. */
  readonly outcome: Delivery['status'] | 'superseded';
  readonly possibleDuplicate: boolean;
}

type Sent = Extract<TimelineEntry, { type: 'sent' }>;

/** The messages that these entries tell of, as they stand now. */
export function deliveriesTold(
  state: {
    readonly deliveries: Readonly<Record<string, Delivery>>;
    readonly people: Readonly<Record<string, Person>>;
  },
  entries: readonly NumberedEntry[],
): readonly RecordedDelivery[] {
  const sent = new Map<string, Sent>();
  // The outcome of a call or message names its person and channel: all of theirs are looked at.
  const touched = new Set<string>();
  for (const { entry } of entries) {
    if (entry.type === 'sent' && entry.providerId !== undefined) sent.set(entry.providerId, entry);
    else if (entry.type === 'delivered' || entry.type === 'delivery-failed')
      touched.add(`${entry.channel} ${entry.name}`);
    else if (entry.type === 'call-ended') touched.add(`voice ${entry.name}`);
  }
  return Object.values(state.deliveries).flatMap((delivery): RecordedDelivery[] => {
    const { userId, method, provider } = delivery;
    if (provider === undefined) return [];
    const name = state.people[userId]?.name ?? userId;
    const isTouched = touched.has(`${method.channel} ${name}`);
    const told = (providerId: string, outcome: RecordedDelivery['outcome']): RecordedDelivery[] => {
      const entry = sent.get(providerId);
      if (entry === undefined && !isTouched) return [];
      return [
        {
          provider: entry?.provider ?? provider,
          providerId,
          userId,
          channel: method.channel,
          kind: delivery.pageId === null ? 'notice' : 'page',
          sentAt: entry?.at ?? null,
          outcome,
          possibleDuplicate: entry?.possibleDuplicate === true || delivery.ambiguous === true,
        },
      ];
    };
    return [
      ...(delivery.earlier ?? []).flatMap((id) => told(id, 'superseded')),
      ...(delivery.providerId === undefined ? [] : told(delivery.providerId, delivery.status)),
    ];
  });
}
