import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast, type Rule } from './support/cast.js';
import { personalData } from './support/histories.js';
import { current, endIncident, entriesOf, openIncident, pagesTo, sound } from './support/stage.js';

/** Much later than any test lasts: what comes sooner was brought forward. */
const LATER = '5m';
const smsThen = (channel: 'voice' | 'email'): readonly Rule[] => [
  ['0s', 'sms'],
  [LATER, channel],
];

const cast = createCast({
  people: {
    sue: smsThen('email'),
    uma: smsThen('voice'),
    nora: smsThen('email'),
    olga: smsThen('email'),
    moe: [
      ['0s', 'email'],
      [LATER, 'sms'],
    ],
    dora: smsThen('voice'),
    vic: [['0s', 'voice']],
    wes: [['0s', 'voice']],
    bob: [['0s', 'sms']],
  },
  services: {
    down: [{ to: ['sue'] }],
    undelivered: [{ to: ['uma'] }],
    silent: [{ to: ['nora'] }],
    arrives: [{ to: ['olga'] }],
    mail: [{ to: ['moe'] }],
    callbacks: [{ to: ['dora'] }],
    dropped: [{ to: ['dora'], timeout: '2s' }, { to: ['bob'] }],
    together: [{ to: ['vic', 'wes'] }],
    nothing: [{ to: ['vic'] }, { to: ['bob'] }],
  },
  timings: { stability: '1s', retry: '500ms' },
});

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterEach(() => system.booth.behave());
afterAll(() => system.stop());

async function acknowledge(openingId: string, by: string): Promise<void> {
  const { status } = await system.request('POST', `/v1/incidents/${openingId}/acknowledge`, { body: { by } });
  expect(status).toBe(200);
}

function attemptsTo(to: string): readonly string[] {
  return system.booth.attempts.filter((attempt) => attempt.to === to).map(({ outcome }) => outcome);
}

