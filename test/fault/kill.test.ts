import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { createCast } from '../e2e/support/cast.js';
import { configOf, KEYS, PHONES } from '../support/running-system.js';
import { buildTocsin, createTocsinHome, type TocsinHome } from '../support/tocsin-process.js';

let home: TocsinHome | undefined;
let down: Outage | undefined;

beforeAll(async () => {
  await buildTocsin();
  // It lasts longer than a minute, and nothing of it runs meanwhile: the other tests fill the time.
  down = await beginOutage();
}, 240_000);
afterEach(async () => {
  await home?.remove();
  home = undefined;
});
afterAll(() => down?.home.remove());

async function post(at: TocsinHome, key: string): Promise<number> {
  const { status } = await at.request('POST', '/v1/alerts/generic', {
    key: KEYS.generic,
    body: {
      key,
      summary: `checkout ${key} is down`,
      service: 'payments',
      severity: 'critical',
      status: 'firing',
    },
  });
  return status;
}

async function only(at: TocsinHome): Promise<IncidentView> {
  const list = await at.request('GET', '/v1/incidents?open=true');
  const [first] = (list.body as { incidents: { openingId: string }[] }).incidents;
  if (first === undefined) throw new Error('No incident is open.');
  const { body } = await at.request('GET', `/v1/incidents/${first.openingId}`);
  return body as IncidentView;
}

describe('killed in the middle of an escalation', () => {
  test('the worker: the next tier is paged when it is back, nobody twice, and the answer counts', async () => {
    home = await createTocsinHome(configOf({ ackTimeout: '6s' }));
    const { booth } = home;
    const first = await home.start();
    expect(await post(home, 'a')).toBe(202);
    await booth.nextSms({ to: PHONES.alice });
    // Killed earlier than this, the page may go out twice: the next test.
    await until(home, (view) => view.timeline.find((entry) => entry.type === 'sent'));

    await first.kill();
    await home.start();

    const call = await booth.nextCall({ to: PHONES.bob, timeoutMs: 30_000 });
    expect((await call.answer()).join(' ')).toContain('checkout a is down');
    expect((await call.press('4')).join(' ')).toMatch(/you have it/i);
    const view = await only(home);
    expect(view).toMatchObject({ phase: 'acknowledged', owner: { name: 'Bob' } });
    expect(booth.messages.filter(({ to, body }) => to === PHONES.alice && body.includes('ACK'))).toHaveLength(
      1,
    );
  }, 120_000);

  test('the worker with a page in its hands: the page goes out all the same, and a possible duplicate is labelled', async () => {
    home = await createTocsinHome(configOf({ ackTimeout: '60s' }));
    const { booth } = home;
    const first = await home.start();
    booth.misbehave({ kind: 'never-answer', accept: false, channel: 'sms', to: PHONES.alice });
    expect(await post(home, 'b')).toBe(202);
    await booth.nextAttempt({ to: PHONES.alice });

    await first.kill();
    booth.behave();
    await home.start();

    const sms = await booth.nextSms({ to: PHONES.alice, timeoutMs: 30_000 });
    expect(sms.body).toContain('checkout b is down');
    const sent = await until(home, (view) => view.timeline.find((entry) => entry.type === 'sent'));
    expect(sent).toMatchObject({ possibleDuplicate: true });
  }, 120_000);

  test('the Temporal Server: it is started again, senders try again, and every accepted alert pages', async () => {
    home = await createTocsinHome(configOf({ ackTimeout: '8s' }));
    const { booth } = home;
    await home.start();
    expect(await post(home, 'c')).toBe(202);
    await booth.nextSms({ to: PHONES.alice, about: 'checkout c' });

    const killed = await home.serverPid();
    process.kill(killed, 'SIGKILL');
    // As a sender does: 5xx or no answer means again.
    let refused = 0;
    for (;;) {
      const status = await post(home, 'd');
      if (status === 202) break;
      expect(status).toBe(503);
      refused += 1;
      if (refused > 60) throw new Error('The alert was refused for a minute.');
      await delay(500);
    }
    expect(await home.serverPid()).not.toBe(killed);
    await booth.nextSms({ to: PHONES.alice, about: 'checkout d', timeoutMs: 30_000 });
    // The escalation of the first goes on where it was.
    const call = await booth.nextCall({ to: PHONES.bob, timeoutMs: 40_000 });
    await call.answer();
    expect(
      booth.messages.filter(
        ({ to, body }) => to === PHONES.alice && body.includes('checkout c') && body.includes('ACK'),
      ),
    ).toHaveLength(1);
  }, 120_000);
});

