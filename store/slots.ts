import { sql } from 'kysely';
import { MINUTE, type Milliseconds } from '../domain/time/instant.js';
import type { Call } from './keep-open.js';
import type { CallOptions } from './store.js';

/**
 * When what has a rate (a number, an account) is free again, for all processes of an installation. Times are those of the
 * database's clock alone, so that processes need not agree on theirs. No audit, no history: it is of no use a minute later.
 */
export interface Slots {
  /** Takes it for `takesMs` if it is free. 0: it was; else the milliseconds until it is. Of several who ask at once one gets it. */
  claim(key: string, takesMs: Milliseconds, options?: CallOptions): Promise<Milliseconds>;
  /**
   * Takes it for `takesMs` more, free or not: that much was sent already. Negative: so much is given back. Returns the
   * milliseconds until it is free.
   */
  book(key: string, takesMs: Milliseconds, options?: CallOptions): Promise<Milliseconds>;
}

/** What is taken for longer than that was taken by a clock that ran ahead and was set back since: it is free. */
const mostMs = (takesMs: Milliseconds): Milliseconds => Math.max(MINUTE, 20 * Math.abs(takesMs));

export function createSlots(call: Call): Slots {
  return {
    claim: (key, takesMs, options) =>
      call(
        async (db) => {
          const { rows: taken } = await sql<{ key: string }>`
            insert into slots as slot (key, next_free_at) values (${key}, now() + ${takesMs}::float8 * interval '1 ms')
            on conflict (key) do update set next_free_at = excluded.next_free_at
              where slot.next_free_at <= now()
                or slot.next_free_at > now() + ${mostMs(takesMs)}::float8 * interval '1 ms'
            returning key`.execute(db);
          if (taken.length > 0) return 0;
          const { rows } = await sql<{ ms: string | number }>`
            select extract(epoch from next_free_at - clock_timestamp()) * 1000 as ms from slots where key = ${key}`.execute(
            db,
          );
          return Math.max(1, Math.ceil(Number(rows[0]?.ms ?? 0)));
        },
        { ...options, writes: true },
      ),
    book: (key, takesMs, options) =>
      call(
        async (db) => {
          const { rows } = await sql<{ ms: string | number }>`
            insert into slots as slot (key, next_free_at) values (${key}, now() + ${takesMs}::float8 * interval '1 ms')
            on conflict (key) do update set next_free_at = ${takesMs}::float8 * interval '1 ms' + case
              when slot.next_free_at > now() + ${mostMs(takesMs)}::float8 * interval '1 ms' then now()
              else greatest(slot.next_free_at, now()) end
            returning extract(epoch from next_free_at - now()) * 1000 as ms`.execute(db);
          return Math.max(0, Math.ceil(Number(rows[0]?.ms ?? 0)));
        },
        { ...options, writes: true },
      ),
  };
}
