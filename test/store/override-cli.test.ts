import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Store } from '../../store/store.js';
import { API_KEY } from '../api/support/test-config.js';
import { NOW } from '../api/support/test-app.js';
import { schedulesApp, type SchedulesApp } from './support/schedules-app.js';
import { freshDatabase, opened, postgresOfFile } from './support/stores.js';
import { runCommand, type Ran } from '../support/command-line.js';

const postgres = postgresOfFile();
let store: Store;
let app: SchedulesApp;
let url = '';

beforeEach(async () => {
  store = await opened(await freshDatabase(postgres()));
  app = await schedulesApp(store);
  await app.app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.app.server.address() as AddressInfo).port}`;
  onTestFinished(() => app.app.close());
});

/** A command line as it is typed; its answer, what it says on stderr, and its exit code. */
async function tocsin(...args: readonly string[]): Promise<Ran> {
  return runCommand(args, { env: { TOCSIN_URL: url, TOCSIN_API_KEY: API_KEY }, now: () => NOW });
}

const ADD = ['override', 'add', 'payments', 'fay', '--reason', 'the dentist'];
const TIME = ['--from', '2026-11-24 12:00', '--to', '2026-11-24T18:00+01:00'];

async function idOf(): Promise<string> {
  const { out } = await tocsin('override', 'list', '--json');
  return (JSON.parse(out) as { overrides: readonly { id: string }[] }).overrides[0]?.id ?? '';
}

describe('tocsin override', () => {
  it('shows what it would change, changes it, shows it, and takes it back', async () => {
    const dry = await tocsin(...ADD, ...TIME, '--dry-run');
    expect([dry.code, dry.out.split('\n')]).toEqual([
      0,
      [
        'Nothing was changed. It would be so: fay is primary of payments from Tue 24 Nov, 12:00 CET until Tue 24 Nov, 18:00 CET.',
        '',
        'FROM                   UNTIL                  BEFORE (PRIMARY, SECONDARY)  AFTER',
        'Tue 24 Nov, 12:00 CET  Tue 24 Nov, 18:00 CET  alice, bob                   fay, bob',
      ],
    ]);
    expect((await tocsin('override', 'list')).out).toBe('There are no overrides.');

    const made = await tocsin(...ADD, ...TIME, '--by', 'alice');
    const id = await idOf();
    expect([made.code, made.out.split('\n')]).toEqual([
      0,
      ['fay is primary of payments from Tue 24 Nov, 12:00 CET until Tue 24 Nov, 18:00 CET.', id],
    ]);
    for (const shown of [
      await tocsin('override', 'list', '--user', 'fay'),
      await tocsin('override', 'show', id),
    ])
      expect(shown.out).toMatch(new RegExp(`${id}  payments primary  fay  .*  the dentist \\(alice\\)$`));
    expect((await tocsin('override', 'list', '--schedule', 'another')).out).toBe('There are no overrides.');
    const on = await tocsin('oncall', '--schedule', 'payments', '--at', '2026-11-24 13:00');
    expect(on.out).toMatch(/^payments +fay \(override\) +bob /m);
    const shifts = await tocsin('schedules', 'payments', '--from', '2026-11-24', '--to', '2026-11-25');
    expect(shifts.out.split('\n')).toEqual([
      'FROM                   UNTIL                  PRIMARY         SECONDARY  WHY',
      'Tue 24 Nov, 00:00 CET  Tue 24 Nov, 12:00 CET  alice           bob        rotation',
      'Tue 24 Nov, 12:00 CET  Tue 24 Nov, 18:00 CET  fay (override)  bob        the dentist (alice)',
      'Tue 24 Nov, 18:00 CET  Wed 25 Nov, 00:00 CET  alice           bob        rotation',
    ]);

    const cancelled = await tocsin('override', 'cancel', id, '--by', 'bob');
    expect([cancelled.code, cancelled.out]).toEqual([
      0,
      expect.stringContaining('It is taken back: fay as primary of payments'),
    ]);
    expect((await tocsin('override', 'list')).out).toBe('There are no overrides.');
    const audit = (await store.audit.list({ limit: 10 })).entries;
    expect(audit.map(({ action, actor, via }) => [action, actor, via])).toEqual([
      ['override.cancel', 'bob', 'cli'],
      ['override.add', 'alice', 'cli'],
    ]);
  });

  it('names those that stand in the way, and goes over them only by --force', async () => {
    await tocsin(...ADD, ...TIME);
    const id = await idOf();
    const again = ['override', 'add', 'payments', 'erin', '--from', '2026-11-24 17:00', '--for', '2h'];
    const refused = await tocsin(...again, '--reason', 'x');
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toContain(`${id}: fay is primary of payments`);
    expect(refused.err).toContain('--force');
    const asked = await tocsin(...again, '--reason', 'x', '--json');
    expect(JSON.parse(asked.out)).toMatchObject({ error: { code: 'override-conflict' } });
    const dry = await tocsin(...again, '--reason', 'x', '--dry-run');
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining(`It would need --force: ${id} of fay`)]);
    const forced = await tocsin(...again, '--reason', 'x', '--force');
    expect([forced.code, forced.out]).toEqual([0, expect.stringContaining('erin is primary of payments')]);
  });

  it('swaps whole shifts and parts of them', async () => {
    const words = ['override', 'swap', 'payments', 'alice', 'bob', '--reason', 'holidays'];
    const dry = await tocsin(
      ...words,
      ...['--gives', '2026-11-25 09:00..2026-11-26 09:00', '--takes', '2026-12-01', '--dry-run'],
    );
    expect([dry.code, dry.out.split('\n').slice(2)]).toEqual([
      0,
      [
        'FROM                   UNTIL                  BEFORE (PRIMARY, SECONDARY)  AFTER',
        'Wed 25 Nov, 09:00 CET  Thu 26 Nov, 09:00 CET  alice, bob                   bob, alice',
        'Mon 30 Nov, 09:00 CET  Mon 7 Dec, 09:00 CET   bob, alice                   alice, bob',
      ],
    ]);
    const made = await tocsin(...words, '--gives', '2026-11-25', '--takes', '2026-12-01');
    expect([made.code, made.out]).toEqual([0, expect.stringContaining('instead of alice')]);
    const other = ['override', 'swap', 'payments', 'alice', 'erin', '--reason', 'holidays'];
    const refused = await tocsin(...other, '--gives', '2026-12-01', '--takes', '2026-12-02');
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('cannot swap like that')]);
    expect(refused.err).toContain(
      'second.at: erin does not have this place then: alice is primary of payments.',
    );
  });

  it('says what a command line lacks, without asking anybody', async () => {
    const without = await tocsin(...ADD);
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('--for 8h')]);
    const both = await tocsin(...ADD, '--to', '2026-12-01', '--for', '8h');
    expect(both.code).toBe(2);
    const alone = await tocsin('schedules', '--from', '2026-11-24');
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('tocsin schedules payments')]);
    expect((await tocsin(...ADD, '--for', '8h', '--by', 'zoe')).err).toContain('"zoe"');
  });

  it('says that the store is away: nothing can be changed, and what is known is shown as such', async () => {
    await tocsin(...ADD, '--for', '8h');
    await store.close();
    const refused = await tocsin('override', 'list');
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('Paging goes on')]);
    app.clock.at += 60_000;
    const on = await tocsin('oncall');
    expect(on.out).toContain('fay (override)');
    expect([on.code, on.err]).toEqual([
      0,
      expect.stringMatching(/^! The store is away: overrides as of .*, as paging goes by them\.$/),
    ]);
  });

  it('lists schedules', async () => {
    expect((await tocsin('schedules')).out.split('\n')).toEqual([
      'SCHEDULE  ZONE           PRIMARY               SECONDARY',
      'payments  Europe/Berlin  rotation: alice, bob  who follows',
    ]);
  });
});
