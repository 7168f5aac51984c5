import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { personalData } from './support/histories.js';
import {
  codeKnown,
  current,
  endIncident,
  entriesOf,
  openIncident,
  pagesTo,
  searchable,
  sound,
} from './support/stage.js';

const cast = createCast({
  people: {
    alice: [['0s', 'sms']],
    bob: [['0s', 'sms']],
    vera: [
      ['0s', 'voice'],
      ['2s', 'voice'],
    ],
    sam: [
      ['0s', 'sms'],
      ['5m', 'voice'],
    ],
  },
  services: {
    shop: [{ to: ['alice'] }, { to: ['bob'] }],
    rush: [{ to: ['alice'], timeout: '1s' }, { to: ['bob'] }],
    phones: [{ to: ['vera'] }, { to: ['bob'] }],
    stopped: [{ to: ['sam'] }],
  },
  timings: { stability: '1s', recheck: '1s' },
});
const [ALICE, BOB, VERA, SAM] = ['alice', 'bob', 'vera', 'sam'].map((name) => cast.phone(name)) as [
  string,
  string,
  string,
  string,
];

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

describe('by text message', () => {
  test('ACK with the code takes it', async () => {
    const alert = { service: 'shop', name: 'ack-code' };
    const { openingId, code } = await openIncident(system, alert);
    await codeKnown(system, code);
    expect(await system.booth.reply(ALICE, `ack ${code.toLowerCase()}`)).toMatch(/^You have it: /);
    expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'alice' } });
    await endIncident(system, alert, openingId);
  });

  test('a bare 4 takes the one open page', async () => {
    const alert = { service: 'shop', name: 'four' };
    const { openingId } = await openIncident(system, alert);
    await searchable(system, 'alice');
    expect(await system.booth.reply(ALICE, '4')).toMatch(/^You have it: /);
    expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'alice' } });
    await endIncident(system, alert, openingId);
  });

  test('RESOLVE while it fires means mitigated, and its owner is paged again when it still fires', async () => {
    const alert = { service: 'shop', name: 'resolve' };
    const { openingId, code } = await openIncident(system, alert);
    await codeKnown(system, code);
    expect(await system.booth.reply(ALICE, `RESOLVE ${code}`)).toMatch(
      /^Noted as mitigated; still firing, I will check again in 1 second\./,
    );
    const again = await system.booth.nextSms({ to: ALICE, about: new RegExp(`still firing.*ACK ${code}`) });
    expect(again.body).toContain(code);
    const view = await system.view(openingId);
    expect(view).toMatchObject({ phase: 'triggered', paging: true, owner: { id: 'alice' } });
    expect(entriesOf(view, 'mitigated')).toHaveLength(1);
    expect(pagesTo(system, BOB, code)).toEqual([]);
    await endIncident(system, alert, openingId);
  });

  test('ESCALATE pages the next tier at once', async () => {
    const alert = { service: 'shop', name: 'escalate' };
    const { openingId, code } = await openIncident(system, alert);
    await codeKnown(system, code);
    expect(await system.booth.reply(ALICE, `escalate ${code}`)).toMatch(/^Escalated to tier 2/);
    const sms = await system.booth.nextSms({ to: BOB, about: `ACK ${code}` });
    expect(sms.body).toContain('escalated to you');
    await endIncident(system, alert, openingId);
  });

  test('who answers second hears since when the first has it, and TAKE takes it over', async () => {
    const alert = { service: 'rush', name: 'take' };
    const { openingId, code } = await openIncident(system, alert);
    await system.booth.nextSms({ to: BOB, about: `ACK ${code}` });
    await codeKnown(system, code);
    expect(await system.booth.reply(BOB, `ACK ${code}`)).toMatch(/^You have it/);
    const told = await system.booth.nextSms({ to: ALICE, about: new RegExp(`${code}.*Bob has it since`) });
    expect(told.body).not.toContain('ACK');
    expect(await system.booth.reply(ALICE, `ack ${code}`)).toMatch(
      new RegExp(`^Bob has had it since \\d\\d:\\d\\d.*; reply TAKE ${code} to take over\\.$`),
    );
    expect((await system.view(openingId)).owner?.id).toBe('bob');
    expect(await system.booth.reply(ALICE, `TAKE ${code}`)).toMatch(/^You took over from Bob/);
    expect((await system.view(openingId)).owner?.id).toBe('alice');
    await system.booth.nextSms({ to: BOB, about: 'Alice took it over from Bob' });
    await endIncident(system, alert, openingId);
  });

  // Scenario 3: no page of hers is open any more when she answers.
  test('who was paged first and answers without the code hears who has it, and closes nothing', async () => {
    const alert = { service: 'rush', name: 'late' };
    const { openingId, code } = await openIncident(system, alert);
    await system.booth.nextSms({ to: BOB, about: `ACK ${code}` });
    await codeKnown(system, code);
    expect(await system.booth.reply(BOB, `ACK ${code}`)).toMatch(/^You have it/);
    await searchable(system, 'alice', 0);
    expect(await system.booth.reply(ALICE, 'ack')).toMatch(
      new RegExp(`^Bob has had it since \\d\\d:\\d\\d.*; reply TAKE ${code} to take over\\.$`),
    );
    const view = await system.view(openingId);
    expect(entriesOf(view, 'also-acknowledged')).toMatchObject([{ who: 'Alice', via: 'sms', owner: 'Bob' }]);
    expect(await system.booth.reply(ALICE, 'resolve')).toMatch(
      new RegExp(
        `nothing was done\\..*${code}.*\\(Bob has it\\)\\. Reply RESOLVE ${code} if you mean it\\.$`,
      ),
    );
    expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'bob' } });
    expect(await system.booth.reply(ALICE, 'take')).toMatch(/^You took over from Bob/);
    await endIncident(system, alert, openingId);
  });

  test('a bare ACK with two open pages takes nothing and lists both codes; ALL takes both', async () => {
    const alerts = ['one', 'two'].map((name) => ({ service: 'shop', name }));
    const opened = await Promise.all(alerts.map((alert) => openIncident(system, alert)));
    await searchable(system, 'alice', 2);
    const list = await system.booth.reply(ALICE, 'ack');
    expect(list).toContain('2 are open, nothing was done yet');
    for (const { code, openingId } of opened) {
      expect(list).toContain(code);
      const view = await system.view(openingId);
      expect(view.phase).toBe('triggered');
      expect(view.owner).toBeUndefined();
    }
    const all = await system.booth.reply(ALICE, 'ALL');
    for (const { code, openingId } of opened) {
      expect(all).toContain(code);
      expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'alice' } });
    }
    expect(all).toMatch(/^You have 2: /);
    for (const [index, alert] of alerts.entries())
      await endIncident(system, alert, opened[index]?.openingId ?? '');
  });

  test('the code of a resolved incident is answered with "over", and the one that is open stays untouched', async () => {
    const stale = { service: 'shop', name: 'stale' };
    const first = await openIncident(system, stale);
    await codeKnown(system, first.code);
    await endIncident(system, stale, first.openingId);
    const fresh = await openIncident(system, { service: 'shop', name: 'fresh' });
    await searchable(system, 'alice');
    const answer = await system.booth.reply(ALICE, `ACK ${first.code}`);
    expect(answer).toMatch(/^That incident is over; open now: /);
    expect(answer).toContain(fresh.code);
    expect((await system.view(fresh.openingId)).owner).toBeUndefined();
    await endIncident(system, { service: 'shop', name: 'fresh' }, fresh.openingId);
  });

  test('an unknown code, an unknown number and words that mean nothing take nothing', async () => {
    const alert = { service: 'shop', name: 'unknown' };
    const { openingId, code } = await openIncident(system, alert);
    await searchable(system, 'alice');
    const wrong = code === 'ZZZ9' ? 'ZZZ8' : 'ZZZ9';
    const answer = await system.booth.reply(ALICE, `ACK ${wrong}`);
    expect(answer).toContain(`No incident has the code ${wrong}`);
    expect(answer).toContain(code);
    expect(await system.booth.reply('+12025550177', `ACK ${code}`)).toMatch(/This number is not known here/);
    expect(await system.booth.reply(ALICE, 'not now')).toMatch(/^Not understood, nothing was done/);
    expect(await system.view(openingId)).toMatchObject({ phase: 'triggered', paging: true });
    await endIncident(system, alert, openingId);
  });

  test('who said STOP is called at once instead, and the timeline says why', async () => {
    await system.booth.reply(SAM, 'STOP');
    const { status, key } = await sound(system, { service: 'stopped', name: 'stop' });
    expect(status).toBe(202);
    const call = await system.booth.nextCall({ to: SAM });
    await call.answer();
    expect((await call.press('4')).join(' ')).toMatch(/you have it/i);
    const view = await current(system, key);
    expect(entriesOf(view, 'delivery-failed')).toMatchObject([
      { channel: 'sms', reason: 'opted-out', next: 'next-method' },
    ]);
    expect(system.booth.attempts.filter(({ to, channel }) => to === SAM && channel === 'sms')).toMatchObject([
      { outcome: 'refused', code: 21610 },
    ]);
    system.booth.optIn(SAM);
    await endIncident(system, { service: 'stopped', name: 'stop' }, view.openingId);
  });
});