describe('a provider that is down', () => {
  test('Twilio answers 503: the mail goes at once, the SMS is tried again and never sent once somebody has it', async () => {
    const phone = cast.phone('sue');
    system.booth.misbehave({ kind: 'http-error', status: 503, channel: 'sms', to: phone, times: 'always' });
    const alert = { service: 'down', name: 'twilio-503' };
    const began = Date.now();
    const { openingId, code } = await openIncident(system, alert);
    await system.booth.nextMail({ to: cast.mail('sue'), about: /twilio-503/ });
    expect(Date.now() - began).toBeLessThan(3_000);
    await system.booth.until('three tries', () => attemptsTo(phone).length >= 3, 10_000);
    await acknowledge(openingId, 'sue');
    const view = await system.view(openingId);
    expect(entriesOf(view, 'delivery-failed')[0]).toMatchObject({
      channel: 'sms',
      reason: 'unavailable',
      next: 'next-method',
    });
    expect(view.deadlines.filter(({ name }) => name.startsWith('retry:'))).toEqual([]);
    system.booth.behave();
    await endIncident(system, alert, openingId);
    // What she hears of its end went out: the way is open again, and the page did not take it.
    await system.booth.nextSms({ to: phone, about: /resolved/ });
    expect(pagesTo(system, phone, code)).toEqual([]);
  });

  test('Twilio comes back before anybody answers: the SMS that is still wanted is sent, once', async () => {
    const phone = cast.phone('sue');
    system.booth.misbehave({
      kind: 'rate-limited',
      retryAfterSeconds: 1,
      channel: 'sms',
      to: phone,
      times: 2,
    });
    const alert = { service: 'down', name: 'twilio-429' };
    const { openingId, code } = await openIncident(system, alert);
    const sms = await system.booth.nextSms({ to: phone, about: `ACK ${code}`, timeoutMs: 10_000 });
    expect(sms.body).toContain(code);
    const view = await system.until(openingId, 'sent', (seen) =>
      entriesOf(seen, 'sent').some(({ channel }) => channel === 'sms'),
    );
    expect(entriesOf(view, 'delivery-failed')).toMatchObject([
      { reason: 'rate-limited', next: 'next-method' },
      { reason: 'rate-limited' },
    ]);
    await acknowledge(openingId, 'sue');
    await endIncident(system, alert, openingId);
    expect(pagesTo(system, phone, code)).toHaveLength(1);
  });

  test('the mail server refuses: the SMS comes at once, and the mail when the server is back', async () => {
    const address = cast.mail('moe');
    system.booth.misbehave({ kind: 'http-error', status: 503, channel: 'mail', to: address, times: 2 });
    const alert = { service: 'mail', name: 'smtp-down' };
    const { openingId, code } = await openIncident(system, alert);
    await system.booth.nextSms({ to: cast.phone('moe'), about: `ACK ${code}` });
    const mail = await system.booth.nextMail({ to: address, about: /smtp-down/, timeoutMs: 10_000 });
    expect(mail.text).toContain(code);
    const view = await system.view(openingId);
    expect(entriesOf(view, 'delivery-failed')[0]).toMatchObject({ channel: 'email', next: 'next-method' });
    await acknowledge(openingId, 'moe');
    await endIncident(system, alert, openingId);
  });

  test('Twilio never answers: the next method comes and both may have gone out, unless a report says that it arrived', async () => {
    const arrives = { service: 'arrives', name: 'hung-but-delivered' };
    system.booth.misbehave({ kind: 'never-answer', accept: true, channel: 'sms', to: cast.phone('olga') });
    const delivered = await openIncident(system, arrives);

    const phone = cast.phone('nora');
    system.booth.misbehave({ kind: 'never-answer', accept: true, channel: 'sms', to: phone });
    system.booth.misbehave({ kind: 'drop-callbacks', channel: 'sms', to: phone });
    const alert = { service: 'silent', name: 'hung' };
    const { openingId, code } = await openIncident(system, alert);
    await system.booth.nextMail({ to: cast.mail('nora'), about: /hung is down/, timeoutMs: 15_000 });
    await system.booth.until(
      'the SMS is tried again',
      () => pagesTo(system, phone, code).length === 2,
      10_000,
    );
    const view = await system.until(openingId, 'sent', (seen) =>
      entriesOf(seen, 'sent').some(({ channel }) => channel === 'sms'),
    );
    expect(entriesOf(view, 'delivery-failed')).toMatchObject([
      { channel: 'sms', reason: 'timed-out', ambiguous: true, next: 'next-method' },
    ]);
    expect(entriesOf(view, 'sent').find(({ channel }) => channel === 'sms')).toMatchObject({
      possibleDuplicate: true,
    });

    // Hers was asked for earlier and hung as long: its report came in the meantime, so nothing was sent twice.
    const other = await system.view(delivered.openingId);
    expect(entriesOf(other, 'delivered')).toMatchObject([{ name: 'Olga', channel: 'sms' }]);
    expect(entriesOf(other, 'delivery-failed')).toEqual([]);
    expect(pagesTo(system, cast.phone('olga'), delivered.code)).toHaveLength(1);
    expect(system.booth.mails.filter(({ to }) => to.includes(cast.mail('olga')))).toEqual([]);
    await acknowledge(openingId, 'nora');
    await endIncident(system, alert, openingId);
    await acknowledge(delivered.openingId, 'olga');
    await endIncident(system, arrives, delivered.openingId);
  });
});

