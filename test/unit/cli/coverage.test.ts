import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hoursText, localWords } from '../../../cli/output/local-times.js';
import { utc } from '../config/support.js';
import { PLANTED, plantedConfig } from '../oncall/planted/config.js';
import { createTestApp } from '../../api/support/test-app.js';
import { API_KEY, testConfig } from '../../api/support/test-config.js';
import { runCommand } from '../../support/command-line.js';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function tocsin(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runCommand(args, {
    env: { TOCSIN_DATA_DIR: `${tmpdir()}/tocsin-has-never-run-here`, ...env },
    cwd: process.cwd(),
    now: () => utc('2026-03-02 00:00'),
  });
}

/** A Tocsin of the planted example that listens. */
async function running(): Promise<Record<string, string>> {
  const config = { ...(await plantedConfig()), apiKeys: testConfig().apiKeys };
  const { app } = createTestApp({ config: () => config, now: () => utc('2026-03-02 00:00') });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return { TOCSIN_URL: `http://127.0.0.1:${port}`, TOCSIN_API_KEY: API_KEY };
}

describe('tocsin coverage', () => {
  it('shows every planted gap in the time of its policy, sums up, and fails', async () => {
    const { code, out, err } = await tocsin(['coverage', PLANTED]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^nobody +Sun 2026-03-29 04:00 \+02:00 +Sun 2026-03-29 05:00 \+02:00 +1 hour +only the catch-all pages anybody$/m,
    );
    expect(out).toMatch(
      /^step 1 first +Mon 2026-05-25 09:00 \+02:00 .* 8 hours +nobody is primary of shop$/m,
    );
    expect(out).toMatch(/^step 2 tier 2 +Mon 2026-03-16 09:00 \+01:00 .* repeats bob, paged already/m);
    expect(out).toMatch(/^Vera \(vera\) +low urgency +primary of voices +voices$/m);
    expect(out).toMatch(/^Without a gap: voices$/m);
    expect(out.split('\n').at(-1)).toMatch(
      /^gaps 26 weeks, 4 policies: nobody is paged in 2 gaps of 9 hours in all, 5 gaps of single steps \(42 hours\), 2 people can't be reached, 9 repetitions, \d+ duties too long, \d+ rests too short$/,
    );
    expect(err).toMatch(/overrides are not counted/);
  });

  it.each([
    [['--policy', 'voices'], 0],
    [['--policy', 'voices', '--strict'], 1],
    [['--policy', 'voices', '--urgency', 'low'], 1],
    [['--policy', 'shop', '--weeks', '4'], 0],
    [['--policy', 'shop', '--weeks', '6'], 1],
    [['--policy', 'shop', '--weeks', '6', '--fail-on', 'nobody'], 0],
    [['--policy', 'shop', '--fail-on', 'nobody'], 1],
    [['--policy', 'twice'], 0],
    [['--policy', 'twice', '--fail-on', 'warnings'], 1],
  ])('%j ends with %i', async (args, code) => {
    expect((await tocsin(['coverage', PLANTED, ...args])).code).toBe(code);
  });

  it('prints the same from a running Tocsin as from its files', async () => {
    const env = await running();
    const asked = await tocsin(['coverage', '--json'], env);
    const read = await tocsin(['coverage', PLANTED, '--json']);
    expect(JSON.parse(asked.out)).toEqual(JSON.parse(read.out));
    expect([asked.code, read.code]).toEqual([1, 1]);
    const shown = await tocsin(['coverage'], env);
    expect(shown.out).toBe((await tocsin(['coverage', PLANTED])).out);
    expect(shown.err).toMatch(/has no store/);
  });

  it('prints findings as CSV with instants in UTC', async () => {
    const { out } = await tocsin(['coverage', PLANTED, '--policy', 'clocks', '--csv', '--weeks', '5']);
    const lines = out.split('\r\n');
    expect(lines[0]).toBe('"kind","policy","step","name","from","to","hours","who","why"');
    expect(lines[1]).toBe(
      '"nobody","clocks","","","2026-03-29T02:00:00.000Z","2026-03-29T03:00:00.000Z","1","",""',
    );
    expect(lines[2]).toBe(
      '"gap","clocks","1","tier 1","2026-03-29T02:00:00.000Z","2026-03-29T03:00:00.000Z","1","","nobody is primary of clocks"',
    );
  });

  it.each([
    [['coverage', PLANTED, '--weeks', '0'], /1 to 104/],
    [['coverage', PLANTED, '--from', 'yesterday'], /--from is not a date like/],
    [['coverage', PLANTED, '--policy', 'nope'], /Use one of: clocks, shop, twice, voices/],
    [['coverage', PLANTED, '--url', 'http://127.0.0.1:1'], /one of them says where to look/],
    [['coverage', PLANTED, '--csv', '--json'], /cannot be used with/],
    [['fairness', PLANTED, '--from', '2026-03-02', '--to', '2026-03-02'], /--from is not before --to/],
    [['fairness', PLANTED, '--from', '2024-03-02'], /longer than 400 days/],
    [['fairness', PLANTED, '--schedule', 'nope'], /Use one of: clocks, shop, weekly, voices/],
  ])('%j is a wrong command line', async (args, words) => {
    const { code, out, err } = await tocsin(args);
    expect(code).toBe(2);
    expect(args.includes('--json') ? out : err).toMatch(words);
  });

  it('does not go on with files that have errors', async () => {
    const { code, err } = await tocsin(['coverage', 'test/unit/oncall/nothing-here']);
    expect(code).toBe(1);
    expect(err).toMatch(/has errors/);
  });
});

describe('tocsin fairness', () => {
  const MAY = ['--from', '2026-05-18', '--to', '2026-06-01', '--schedule', 'weekly'];

  it('shows everybody’s load, from files or from a running Tocsin', async () => {
    const { code, out } = await tocsin(['fairness', PLANTED, ...MAY]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Mon 2026-05-18 00:00 \+02:00 to Mon 2026-06-01 00:00 \+02:00 \(Europe\/Berlin\)$/m);
    // Alice's week ends on the 18th at 09:00, with Bob as secondary; Bob's is that of the 18th, Carol's that of the 25th.
    expect(out).toMatch(/^Bob \(bob\) +2 +177 +168 +9 +8 +70 +1 +48 +0 +0$/m);
    expect(out.split('\n').at(-1)).toBe('3 people: from 168 hours (alice) to 327 (carol)');
    expect((await tocsin(['fairness', ...MAY], await running())).out).toBe(out);
  });

  it('prints a line of CSV for each person', async () => {
    const { out } = await tocsin(['fairness', PLANTED, ...MAY, '--csv']);
    expect(out.split('\r\n')).toContain(
      '"bob","Bob","Europe/Berlin","2","177","168","9","8","70","1","48","0","0"',
    );
  });
});

describe('times of reports', () => {
  it('have weekday, date and offset of the zone, which tell apart what a change of clocks makes alike', () => {
    const first = utc('2026-10-25 00:30');
    expect(localWords(first, 'Europe/Berlin')).toBe('Sun 2026-10-25 02:30 +02:00');
    expect(localWords(first + 3_600_000, 'Europe/Berlin')).toBe('Sun 2026-10-25 02:30 +01:00');
    expect(localWords(utc('2026-01-01 00:00'), 'America/St_Johns')).toBe('Wed 2025-12-31 20:30 -03:30');
    expect(hoursText(168 * 3_600_000)).toBe('168');
    expect(hoursText(100 * 60_000)).toBe('1.67');
  });
});
