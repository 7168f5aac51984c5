import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { personalData } from './support/histories.js';
import { linkIn, post, press } from './support/link-page.js';
import {
  codeKnown,
  current,
  endIncident,
  entriesOf,
  openIncident,
  pagesTo,
  readable,
  searchable,
  sound,
} from './support/stage.js';
import { startRestartableServer, type RestartableServer } from './support/temporal.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms', 'voice']], vera: [['0s', 'voice']] },
  services: {
    shop: [{ to: ['alice'] }, { to: ['bob'] }],
    rush: [{ to: ['alice'], timeout: '6s' }, { to: ['bob'] }],
    phones: [{ to: ['vera'] }],
  },
  timings: { stability: '1s' },
});
const ALICE = cast.phone('alice');
const BOB = cast.phone('bob');

let temporal: RestartableServer;
let system: RunningSystem;

beforeAll(async () => {
  temporal = await startRestartableServer();
  system = await startSystem({ config: cast.yaml, server: temporal });
});
afterAll(async () => {
  await system.stop();
  await temporal.stop();
});

/** Waits until the ack timer of this incident has fired on the server, worker or not. */
async function ackTimerFired(key: string): Promise<void> {
  const handle = system.client.workflow.getHandle(`incident:${key}`);
  const fired = async (): Promise<boolean> => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).some((event) => event.timerFiredEventAttributes);
  };
  await expect.poll(fired, { timeout: 15_000 }).toBe(true);
}

describe('no worker runs', () => {
  test('alerts are taken, and their people are paged when a worker is back', async () => {
    await system.stopWorker();
    const alert = { service: 'shop', name: 'while-away' };
    const { status, key } = await sound(system, alert);
    expect(status).toBe(202);
    expect((await sound(system, alert)).status).toBe(202);
    expect(system.booth.attempts).toEqual([]);
    await system.startWorker();
    const { code, openingId, alerts } = await current(system, key);
    await system.booth.nextSms({ to: ALICE, about: `ACK ${code}` });
    expect(alerts).toEqual({ firing: 1, total: 1 });
    await endIncident(system, alert, openingId);
    expect(pagesTo(system, ALICE, code)).toHaveLength(1);
  });

  test('an acknowledgement is noted within 4 s, counts when a worker is back, is confirmed, and nobody is paged after it', async () => {
    const alert = { service: 'rush', name: 'noted' };
    const { openingId, code, workflowId } = await openIncident(system, alert);
    await codeKnown(system, code);
    await system.stopWorker();
    const began = Date.now();
    const answer = await system.booth.reply(ALICE, `ACK ${code}`);
    expect(Date.now() - began).toBeLessThan(4_000);
    expect(answer).toContain('Noted.');
    expect(answer).toContain('a confirmation follows');
    // The time-out passes while nobody is there to see that it was answered.
    await ackTimerFired(workflowId.slice('incident:'.length));
    await system.startWorker();
    const confirmation = await system.booth.nextSms({ to: ALICE, about: /You have it/, timeoutMs: 10_000 });
    expect(confirmation.body).toContain(code);
    expect(confirmation.direction).toBe('outbound-api');
    await readable(system, openingId);
    const view = await system.view(openingId);
    expect(view).toMatchObject({ phase: 'acknowledged', paging: false, owner: { id: 'alice' } });
    expect(entriesOf(view, 'acknowledged')).toHaveLength(1);
    await endIncident(system, alert, openingId);
    expect(pagesTo(system, BOB, code)).toEqual([]);
    expect(system.booth.calls.filter(({ to }) => to === BOB)).toEqual([]);
    const confirmations = system.booth.messages.filter(
      ({ body, direction }) => direction === 'outbound-api' && /You have it/.test(body),
    );
    expect(confirmations).toHaveLength(1);
  });

  test('a write that goes by what was read may still count, says so, and with its key counts once', async () => {
    const alert = { service: 'shop', name: 'read-before' };
    const { openingId } = await openIncident(system, alert);
    await system.until(openingId, 'the page went out', ({ timeline }) =>
      timeline.some(({ type }) => type === 'delivered'),
    );
    const url = `${system.url}/v1/incidents/${openingId}`;
    const authorization = `Bearer ${KEYS.api}`;
    const tag = (await fetch(url, { headers: { authorization } })).headers.get('etag') ?? '';
    const note = () =>
      fetch(`${url}/notes`, {
        method: 'POST',
        headers: {
          authorization,
          'content-type': 'application/json',
          'if-match': tag,
          'idempotency-key': 'read-before',
        },
        body: JSON.stringify({ text: 'Looks like DNS.' }),
      });
    await system.stopWorker();
    const refused = await note();
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      {
        error: { code: 'worker-unavailable', message: expect.stringContaining('may still count') as string },
      },
    ]);
    await system.startWorker();
    await readable(system, openingId);
    expect((await note()).status).toBe(200);
    expect(entriesOf(await system.view(openingId), 'note')).toHaveLength(1);
    await endIncident(system, alert, openingId);
  });

  test('a bare ack, a link and a key press find their incident without a worker, and all are noted', async () => {
    const alert = { service: 'shop', name: 'bare' };
    const { openingId, code } = await openIncident(system, alert);
    const sms = await system.booth.nextSms({ to: ALICE, about: `ACK ${code}` });
    await searchable(system, 'alice');
    const called = { service: 'phones', name: 'pressed' };
    const { openingId: calledId } = await openIncident(system, called);
    const call = await system.booth.nextCall({ to: cast.phone('vera') });
    await system.stopWorker();
    const [bare, pressed, spoken] = await Promise.all([
      system.booth.reply(ALICE, 'ack'),
      post(linkIn(sms.body), { action: 'acknowledge', nonce: 'pressed-without-a-worker' }),
      call.answer().then(async (said) => [said.join(' '), (await call.press('4')).join(' ')]),
    ]);
    expect(bare).toContain('a confirmation follows');
    expect(pressed.status).toBe(202);
    expect(pressed.text).toContain('a confirmation follows');
    expect(spoken).toEqual([
      expect.stringContaining('pressed is down'),
      expect.stringContaining('a confirmation follows'),
    ]);
    await system.startWorker();
    await readable(system, openingId);
    expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'alice' } });
    await readable(system, calledId);
    expect(await system.view(calledId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'vera' } });
    await endIncident(system, alert, openingId);
    await endIncident(system, called, calledId);
  });
});

