import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely, Migration } from 'kysely';
import type { Logger } from 'pino';
import type { Connection, Database, Opener } from './database.js';
import { createDeadline, DeadlinePassed } from './deadline.js';
import { type AwayReason, StoreAway, StoreTooNew } from './errors.js';
import { awayReason, LinkLost, wordsOf } from './failures.js';
import { migrate } from './migrate.js';
import { createSession, sessionOf } from './session.js';
import type { CallOptions, CallOutcome, StoreState } from './store.js';
import type { Tables } from './tables.js';

/** Does something with the store within its limit. `writes`: that it was done shows that there is room for it. */
export type Call = <T>(
  work: (db: Kysely<Tables>) => Promise<T>,
  options?: CallOptions & { readonly writes?: boolean },
) => Promise<T>;

/** What a store is kept open with. */
export interface KeepOpenOptions {
  readonly opener: Opener;
  readonly migrations: Readonly<Record<string, Migration>>;
  readonly now: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly onProgress: (line: string) => void;
  /** It is first opened when this is settled. */
  readonly after: Promise<unknown>;
}

/** A store that opens itself, again and again when it has to. */
export interface KeptOpen {
  readonly call: Call;
  state(): StoreState;
  calls(): ReadonlyMap<CallOutcome, number>;
  untilReady(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

const LIMIT_MS = 2_000;
const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;
/** How long a store that seems lost may take for the smallest question. */
const PROBE_MS = 5_000;
/** A call that asks for more time than this holds the embedded store's only session for as long as it takes. */
const LONG_MS = 60_000;
/** Closing does not wait longer for one that is just being opened; the process's end ends that. */
const CLOSE_MS = 7_000;

/** Begins to open it, and returns. */
export function keepOpen({ opener, migrations, now, log, onProgress, after }: KeepOpenOptions): KeptOpen {
  const { kind, where } = opener;
  const stopping = new AbortController();
  const outcomes = new Map<CallOutcome, number>();
  const waiting = new Set<() => void>();
  let database: Database | null = null;
  let state: StoreState = { kind, where, status: 'starting', since: now(), cause: null, reason: null };
  /** What calls are told while it is not ready. */
  let refusal: StoreAway | StoreTooNew = new StoreAway('starting', 'The store is still being opened.');
  let toldLost: (error: Error) => void = () => undefined;
  let isProbing = false;
  /** Calls under way that may take minutes: a backup. */
  let longCalls = 0;

  const become = (status: StoreState['status'], wrong: StoreAway | StoreTooNew | null): void => {
    const since = status === state.status ? state.since : now();
    const cause = wrong === null ? null : reasonOf(wrong);
    state = { kind, where, status, since, cause, reason: wrong?.message ?? null };
    for (const wake of waiting) wake();
  };

  const prepare = (connection: Connection): Promise<void> =>
    migrate({ db: sessionOf(connection), migrations, where, onProgress });

  async function keep(): Promise<void> {
    let backOffMs = FIRST_BACK_OFF_MS;
    await Promise.race([after, once(stopping.signal, 'abort')]).catch(() => undefined);
    while (!stopping.signal.aborted) {
      try {
        const opened = await opener.open(prepare);
        if (stopping.signal.aborted) return await opened.close();
        const lost = new Promise<Error>((resolve) => {
          toldLost = resolve;
        });
        opened.onLost(() => suspect());
        database = opened;
        const wasAway = state.status !== 'starting';
        become('ready', null);
        const words = wasAway ? 'the store is back' : 'the store is ready';
        log.info({ store: kind, where }, words);
        onProgress(words);
        backOffMs = FIRST_BACK_OFF_MS;
        const error = await lost;
        database = null;
        if (!stopping.signal.aborted) fall(error);
        // Its sessions may hang: nobody waits for their end, except one that only one process may have open.
        const closed = opened.close();
        if (kind === 'pglite' || stopping.signal.aborted) await closed;
      } catch (error) {
        fall(error);
      }
      await delay(backOffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
    }
  }

  /** From now on calls are refused at once, with the reason. */
  function fall(error: unknown): void {
    if (stopping.signal.aborted) return;
    const before = state;
    if (error instanceof StoreTooNew) {
      refusal = error;
      become('too-new', error);
    } else {
      refusal = inWords(error);
      become('away', refusal);
    }
    if (before.status !== state.status || before.reason !== state.reason)
      log.warn({ store: kind, where, reason: reasonOf(refusal) }, refusal.message);
  }

  function inWords(error: unknown): StoreAway {
    if (error instanceof StoreAway) return error;
    const reason = awayReason(error) ?? 'unreachable';
    return new StoreAway(reason, sentence(reason, where, wordsOf(error)), error);
  }

  /** One call may have had bad luck. Whether the store is lost, the smallest question tells. */
  function suspect(): void {
    const asked = database;
    if (isProbing || asked === null) return;
    // It has one session: whoever waits behind a backup is not to end that.
    if (kind === 'pglite' && longCalls > 0) return;
    isProbing = true;
    const deadline = createDeadline(PROBE_MS);
    const probe = async (): Promise<void> => {
      const connecting = asked.connect();
      let isBroken = true;
      try {
        const connection = await deadline.race(connecting);
        await deadline.race(connection.query('select 1', []));
        isBroken = false;
      } finally {
        connecting.then(
          (connection) => connection.release(isBroken),
          () => undefined,
        );
      }
    };
    void probe()
      .catch((error: unknown) => {
        if (database === asked)
          toldLost(error instanceof DeadlinePassed ? new LinkLost(error) : (error as Error));
      })
      .finally(() => {
        deadline.clear();
        isProbing = false;
      });
  }

  const call: Call = async (work, { limitMs = LIMIT_MS, writes = false } = {}) => {
    const asked = database;
    if (asked === null) {
      count(outcomes, reasonOf(refusal));
      throw refusal;
    }
    const deadline = createDeadline(limitMs);
    const isLong = limitMs > LONG_MS;
    if (isLong) longCalls += 1;
    try {
      const value = await deadline.race(work(createSession(() => asked.connect(), deadline))).finally(() => {
        if (isLong) longCalls -= 1;
      });
      count(outcomes, 'done');
      if (writes && state.reason !== null && database === asked) become('ready', null);
      return value;
    } catch (error) {
      const reason = awayReason(error);
      count(outcomes, reason ?? 'failed');
      if (reason === null) throw error;
      const away = inWords(error);
      if (reason === 'disk-full' && database === asked) become('ready', away);
      else suspect();
      throw away;
    } finally {
      deadline.clear();
    }
  };

  const kept = keep();
  let end: Promise<void> | undefined;
  return {
    call,
    state: () => state,
    calls: () => outcomes,
    untilReady: async (withinMs) => {
      const deadline = createDeadline(withinMs);
      try {
        while (state.status !== 'ready') {
          if (stopping.signal.aborted || state.status === 'too-new') throw refusal;
          let wake: () => void = () => undefined;
          const changed = new Promise<void>((resolve) => {
            wake = resolve;
          });
          waiting.add(wake);
          await deadline.race(changed).finally(() => waiting.delete(wake));
        }
      } catch (error) {
        throw error instanceof DeadlinePassed ? refusal : error;
      } finally {
        deadline.clear();
      }
    },
    close: () =>
      (end ??= (async () => {
        stopping.abort();
        refusal = new StoreAway('closed', 'The store was closed: this process is ending.');
        database = null;
        become('away', refusal);
        toldLost(refusal);
        const patience = createDeadline(CLOSE_MS);
        await patience.race(kept).catch(() => undefined);
        patience.clear();
      })()),
  };
}

function count(outcomes: Map<CallOutcome, number>, outcome: CallOutcome): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function reasonOf(refusal: StoreAway | StoreTooNew): AwayReason | 'too-new' {
  return refusal instanceof StoreTooNew ? 'too-new' : refusal.reason;
}

function sentence(reason: AwayReason, where: string, detail: string): string {
  switch (reason) {
    case 'disk-full':
      return `The store (${where}) has no room for a write: ${detail}. Make room on its disk; reading goes on.`;
    case 'slow':
      return `The store (${where}) is too slow: ${detail}.`;
    case 'refused':
      return `The store (${where}) does not let us in: ${detail}. Check DATABASE_URL and the rights of its user.`;
    case 'starting':
    case 'in-use':
    case 'migration':
    case 'closed':
    case 'unreachable':
      return `The store (${where}) can't be reached: ${detail}. Paging goes on without; it is tried again.`;
    default:
      return reason satisfies never;
  }
}
