import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createKnownMaintenance } from '../../store/known-maintenance.js';
import { createTestApp, NOW, OPENING } from '../api/support/test-app.js';
import { API_KEY } from '../api/support/test-config.js';
import { runCommand, type Ran } from '../support/command-line.js';
import { configOf } from '../unit/config/support.js';
import { silent } from './support/overrides.js';
import { embeddedOfFile, freshFolder, opened } from './support/stores.js';

const embedded = embeddedOfFile();

it('tocsin maintenance starts a window, lists it, ends it, and says what it needs to know', async () => {
  const store = await opened(await embedded());
  const config = configOf(
    {
      apiKeys: '\n  ops: { key: { env: API_KEY } }',
      services: '\n  payments: { policy: default }\n  other: { policy: default, catchAll: true }',
      maintenance:
        '\n  deploys: { match: { cluster: staging }, days: [thu], at: "10:00", for: 2h, reason: deploys }',
    },
    { API_KEY },
  );
  const maintenance = createKnownMaintenance({
    ...{ store, file: `${await freshFolder()}/maintenance.json`, log: silent, now: () => NOW },
  });
  onTestFinished(() => maintenance.stop());
  await maintenance.loaded;
  const { app, incidents } = createTestApp({ config: () => config, store, maintenance });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const tocsin = (...args: readonly string[]): Promise<Ran> =>
    runCommand(['maintenance', ...args], {
      env: { TOCSIN_URL: url, TOCSIN_API_KEY: API_KEY },
      now: () => NOW,
    });
  const quiet = { until: NOW, reason: 'x', windows: ['mw-0'], rests: true };
  const open = { openingId: OPENING, code: '7KQ2', title: 'it burns', service: 'payments', severity: 'SEV1' };
  incidents.incidents = [{ ...open, phase: 'triggered', open: true, startedAt: NOW, quiet }];

  // Without an end, or without saying what for, nothing is asked.
  for (const args of [
    ['start', 'payments', '--reason', 'x'],
    ['start', '--for', '2h', '--reason', 'x'],
    ['start', '--match', 'cluster', '--for', '2h', '--reason', 'x'],
  ]) {
    const { code, err } = await tocsin(...args);
    expect([code, err]).toEqual([2, expect.stringContaining('→')]);
  }
  const unknown = await tocsin('start', 'paymnts', '--for', '2h', '--reason', 'x');
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('Did you mean "payments"?')]);

  const made = await tocsin(
    ...['start', 'payments', '--for', '2h', '--reason', 'database upgrade', '--by', 'alice'],
    ...['--match', 'cluster=~eu-.*', '--match', 'zone=a', '--match', 'zone=b'],
  );
  expect(made.code).toBe(0);
  const [sentence = '', note] = made.out.split('\n');
  expect(sentence).toMatch(
    /^payments with cluster=\/eu-\.\*\/, zone=a or b: maintenance from Tue 24 Nov, 11:00 CET until Tue 24 Nov, 13:00 CET \(database upgrade\)\. mw-[0-9a-f]{16}$/,
  );
  expect(note).toMatch(/^note Labels are compared as alerts come in/);
  expect(await store.maintenance.list({ from: NOW })).toMatchObject([
    { match: { cluster: '/eu-.*/', zone: ['a', 'b'] }, stopPages: false, by: 'alice' },
  ]);
  const stopping = await tocsin('start', 'payments', '--for', '1h', '--reason', 'y', '--stop-pages');
  expect(stopping.out).toContain('1 open incident hears of it.');

  const listed = await tocsin('list');
  const rows = listed.out.split('\n');
  expect(rows[0]).toMatch(/^WINDOW +STATE +WHAT +FROM +UNTIL +WHY$/);
  expect(rows).toHaveLength(5);
  expect(rows.join('\n')).toMatch(/mw-\w+ +in force +payments .*database upgrade \(alice\)/);
  expect(rows.join('\n')).toMatch(
    /deploys@2026-11-26 +to come +all services cluster=staging .*\(configuration\)/,
  );

  const id = /mw-[0-9a-f]{16}/.exec(sentence)?.[0] ?? '';
  const ended = await tocsin('end', id);
  expect([ended.code, ended.out]).toEqual([
    0,
    expect.stringMatching(
      /maintenance is over \(database upgrade\); what still fires and another window covers stays quiet: mw-[0-9a-f]{16} \(until Tue 24 Nov, 12:00 CET\)/,
    ),
  ]);
  expect((await tocsin('list')).out).not.toContain(id);
  expect((await tocsin('list', '--ended')).out).toContain(id);
  expect((await tocsin('end', 'deploys')).err).toContain('stands in the configuration');
  expect(JSON.parse((await tocsin('list', '--json')).out)).toMatchObject({ asOf: NOW });
  // The list of incidents says until when it is quiet, in place of who has it.
  const shown = await runCommand(['incidents'], {
    env: { TOCSIN_URL: url, TOCSIN_API_KEY: API_KEY },
    now: () => NOW,
  });
  expect(shown.out).toMatch(/quiet until \d\d:\d\d:\d\d \(x\)/);
});