describe('by key press', () => {
  test('voicemail acknowledges nothing, and the next call still comes', async () => {
    const alert = { service: 'phones', name: 'voicemail' };
    const { openingId } = await openIncident(system, alert);
    const first = await system.booth.nextCall({ to: VERA });
    await first.answer('machine');
    const view = await system.until(openingId, 'voicemail noticed', (seen) =>
      entriesOf(seen, 'call-ended').some(({ how }) => how === 'voicemail'),
    );
    first.hangUp();
    expect(view).toMatchObject({ phase: 'triggered', paging: true });
    const second = await system.booth.nextCall({ to: VERA });
    expect(second.sid).not.toBe(first.sid);
    await second.answer();
    await second.press('4');
    expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'vera' } });
    await endIncident(system, alert, openingId);
  });

  test('a wrong key does nothing and the choices are said again; 6 means mitigated', async () => {
    const alert = { service: 'phones', name: 'six' };
    const { openingId } = await openIncident(system, alert);
    const call = await system.booth.nextCall({ to: VERA });
    const spoken = (await call.answer()).join(' ');
    expect(spoken).toContain('six is down');
    expect(spoken).toContain('Press 4 to acknowledge, 6 if it is fixed, 8 to escalate');
    const wrong = (await call.press('5')).join(' ');
    expect(wrong).toContain('That key does nothing. Press 4 to acknowledge');
    expect(await system.view(openingId)).toMatchObject({ phase: 'triggered', paging: true });
    expect((await call.press('6')).join(' ')).toMatch(/Noted as mitigated; still firing, I will check again/);
    expect(entriesOf(await system.view(openingId), 'acknowledged')).toMatchObject([
      { who: 'Vera', via: 'voice' },
    ]);
    const again = await system.booth.nextCall({ to: VERA });
    expect((await again.answer()).join(' ')).toContain('still firing');
    await again.press('4');
    await endIncident(system, alert, openingId);
  });

  test('8 passes it on to the next tier', async () => {
    const alert = { service: 'phones', name: 'eight' };
    const { openingId, code } = await openIncident(system, alert);
    const call = await system.booth.nextCall({ to: VERA });
    await call.answer();
    expect((await call.press('8')).join(' ')).toMatch(/Escalated to tier 2/);
    await system.booth.nextSms({ to: BOB, about: `ACK ${code}` });
    await endIncident(system, alert, openingId);
  });
});

test('no number and no address is in any history', async () => {
  expect(await personalData(system)).toEqual([]);
});
