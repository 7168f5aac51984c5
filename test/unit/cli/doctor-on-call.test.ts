import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AppDeps } from '../../../api/deps.js';
import type { Context } from '../../../cli/context.js';
import { checkOnCall } from '../../../cli/doctor/check-on-call.js';
import type { AskedProcess } from '../../../cli/doctor/check-processes.js';
import { createTestApp } from '../../api/support/test-app.js';
import { API_KEY, testConfig } from '../../api/support/test-config.js';
import { configOf, utc } from '../config/support.js';
import { override } from '../oncall/support.js';
import { recording } from '../../support/command-line.js';

/** A Tuesday: alice is primary of payments. */
const NOW = utc('2026-01-06 12:00');
/** Nothing listens at port 1 of this machine. */
const NOBODY = 'http://127.0.0.1:1';
const OURS = configOf();

function contextOf(env: Readonly<Record<string, string>> = { TOCSIN_API_KEY: API_KEY }): Context {
  return recording({ env: { TOCSIN_DATA_DIR: join(tmpdir(), 'no-tocsin-here'), ...env }, now: () => NOW })
    .context;
}

/** What a process knows whose store says that erin has alice's place. */
function known(isStale = false): Pick<AppDeps, 'known'> {
  const overrides = [override({ schedule: 'payments', userId: 'erin', from: NOW - 1, to: NOW + 1 })];
  const current = () => ({ overrides, asOf: NOW - 60_000, isStale });
  return { known: { current, refresh: () => Promise.resolve() } };
}

/** An API that listens. */
async function api(by: Pick<AppDeps, 'known'> = known(), config = OURS): Promise<AskedProcess> {
  const keyed = { ...config, apiKeys: testConfig().apiKeys };
  const { app } = createTestApp({ config: () => keyed, now: () => NOW, ...by });
  onTestFinished(() => app.close());
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), expected: 'process' };
}

/** The one finding, without its name. */
async function found(
  asked: readonly AskedProcess[],
  context = contextOf(),
  config: typeof OURS | null = OURS,
) {
  const findings = await checkOnCall(config, asked, {}, context);
  return findings.map(({ name, status, detail }) => `${status} ${name}: ${detail}`);
}

describe('who is on call, as tocsin doctor tells it', () => {
  it('is what the running API says, overrides included, where one of those that are asked tells', async () => {
    const running = await api();
    const silent: AskedProcess = { url: NOBODY, expected: 'API' };
    expect(await found([silent, running])).toEqual(['ok On call: payments: erin by an override']);
  });

  it('says as of when its overrides are while its store is away, and when it has none', async () => {
    expect(await found([await api(known(true))])).toEqual([
      expect.stringMatching(
        /^ok On call: payments: erin by an override \(the store is away: overrides as of [\d:-]+\)$/,
      ),
    ]);
    const without = await api({});
    expect(await found([without])).toEqual([
      `ok On call: payments: alice (${without.url} has no store, so no overrides)`,
    ]);
  });

  it('is what the configuration says where no API tells, and says so with the reason', async () => {
    const alone = (why: string): string =>
      `ok On call: payments: alice (by the configuration alone, without overrides: ${why})`;
    expect(await found([])).toEqual([alone('no API was asked')]);
    expect(await found([{ url: NOBODY, expected: 'Worker' }])).toEqual([alone('no API was asked')]);
    const running = await api();
    expect(await found([running], contextOf({}))).toEqual([
      alone(`There is no API key to use for ${running.url}`),
    ]);
    expect(await found([{ url: NOBODY, expected: 'API' }])).toEqual([alone(`${NOBODY} did not tell`)]);
    expect(await found([], contextOf(), null)).toEqual([]);
  });

  it('warns of a gap, which an override may fill', async () => {
    const gap = configOf({
      schedules: `
  payments:
    zone: Europe/Berlin
    rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob], restrict: [{ from: "20:00", to: "21:00" }] }`,
    });
    const [warning] = await checkOnCall(gap, [], {}, contextOf());
    expect(warning).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^nobody is primary now of payments \(by the configuration/) as string,
      remedy: expect.stringContaining('with an override') as string,
    });
    expect(await found([await api(known(), gap)], contextOf(), gap)).toEqual([
      'ok On call: payments: erin by an override',
    ]);
  });
});
