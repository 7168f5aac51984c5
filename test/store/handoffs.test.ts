import { describe, expect, it } from 'vitest';
import { by, HOUR, NOON } from './support/overrides.js';
import { schedulesApp } from './support/schedules-app.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

describe.each(PLACES)('hand-overs on %s', (_name, place) => {
  const note = { id: 'n-1', schedule: 'payments', text: 'watch the queue' };

  it('keep notes, oldest first, each with who wrote it and took it away', async () => {
    const { handoffs, audit } = await opened(await place());
    const kept = { ...note, by: 'alice', createdAt: NOON };
    expect(await handoffs.addNote(note, by('alice', NOON))).toEqual(kept);
    // The same again changes nothing.
    expect(await handoffs.addNote({ ...note, text: 'other' }, by('bob', NOON + HOUR))).toEqual(kept);
    await handoffs.addNote({ ...note, id: 'n-2' }, by('bob', NOON + HOUR));
    await handoffs.addNote({ ...note, id: 'n-3', schedule: 'other' }, by('bob', NOON));
    const ids = async (since: number): Promise<string[]> =>
      (await handoffs.notes({ schedule: 'payments', since })).map(({ id }) => id);
    expect([await ids(NOON), await ids(NOON + 1), await ids(NOON + HOUR + 1)]).toEqual([
      ['n-1', 'n-2'],
      ['n-2'],
      [],
    ]);

    expect(await handoffs.removeNote('n-1', by('carol', NOON + HOUR))).toEqual(kept);
    expect(await handoffs.removeNote('n-1', by('dan', NOON + HOUR))).toEqual(kept);
    expect(await handoffs.removeNote('n-9', by('dan'))).toBeNull();
    expect(await ids(NOON)).toEqual(['n-2']);
    const subject = { kind: 'handoff-note', id: 'n-1' };
    expect((await audit.list({ limit: 10, subject })).entries).toEqual([
      { ...by('carol', NOON + HOUR), action: 'handoff-note.remove', subject, before: kept, after: null },
      { ...by('alice', NOON), action: 'handoff-note.add', subject, before: null, after: kept },
    ]);
  });

  it('know first shifts: by schedule and person, and the same announcement hears the same', async () => {
    const { handoffs } = await opened(await place());
    const first = (schedule: string, userId: string, announcement: string): Promise<boolean> =>
      handoffs.isFirst({ schedule, userId, announcement, at: NOON });
    const both = await Promise.all([first('payments', 'bob', 'a'), first('payments', 'bob', 'b')]);
    expect(both.filter(Boolean)).toHaveLength(1);
    const winner = both[0] === true ? 'a' : 'b';
    expect(await first('payments', 'bob', winner)).toBe(true);
    expect(await first('payments', 'bob', 'c')).toBe(false);
    expect([await first('other', 'bob', 'd'), await first('payments', 'carol', 'e')]).toEqual([true, true]);
  });
});

describe('notes by the API', () => {
  it('are left once, listed and taken away', async () => {
    const app = await schedulesApp(await opened(await embedded()));
    const api = (...args: Parameters<typeof app.api>) => app.api(...args);
    const body = { text: '  restart the export ', by: 'alice' };
    const header = { 'idempotency-key': 'one' };
    const left = await api('POST', '/v1/schedules/payments/notes', body, header);
    expect([left.statusCode, left.json<{ note: object }>().note]).toEqual([
      201,
      expect.objectContaining({ schedule: 'payments', text: 'restart the export', by: 'alice' }),
    ]);
    const again = await api('POST', '/v1/schedules/payments/notes', body, header);
    expect(again.json()).toEqual(left.json());
    const other = await api('POST', '/v1/schedules/payments/notes', { text: 'other' }, header);
    expect(other.json()).toMatchObject({ error: { code: 'idempotency-key-reused' } });
    const { notes } = (await api('GET', '/v1/schedules/payments/notes')).json<{ notes: { id: string }[] }>();
    expect(notes).toHaveLength(1);
    const url = `/v1/schedules/payments/notes/${notes[0]?.id ?? ''}/remove`;
    expect((await api('POST', url, {})).json()).toEqual(left.json());
    expect((await api('GET', '/v1/schedules/payments/notes')).json()).toEqual({ notes: [] });
    expect((await api('POST', '/v1/schedules/payments/notes/x/remove', {})).json()).toMatchObject({
      error: { code: 'note-not-found' },
    });
    expect((await api('POST', '/v1/schedules/none/notes', body)).json()).toMatchObject({
      error: { code: 'schedule-not-found' },
    });
    expect((await api('POST', '/v1/schedules/payments/notes', { text: ' ' })).json()).toMatchObject({
      error: { code: 'invalid-body' },
    });
  });
});
