import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { HOUR, SECOND, type Instant } from '../../domain/time/instant.js';
import type { Calendars, StoredCalendar } from '../../store/calendars.js';
import { StoreAway, StoreTooNew } from '../../store/errors.js';
import type { Overrides } from '../../store/overrides.js';
import type { OverrideSet } from './feeds.js';
import { windowAt } from './shift-events.js';

/** What a token opens. */
export interface FoundCalendar {
  readonly calendar: StoredCalendar;
  readonly set: OverrideSet;
}

/** The addresses and overrides that calendars are made of, in memory: 10,000 readers ask the store once in two seconds. */
export interface KnownCalendars {
  /**
   * Null: no calendar has this token, or it was taken back.
   * @throws StoreAway or StoreTooNew when the store has not answered for an hour, or never; for a token that is not known, when
   * it does not answer
   */
  find(token: string): Promise<FoundCalendar | null>;
  /** This process made this address, or took it back: the next to ask looks first. */
  changed(calendar: StoredCalendar): void;
}

export interface KnownCalendarsDeps {
  readonly store: {
    readonly calendars: Pick<Calendars, 'version' | 'byTokenHash'>;
    readonly overrides: Pick<Overrides, 'version' | 'list'>;
  };
  readonly now: () => Instant;
  readonly log: Pick<Logger, 'warn'>;
}

/** How old what is known may be. Another process may have taken an address back, or made an override. */
const FRESH_MS = 2 * SECOND;
/** The same for a token that is not known: it may just have been made by another process, and programs don't ask twice. */
const FRESH_FOR_NEW_MS = 250;
/** Between tries while the store is away. */
const AGAIN_MS = 2 * SECOND;
/** Calendars go on so long without the store. */
const KEEP_MS = HOUR;

interface Known {
  readonly asOf: Instant;
  readonly calendarsVersion: number;
  readonly byHash: ReadonlyMap<string, StoredCalendar>;
  readonly set: OverrideSet;
  /** Overrides that end before are left out. */
  readonly from: Instant;
}

/** 256 random bits need no slow hash. Source: NIST SP 800-63B, 5.1.2.2, on look-up secrets of 112 bits and more. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function createKnownCalendars({ store, now, log }: KnownCalendarsDeps): KnownCalendars {
  let known: Known | null = null;
  let failed: { readonly at: Instant; readonly error: Error } | null = null;
  let looking: Promise<void> | null = null;
  let isOld = false;
  const revokedHere = new Set<string>();

  async function look(): Promise<void> {
    const asOf = now();
    isOld = false;
    try {
      const { from } = windowAt(asOf).look;
      const [calendarsVersion, version] = await Promise.all([
        store.calendars.version(),
        store.overrides.version(),
      ]);
      const byHash =
        known?.calendarsVersion === calendarsVersion ? known.byHash : await store.calendars.byTokenHash();
      const set =
        known?.set.version === version && known.from === from
          ? known.set
          : { version, overrides: await store.overrides.list({ from, includeCancelled: true }) };
      known = { asOf, calendarsVersion, byHash, set, from };
      failed = null;
    } catch (error) {
      // The store tells its own troubles; others are mistakes of ours.
      if (!(error instanceof StoreAway || error instanceof StoreTooNew))
        log.warn({ err: error }, 'The calendars could not be looked up; the last ones that were known stay.');
      failed = { at: asOf, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  /** One look at a time; whoever comes meanwhile shares it. */
  function lookOnce(): Promise<void> {
    return (looking ??= look().finally(() => {
      looking = null;
    }));
  }

  /** A clock that was set back makes nothing fresh. */
  const isWithin = (at: Instant, ms: number): boolean => Math.abs(now() - at) < ms;

  async function refresh(freshMs: number): Promise<void> {
    if (!isOld && known !== null && isWithin(known.asOf, freshMs)) return;
    if (failed !== null && isWithin(failed.at, AGAIN_MS)) return;
    const isUsable = known !== null && isWithin(known.asOf, KEEP_MS);
    const looked = lookOnce();
    // A store that is away or slow is not waited for where what is known does.
    if (failed === null || !isUsable) await looked;
  }

  function usable(): Known {
    if (known !== null && isWithin(known.asOf, KEEP_MS)) return known;
    throw failed?.error ?? new TypeError('A look neither succeeded nor failed.');
  }

  return {
    changed: ({ id, revokedAt }) => {
      isOld = true;
      failed = null;
      // Even if the store goes away before the next look.
      if (revokedAt !== undefined) revokedHere.add(id);
    },
    find: async (token) => {
      const hash = hashOfToken(token);
      await refresh(FRESH_MS);
      if (!usable().byHash.has(hash)) await refresh(FRESH_FOR_NEW_MS);
      const { byHash, set } = usable();
      const calendar = byHash.get(hash);
      // It may have been made since the last look: programs give up what they are told is not there.
      if (calendar === undefined && failed !== null) throw failed.error;
      return calendar === undefined || revokedHere.has(calendar.id) ? null : { calendar, set };
    },
  };
}
