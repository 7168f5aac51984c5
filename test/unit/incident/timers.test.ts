import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../domain/incident/state.js';
import { HOUR, MINUTE } from '../../../domain/time/instant.js';
import { email, incident, PEOPLE, person, planWith, SEV1, SEV2, sms, TUESDAY_10, voice } from './fixtures.js';

function owned(every: number, options: Parameters<typeof incident>[0] = {}) {
  const it = incident({ plan: planWith({ ...SEV1, updateEveryMs: every }), ...options });
  it.advanceTo('2:00');
  it.acknowledge('alice');
  return it;
}

describe('the update cadence', () => {
  test('climbs one tier with every update that is missed', () => {
    const it = owned(15 * MINUTE);
    // Somebody says "still on it" in time, but nobody posts.
    for (const minute of [20, 45, 70, 95]) {
      it.advanceTo(`${minute}:00`);
      it.progress('alice');
    }
    it.advanceTo('100:00');
    const asked = it.log('2:00').filter((line) => line.includes('overdue'));
    expect(asked).toEqual([
      '20:00 bob (sms): update-overdue',
      '35:00 carol (sms): update-overdue',
      '50:00 dan (sms): update-overdue',
      '65:00 erin (sms): update-overdue',
      '80:00 erin (sms): update-overdue',
      '95:00 erin (sms): update-overdue',
    ]);
  });

  test('starts anew with an update, also one that was overdue', () => {
    const it = owned(15 * MINUTE);
    it.advanceTo('17:00');
    it.update('bob', 'rolling back');
    it.advanceTo('37:00');
    expect(it.log('15:00').filter((line) => !line.includes('still'))).toEqual([
      '15:00 alice (sms): update-due',
      '32:00 alice (sms): update-due',
      '37:00 bob (sms): update-overdue',
    ]);
  });

  test('tells nobody while nobody has it: they are being paged', () => {
    const it = incident({ plan: planWith({ ...SEV1, updateEveryMs: 15 * MINUTE }) });
    it.advanceTo('24:00');
    expect(it.log().filter((line) => line.includes('update'))).toEqual([]);
    expect(it.timeline('update-due')).toEqual(['15:00 update-due false', '20:00 update-due true']);
  });

  test('after an outage asks once, and looks ahead', () => {
    const it = owned(15 * MINUTE);
    it.outage('14:00', '24:00');
    expect(it.log('24:00')).toEqual(['24:00 alice (sms): update-due']);
    expect(it.deadlines()).toEqual(['still-on-it 27:00', 'update-overdue 29:00', 'no-progress 32:00']);
  });
});

describe('timers that fall together', () => {
  test('"still on it?" and the update within a minute make one message', () => {
    const it = owned(27 * MINUTE + 30_000);
    it.advanceTo('31:00');
    expect(it.log('3:00')).toEqual(['27:00 alice (sms): still-on-it + update-due']);
    // The time to answer is counted from when it was due.
    expect(it.deadlines()).toContain('update-overdue 32:30');
  });

  test('more than a minute apart they make two', () => {
    const it = owned(28 * MINUTE + 30_000);
    it.advanceTo('31:00');
    expect(it.log('3:00')).toEqual(['27:00 alice (sms): still-on-it', '28:30 alice (sms): update-due']);
  });

  test('no progress and an update due up to a minute before it make one', () => {
    const it = owned(31 * MINUTE + 15_000);
    it.advanceTo('32:00');
    expect(it.log('28:00')).toEqual([
      '32:00 alice (sms): no-progress + update-due',
      '32:00 bob sms+push: no-progress',
    ]);
  });

  test('an answer at the same instant is heard before the time-out', () => {
    const it = incident();
    it.advanceTo('4:59');
    it.advanceTo('4:59');
    it.acknowledge('alice');
    it.advanceTo('5:00');
    expect(it.log('4:00')).toEqual([]);
  });

  test('when it is stable and something else is due, it is over', () => {
    const it = owned(30 * MINUTE);
    it.resolves('disk');
    it.outage('3:00', '200:00');
    expect(it.state().phase).toBe('resolved');
    expect(it.log('3:00')).toEqual(['200:00 alice (sms): resolved']);
  });
});

describe('no progress', () => {
  test('from the last tier starts at the first, passing over the owner', () => {
    const it = incident();
    it.advanceTo('21:00');
    it.acknowledge('erin');
    it.advanceTo('71:00');
    const asked = it.log('51:00').filter((line) => line.includes('sms+push'));
    expect(asked.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '51:00 alice',
      '56:00 bob',
      '61:00 carol',
      '66:00 dan',
      '71:00 alice',
    ]);
  });

  test('of a severity that rings nobody writes to the next tier, now and again', () => {
    const it = incident({ severity: 'SEV2', plan: planWith({ ...SEV2, updateEveryMs: 2 * HOUR }) });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('160:00');
    expect(it.log('1:00')).toEqual([
      '31:00 bob (email): no-progress',
      '120:00 alice (email): update-due',
      '125:00 bob (email): update-overdue',
      '151:00 bob (email): no-progress',
    ]);
  });

  test('in an outage escalates once, without asking first', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.outage('10:00', '50:00');
    expect(it.log('2:00')).toEqual(['50:00 alice (sms): no-progress', '50:00 bob sms+push: no-progress']);
    expect(it.timeline('missed-deadline')).toHaveLength(2);
  });
});

