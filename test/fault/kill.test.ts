import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { configOf, KEYS, PHONES } from '../support/running-system.js';
import { buildTocsin, createTocsinHome, type TocsinHome } from '../support/tocsin-process.js';

let home: TocsinHome | undefined;

beforeAll(() => buildTocsin(), 120_000);
afterEach(async () => {
  await home?.remove();
  home = undefined;
});

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

async function until<T>(at: TocsinHome, pick: (view: IncidentView) => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = pick(await only(at));
    if (found !== undefined) return found;
    await delay(100);
  }
  throw new Error('It did not come within 10 s.');
}
