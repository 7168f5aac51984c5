import { createHash } from 'node:crypto';
import type { Config } from '../../config/types.js';
import type { Override } from '../../domain/oncall/override.js';
import type { Schedule } from '../../domain/oncall/schedule.js';
import { SECOND, type Instant } from '../../domain/time/instant.js';
import { inSlices } from '../schedules/in-slices.js';
import { calendarText, type CalendarSubject } from './calendar-text.js';
import { createKept } from './kept.js';
import { shiftEvents, windowAt, type FeedWindow, type ShiftEvent } from './shift-events.js';

/** A calendar as it is sent. */
export interface Feed {
  readonly text: string;
  /** Changes with what people see of it; the same in every process. */
  readonly tag: string;
  /** When this process first saw it so; whole seconds, and later than whatever was there before. */
  readonly changedAt: Instant;
}

/** Overrides, and a number that is another when they are others. */
export interface OverrideSet {
  readonly version: number;
  readonly overrides: readonly Override[];
}

export interface FeedsDeps {
  readonly config: () => Config;
  readonly now: () => Instant;
  /** How many characters of text are kept at most. Default 32 million: some 150 calendars of two people a day. */
  readonly keep?: number;
}

/** Makes calendars, and keeps them as long as nothing of theirs changes: at a reload, with overrides, and at midnight UTC. */
export interface Feeds {
  feedOf(subject: CalendarSubject, set: OverrideSet): Promise<Feed>;
}

const KEEP_CHARACTERS = 32_000_000;
/** Of schedules, for the calendars of people that come next. */
const KEEP_EVENTS = 50_000;

/** What a calendar is made of: nothing of it changes meanwhile. */
interface Sources {
  readonly config: Config;
  readonly set: OverrideSet;
  readonly at: Instant;
  readonly window: FeedWindow;
}

export function createFeeds({ config, now, keep = KEEP_CHARACTERS }: FeedsDeps): Feeds {
  const feeds = createKept<{ readonly edition: string; readonly feed: Feed }>(
    keep,
    ({ feed }) => feed.text.length,
  );
  const events = createKept<readonly ShiftEvent[]>(KEEP_EVENTS, ({ length }) => length);
  const underWay = new Map<string, Promise<Feed>>();

  function eventsOf(schedule: Schedule, { config: { hash }, set, window }: Sources): readonly ShiftEvent[] {
    const overrides = set.overrides.filter((each) => each.schedule === schedule.id);
    // An override is never changed but for its end: others' overrides make nothing anew.
    const theirs = overrides.map(({ id, cancelledAt = '' }) => `${id}:${cancelledAt}`).join(' ');
    const name = JSON.stringify([schedule.id, hash, window.from, theirs]);
    const known = events.get(name);
    if (known !== undefined) return known;
    const made = shiftEvents(schedule, overrides, window);
    events.set(name, made);
    return made;
  }

  function* eventsIn(
    { kind, id }: CalendarSubject,
    sources: Sources,
  ): Generator<undefined, ShiftEvent[], undefined> {
    const { schedules } = sources.config;
    const wanted: ShiftEvent[] = [];
    for (const schedule of schedules.values()) {
      if (kind === 'schedule' ? schedule.id !== id : !mayHave(id, schedule, sources.set)) continue;
      for (const event of eventsOf(schedule, sources))
        if (kind === 'schedule' || event.userId === id) wanted.push(event);
      yield;
    }
    return wanted;
  }

  async function make(subject: CalendarSubject, edition: string, sources: Sources): Promise<Feed> {
    const { kind, id } = subject;
    const { users, schedules } = sources.config;
    const isThere = kind === 'schedule' ? schedules.has(id) : users.has(id);
    const content = {
      subject,
      nameOf: (userId: string) => users.get(userId)?.name ?? userId,
      events: await inSlices(eventsIn(subject, sources)),
      ...(isThere ? {} : { remark: `There is no ${kind} ${id} any more.` }),
    };
    const textAt = await inSlices(calendarText(content));
    const tag = createHash('sha256').update(textAt(0)).digest('base64url').slice(0, 22);
    const key = keyOf(subject);
    const before = feeds.get(key)?.feed;
    const second = Math.floor(sources.at / SECOND) * SECOND;
    const changedAt = before === undefined ? second : Math.max(second, before.changedAt + SECOND);
    const feed = before?.tag === tag ? before : { text: textAt(changedAt), tag, changedAt };
    feeds.set(key, { edition, feed });
    return feed;
  }

  return {
    feedOf: async (subject, set) => {
      const at = now();
      const sources = { config: config(), set, at, window: windowAt(at) };
      const edition = JSON.stringify([sources.config.hash, set.version, sources.window.from]);
      const known = feeds.get(keyOf(subject));
      if (known?.edition === edition) return known.feed;
      // Many may ask at the same moment, when it has just changed.
      const name = `${keyOf(subject)} ${edition}`;
      const made = underWay.get(name) ?? make(subject, edition, sources).finally(() => underWay.delete(name));
      underWay.set(name, made);
      return made;
    },
  };
}

function keyOf({ kind, id }: CalendarSubject): string {
  return `${kind} ${id}`;
}

/** Most people are in few schedules. */
function mayHave(userId: string, { id, layers, secondary }: Schedule, { overrides }: OverrideSet): boolean {
  const own = secondary.kind === 'own' ? secondary.layers : [];
  return (
    [...layers, ...own].some(({ participants }) => participants.includes(userId)) ||
    overrides.some((each) => each.schedule === id && each.userId === userId)
  );
}