describe('an outage of ours', () => {
  test('of less than a minute is none', () => {
    const it = incident();
    it.outage('4:30', '5:50');
    expect(it.timeline('missed-deadline')).toEqual([]);
    expect(it.log('5:00')).toEqual(['5:50 bob sms+push: not-acknowledged']);
  });

  test('defers the page of an owner whose alert fires again, and does not drop it', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('4:00');
    it.fires('disk');
    it.outage('5:00', '60:00');
    expect(it.log('5:00')).toEqual(['60:00 alice sms+push: fires-again']);
  });

  test('that ends in the catch-all after it was reached pages it once, with the primary', () => {
    const it = incident();
    it.advanceTo('51:00');
    it.outage('52:00', '300:00');
    expect(it.log('52:00')).toEqual([
      '300:00 ops-room sms+chat: catch-all',
      '300:00 alice sms+push: catch-all',
    ]);
    expect(it.deadlines().at(-1)).toBe('ack 315:00');
  });

  test('of a month lists fifty steps and counts the rest', () => {
    const it = incident();
    it.outage('4:00', `${30 * 24 * 60}:00`);
    expect(it.timeline('missed-deadline').length).toBeLessThanOrEqual(51);
    expect(it.timeline('remark').join()).toMatch(/more steps were missed/);
  });

  test('keeps the reason of what was passed on: an update still ends it', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.outage('31:30', '45:30');
    expect(it.log('45:30')[0]).toMatch(/after-outage/);
    it.update('alice', 'here');
    expect(it.state().escalation).toBeNull();
  });
});

test('a timeline that is full keeps the opening and the newest', () => {
  const it = incident();
  for (let index = 0; index < BOUNDS.timeline + 50; index += 1) {
    it.update('alice', `update ${index}`);
  }
  const { timeline, timelineDropped } = it.state();
  expect(timeline).toHaveLength(BOUNDS.timeline);
  expect(timeline[0]?.type).toBe('opened');
  expect(timeline.at(-1)).toMatchObject({ type: 'update', text: `update ${BOUNDS.timeline + 49}` });
  expect(timelineDropped).toBeGreaterThan(40);
});

test('three days without an answer keep the state small, and it goes on paging', () => {
  const it = incident();
  it.advanceTo(`${3 * 24 * 60}:00`);
  const state = it.state();
  expect(Object.keys(state.deliveries).length).toBeLessThanOrEqual(BOUNDS.deliveries);
  expect(state.pages.length).toBeLessThanOrEqual(BOUNDS.pages);
  expect(JSON.stringify(state).length).toBeLessThan(600_000);
  expect((it.contacts.at(-1)?.at ?? 0) - TUESDAY_10).toBeGreaterThan(3 * 24 * HOUR - 15 * MINUTE);
});

describe("a person's notification rules that are overdue together", () => {
  test('ring their phone once, also when the last of them is hardly late', () => {
    const it = incident();
    it.outage('0:01', '3:02');
    expect(it.log('0:01')).toEqual(['3:02 alice voice: alert']);
    expect(it.contacts.filter(({ at }) => at > it.state().openedAt)).toHaveLength(1);
    expect(it.timeline('missed-deadline')).toEqual([
      expect.stringMatching(/^3:02 missed-deadline page alice by phone call .* 122000$/),
    ]);
  });

  test('ring it once when none of them is late enough to be an outage; the one passed over is listed', () => {
    const rules = [
      { afterMs: 0, methods: [sms] },
      { afterMs: 20_000, methods: [voice] },
      { afterMs: 40_000, methods: [voice] },
    ];
    const it = incident({ people: { ...PEOPLE, alice: { ...person, high: rules } } });
    it.outage('0:01', '0:45');
    expect(it.contacts.filter(({ channel }) => channel === 'voice')).toHaveLength(1);
    expect(it.timeline('missed-deadline')).toEqual([expect.stringMatching(/ 25000$/)]);
  });

  test('ring it once when the next call falls due seconds after the late one, and say so', () => {
    const it = incident();
    it.outage('0:01', '2:58');
    it.advanceTo('4:00');
    expect(it.log('0:01')).toEqual(['2:58 alice voice: alert']);
    expect(it.timeline('remark')).toEqual([
      expect.stringMatching(
        /^3:00 remark not repeated, since it went out late just now: page alice by phone call/,
      ),
    ]);
  });

  test('call again when the late call failed', () => {
    let calls = 0;
    const it = incident({
      outcome: ({ channel }) => {
        if (channel !== 'voice') return 'sent';
        calls += 1;
        return calls === 1 ? { fails: 'undelivered' } : 'sent';
      },
    });
    it.outage('0:01', '2:58');
    it.advanceTo('4:00');
    expect(it.log('0:01')).toContain('3:00 alice voice: alert');
  });

  test('use each of their methods, once', () => {
    const rules = [
      { afterMs: 0, methods: [sms] },
      { afterMs: MINUTE, methods: [voice, email] },
      { afterMs: 2 * MINUTE, methods: [voice, sms] },
    ];
    const it = incident({ people: { ...PEOPLE, alice: { ...person, high: rules } } });
    it.outage('0:01', '4:00');
    const channels = it.contacts.filter(({ at }) => at > it.state().openedAt).map(({ channel }) => channel);
    expect(channels.sort()).toEqual(['email', 'sms', 'voice']);
    // Both were late, and both are listed; nothing is left to be done.
    expect(it.timeline('missed-deadline')).toHaveLength(2);
    expect(it.deadlines().filter((line) => line.startsWith('rule:'))).toEqual([]);
  });
});