/** Scenario 16 on a real server, its minutes made seconds where the rules let us: a deadline is missed when it is over 60 s late. */
const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms']], carol: [['0s', 'sms']] },
  services: {
    payments: [
      // Long enough to be killed in, also on a busy machine.
      { to: ['alice'], timeout: '8s' },
      { to: ['bob'], timeout: '20s' },
      { to: ['carol'], timeout: '90s' },
    ],
  },
});
const TIER_2_MS = 20_000;
const TIER_3_MS = 90_000;
/** So late is the deadline of the first tier when it all comes back, at the least. */
const LATE_MS = 63_000;

/** An installation with one incident, of which nothing runs any more: neither Tocsin nor its Temporal Server. */
interface Outage {
  readonly home: TocsinHome;
  readonly ackDueAt: number;
}

async function beginOutage(): Promise<Outage> {
  const at = await createTocsinHome(cast.yaml);
  const running = await at.start();
  expect(await post(at, 'outage')).toBe(202);
  await until(at, (view) => view.timeline.find((entry) => entry.type === 'sent'));
  const { deadlines } = await only(at);
  const ackDueAt = deadlines.find(({ name }) => name === 'ack')?.at ?? 0;
  expect(ackDueAt - Date.now()).toBeGreaterThan(0);
  const serverPid = await at.serverPid();
  await running.kill();
  process.kill(serverPid, 'SIGKILL');
  // Both were gone in time: the deadline fell due with nobody there.
  expect(ackDueAt - Date.now()).toBeGreaterThan(0);
  return { home: at, ackDueAt };
}

describe('everything of ours is down for more than a minute', () => {
  test('each missed deadline is recorded once with its lateness, who is owed a page now gets one with a fresh time-out, nobody in between is replayed', async () => {
    if (down === undefined) throw new Error('The outage has not begun.');
    const { home: at, ackDueAt } = down;
    const { booth } = at;
    const tally = (): unknown =>
      Object.fromEntries(
        ['alice', 'bob', 'carol'].map((who) => [
          who,
          booth.messages.filter(({ to, body }) => to === cast.phone(who) && body.includes('ACK')).length,
        ]),
      );
    await delay(Math.max(0, ackDueAt + LATE_MS - Date.now()));
    expect(tally()).toEqual({ alice: 1, bob: 0, carol: 0 });

    const backAt = Date.now();
    await at.start();
    await booth.nextSms({ to: cast.phone('carol'), timeoutMs: 30_000 });
    await expect.poll(tally, { timeout: 10_000 }).toEqual({ alice: 2, bob: 0, carol: 1 });

    const view = await only(at);
    const missed = view.timeline.filter((entry) => entry.type === 'missed-deadline');
    expect(missed.map(({ label, dueAt }) => [label.replace(/:.*?\b(tier \d)\b.*/, ': $1'), dueAt])).toEqual([
      ['ack timeout: tier 1', ackDueAt],
      ['ack timeout: tier 2', ackDueAt + TIER_2_MS],
    ]);
    for (const { at: heardAt, dueAt, lateMs } of missed) {
      expect(heardAt).toBeGreaterThanOrEqual(backAt);
      expect(lateMs).toBe(heardAt - dueAt);
    }
    expect(missed[0]?.lateMs).toBeGreaterThan(LATE_MS);
    const steps = view.timeline.filter((entry) => entry.type === 'step');
    expect(steps.map(({ tier, reason }) => [tier.replace(/,.*/, ''), reason])).toEqual([
      ['tier 1', 'alert'],
      ['tier 3', 'after-outage'],
    ]);
    const paged = view.timeline.filter((entry) => entry.type === 'paged');
    expect(paged.map(({ name, reason }) => `${name}: ${reason}`).sort()).toEqual([
      'Alice: after-outage',
      'Alice: alert',
      'Carol: after-outage',
    ]);
    // Fresh: counted from its return, not from when this step would have begun.
    const ack = view.deadlines.find(({ name }) => name === 'ack');
    expect(ack?.at).toBeGreaterThanOrEqual(backAt + TIER_3_MS);
    expect(ack?.at).toBeLessThan(Date.now() + TIER_3_MS + 1);

    // Nothing comes after it by itself; the answer counts.
    await delay(4_000);
    expect(tally()).toEqual({ alice: 2, bob: 0, carol: 1 });
    expect(await booth.reply(cast.phone('carol'), `ACK ${view.code}`)).toContain('You have it');
    const after = await only(at);
    expect(after).toMatchObject({ phase: 'acknowledged', owner: { name: 'Carol' } });
    expect(after.timeline.filter((entry) => entry.type === 'missed-deadline')).toHaveLength(2);
  }, 180_000);
});

async function until<T>(at: TocsinHome, pick: (view: IncidentView) => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = pick(await only(at));
    if (found !== undefined) return found;
    await delay(100);
  }
  throw new Error('It did not come within 10 s.');
}