describe('what a provider says later', () => {
  test('undelivered (30003): the call comes at once', async () => {
    const phone = cast.phone('uma');
    system.booth.misbehave({ kind: 'fails-later', code: 30003, channel: 'sms', to: phone });
    const alert = { service: 'undelivered', name: 'off' };
    const { openingId } = await openIncident(system, alert);
    const call = await system.booth.nextCall({ to: phone });
    await call.answer();
    expect((await call.press('4')).join(' ')).toMatch(/you have it/i);
    const view = await system.view(openingId);
    expect(entriesOf(view, 'delivery-failed')).toMatchObject([
      { channel: 'sms', reason: 'undelivered', next: 'next-method', detail: 'Twilio 30003' },
    ]);
    await endIncident(system, alert, openingId);
  });

  test('a report that comes five times counts once: one failure, one call', async () => {
    const phone = cast.phone('dora');
    system.booth.misbehave({
      kind: 'duplicate-callbacks',
      copies: 5,
      channel: 'any',
      to: phone,
      times: 'always',
    });
    system.booth.misbehave({ kind: 'fails-later', code: 30003, channel: 'sms', to: phone });
    const alert = { service: 'callbacks', name: 'echo' };
    const { openingId } = await openIncident(system, alert);
    const call = await system.booth.nextCall({ to: phone });
    await system.booth.until(
      'all copies were answered',
      () =>
        system.booth.webhooks.filter(
          ({ purpose, params, status }) =>
            purpose === 'sms-status' && params['MessageStatus'] === 'undelivered' && status === 204,
        ).length >= 5,
    );
    await call.answer();
    await call.press('4');
    await system.booth.until('the call is over', () => call.endedAt !== undefined);
    const view = await system.until(
      openingId,
      'call ended',
      (seen) => entriesOf(seen, 'call-ended').length > 0,
    );
    expect(entriesOf(view, 'delivery-failed')).toHaveLength(1);
    expect(system.booth.calls.filter(({ to }) => to === phone)).toHaveLength(1);
    await endIncident(system, alert, openingId);
    const closed = await system.view(openingId);
    expect(entriesOf(closed, 'call-ended')).toHaveLength(1);
    expect(entriesOf(closed, 'delivery-failed')).toHaveLength(1);
  });

  test('no report at all changes nothing: the time-out still pages the next, and answers count', async () => {
    const phone = cast.phone('dora');
    system.booth.misbehave({ kind: 'drop-callbacks', channel: 'any', to: phone, times: 'always' });
    const alert = { service: 'dropped', name: 'mute' };
    const { openingId, code } = await openIncident(system, alert);
    await system.booth.nextSms({ to: cast.phone('bob'), about: `ACK ${code}` });
    await acknowledge(openingId, 'dora');
    const view = await system.view(openingId);
    expect(view).toMatchObject({ phase: 'acknowledged', owner: { id: 'dora' } });
    expect(entriesOf(view, 'delivery-failed')).toEqual([]);
    expect(pagesTo(system, phone, code)).toHaveLength(1);
    await endIncident(system, alert, openingId);
  });

  test('when no contact method works, the next tier is paged without waiting', async () => {
    const to = cast.phone('vic');
    system.booth.misbehave({ kind: 'error-code', code: 21211, channel: 'any', to, times: 'always' });
    system.booth.misbehave({
      kind: 'smtp-reject',
      code: 550,
      channel: 'mail',
      to: cast.mail('vic'),
      times: 'always',
    });
    const alert = { service: 'nothing', name: 'unreachable' };
    const { openingId, code } = await openIncident(system, alert);
    await system.booth.nextSms({ to: cast.phone('bob'), about: `ACK ${code}` });
    const view = await system.view(openingId);
    expect(entriesOf(view, 'skipped')).toMatchObject([{ why: 'no contact method works' }]);
    await acknowledge(openingId, 'bob');
    await endIncident(system, alert, openingId);
  });
});

test("a call that still rings at somebody else's is taken back when one answers", async () => {
  const alert = { service: 'together', name: 'both-ring' };
  const { status, key } = await sound(system, alert);
  expect(status).toBe(202);
  const [vic, wes] = await Promise.all([
    system.booth.nextCall({ to: cast.phone('vic') }),
    system.booth.nextCall({ to: cast.phone('wes') }),
  ]);
  await vic.answer();
  expect((await vic.press('4')).join(' ')).toMatch(/you have it/i);
  await system.booth.until('the other phone stops ringing', () => wes.endedAt !== undefined);
  expect(wes.status).toBe('canceled');
  expect(vic.status).toBe('completed');
  await system.booth.nextSms({ to: cast.phone('wes'), about: /Vic has it/ });
  const { openingId } = await current(system, key);
  await endIncident(system, alert, openingId);
});

test('no number and no address is in any history', async () => {
  expect(await personalData(system)).toEqual([]);
});