describe('Temporal is away', () => {
  test('alerts are refused with 503 so that the sender tries again, answers say what to do, and all goes on afterwards', async () => {
    const alert = { service: 'shop', name: 'temporal-away' };
    const { openingId, code } = await openIncident(system, alert);
    const sms = await system.booth.nextSms({ to: ALICE, about: `ACK ${code}` });
    const link = linkIn(sms.body);
    await codeKnown(system, code);
    await temporal.goAway();

    const refused = await fetch(`${system.url}/v1/alerts/generic`, {
      method: 'POST',
      headers: { authorization: 'Bearer key-of-generic-00000001', 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'refused', service: 'rush', summary: 'refused is down' }),
    });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: 'temporal-unavailable' } });
    expect(await system.booth.reply(ALICE, `ACK ${code}`)).toMatch(
      /^NOT recorded: .*send it again in a minute, or call a colleague/,
    );
    const pressed = await post(link, { action: 'acknowledge', nonce: 'pressed-without-temporal' });
    expect(pressed.status).toBe(503);
    expect(pressed.text).toMatch(/NOT recorded: .*press again/);
    expect((await fetch(`${system.url}/healthz`)).status).toBe(200);

    await temporal.comeBack();
    await expect
      .poll(async () => (await sound(system, { service: 'rush', name: 'refused' })).status, {
        timeout: 20_000,
      })
      .toBe(202);
    // A worker that lost its server asks again at most every 10 s.
    await readable(system, openingId);
    const view = await system.view(openingId);
    expect(view).toMatchObject({ phase: 'triggered', paging: true });
    expect(view.owner).toBeUndefined();
    expect((await press(link, 'acknowledge')).text).toContain('You have it');
    await endIncident(system, alert, openingId);
    const other = await system.booth.nextSms({ to: ALICE, about: /refused is down/ });
    expect(other.body).toContain('ACK');
  });
});

test('no number and no address is in any history', async () => {
  expect(await personalData(system)).toEqual([]);
});
