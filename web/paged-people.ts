import type { Channel } from '../domain/incident/event.js';
import type { TimelineEntry } from '../domain/incident/timeline.js';
import type { IncidentView } from '../domain/incident/view.js';
import { channelWords, failureWords } from '../domain/messages/labels.js';
import type { Instant } from '../domain/time/instant.js';

/** How one person was tried by one channel, and what came of it last. */
export interface Way {
  readonly channel: Channel;
  readonly at: Instant;
  /** "SMS delivered", "phone call not answered". */
  readonly words: string;
}

/** Somebody whose page is open. */
export interface PagedPerson {
  readonly name: string;
  readonly since: Instant;
  /** In the order in which they were tried; empty while nothing has left yet. */
  readonly ways: readonly Way[];
}

/** Who is being paged, and how: their open pages, with what the timeline says of the messages and calls since. */
export function pagedPeople(view: IncidentView): readonly PagedPerson[] {
  return view.paged
    .filter(({ open }) => open)
    .map(({ userId, name, at }) => {
      const since = view.timeline.filter((entry) => entry.at >= at);
      const tiers = since.flatMap((entry) =>
        entry.type === 'paged' && entry.userId === userId ? [entry.tier] : [],
      );
      return { name, since: at, ways: waysOf(since, name, tiers) };
    });
}

/** Messages that are no page (who has it, still on it?) are left out: their `what` is no tier. */
function waysOf(entries: readonly TimelineEntry[], name: string, tiers: readonly string[]): readonly Way[] {
  const ways = new Map<Channel, Way>();
  const note = (channel: Channel, at: Instant, result: string): void => {
    ways.set(channel, { channel, at, words: `${channelWords(channel)} ${result}` });
  };
  for (const entry of entries) {
    if (!('name' in entry) || entry.name !== name) continue;
    switch (entry.type) {
      case 'sent':
        if (tiers.includes(entry.what)) note(entry.channel, entry.at, 'sent');
        break;
      case 'delivered':
        if (ways.has(entry.channel)) note(entry.channel, entry.at, 'delivered');
        break;
      case 'call-ended':
        note('voice', entry.at, CALL_WORDS[entry.how]);
        break;
      case 'delivery-failed':
        note(entry.channel, entry.at, `failed: ${failureWords(entry.reason)}`);
        break;
      default:
        // Says something of this person, but not of a message to them.
        break;
    }
  }
  return [...ways.values()];
}

/** "SMS delivered 10:00 UTC, phone call not answered 10:01 UTC". `words` writes a point in time. */
export function waysWords({ ways }: PagedPerson, words: (at: Instant) => string): string {
  if (ways.length === 0) return 'nothing has gone out yet';
  return ways.map((way) => `${way.words} ${words(way.at)}`).join(', ');
}

const CALL_WORDS = {
  answered: 'answered',
  voicemail: 'taken by voicemail',
  unanswered: 'not answered',
} as const;
