import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../domain/alert/alert.js';
import { edit, fingerprintsOf, startOf, type Fingerprints } from '../../../domain/incident/fingerprints.js';
import { BOUNDS } from '../../../domain/incident/state.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { incident, TUESDAY_10 } from './fixtures.js';

function alert(fingerprint: string, status: Alert['status'], startsAt: number | null = TUESDAY_10): Alert {
  return { fingerprint, status, startsAt, summary: `${fingerprint} is failing`, severity: 'SEV1' };
}

describe('which alerts are news', () => {
  const cases: readonly (readonly [string, readonly Alert[], { firing: number; total: number }])[] = [
    ['firing', [alert('a', 'firing')], { firing: 1, total: 1 }],
    ['firing twice', [alert('a', 'firing'), alert('a', 'firing')], { firing: 1, total: 1 }],
    ['firing, resolved', [alert('a', 'firing'), alert('a', 'resolved')], { firing: 0, total: 1 }],
    [
      'resolved before its firing arrives',
      [alert('a', 'resolved'), alert('a', 'firing')],
      { firing: 0, total: 0 },
    ],
    ['resolved, never seen', [alert('z', 'resolved')], { firing: 0, total: 0 }],
    [
      'fires again later',
      [alert('a', 'firing'), alert('a', 'resolved'), alert('a', 'firing', TUESDAY_10 + 1)],
      { firing: 1, total: 2 },
    ],
    [
      'a late repeat of what is over',
      [alert('a', 'firing'), alert('a', 'resolved'), alert('a', 'firing')],
      { firing: 0, total: 1 },
    ],
    [
      'a late "resolved" of the start before',
      [alert('a', 'firing', TUESDAY_10 + 9), alert('a', 'resolved')],
      { firing: 1, total: 1 },
    ],
    [
      'ended and began again unseen, then a late "resolved" of the first start',
      [alert('a', 'firing'), alert('a', 'firing', TUESDAY_10 + 9), alert('a', 'resolved')],
      { firing: 1, total: 1 },
    ],
    [
      'the end of a second start, before that start',
      [
        alert('a', 'firing'),
        alert('a', 'resolved'),
        alert('a', 'resolved', TUESDAY_10 + 9),
        alert('a', 'firing', TUESDAY_10 + 9),
      ],
      { firing: 0, total: 1 },
    ],
    [
      'without a start',
      [alert('a', 'firing', null), alert('a', 'resolved', null), alert('a', 'firing', null)],
      { firing: 1, total: 2 },
    ],
  ];

  test.each(cases)('%s', (_, alerts, counts) => {
    // In one request, and one by one.
    const together = incident({ quiet: true });
    together.takes(alerts);
    const { known, overflow, total } = together.state().alerts;
    expect({ firing: known + overflow, total }).toEqual(counts);
    const apart = incident({ quiet: true });
    for (const one of alerts) apart.takes([one]);
    expect(apart.state().alerts).toEqual(together.state().alerts);
  });

  test('nothing new changes nothing at all', () => {
    const it = incident();
    const before = it.state();
    it.takes([alert('disk', 'firing'), alert('never', 'resolved')]);
    expect(it.state().timeline).toEqual(before.timeline);
    expect(it.state().deadlines).toEqual(before.deadlines);
  });
});

describe('a hand-over that was overtaken', () => {
  const batch = (alerts: readonly Alert[], receivedAt: number) =>
    ({ type: 'alerts', batch: { integration: 'test', resolves: true, alerts, receivedAt } }) as const;

  test.each([
    ['neither start is known', null],
    ['only the firing one is', TUESDAY_10],
  ])('ends nothing that fired after it when %s', (_, startsAt) => {
    const it = incident({ quiet: true });
    // As PagerDuty's events come: what else of the same key is over goes along.
    const firing = [alert('a', 'firing', startsAt), alert('b', 'resolved', null)];
    it.feed(batch(firing, TUESDAY_10 + 9));
    it.feed(batch([alert('a', 'resolved', null)], TUESDAY_10 + 8));
    expect(it.state()).toMatchObject({ phase: 'triggered', alerts: { known: 1 } });
    // Sent again later it is the end.
    it.feed(batch([alert('a', 'resolved', null)], TUESDAY_10 + 9));
    expect(it.state()).toMatchObject({ phase: 'monitoring', alerts: { known: 0 } });
    expect(fingerprintsOf(it.state().alerts.arrived ?? {})).toEqual([]);
  });

  test('ends nothing that was said to fire once more after it', () => {
    const it = incident({ quiet: true });
    for (const at of [1, 7]) it.feed(batch([alert('a', 'firing', null)], TUESDAY_10 + at));
    it.feed(batch([alert('a', 'resolved', null)], TUESDAY_10 + 5));
    expect(it.state()).toMatchObject({ phase: 'triggered', alerts: { known: 1 } });
  });

  test('costs nothing where the sender tells start times', () => {
    const it = incident({ quiet: true });
    it.takes([alert('a', 'firing')]);
    expect(it.state().alerts.arrived).toBeUndefined();
  });
});

describe('an alert that fires again', () => {
  test('with the start it had, minutes after its sender called it over, is no late repeat: it burns', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    const { openedAt } = it.state();
    it.takes([alert('disk', 'resolved', openedAt)]);
    it.advanceTo('2:30');
    it.takes([alert('disk', 'firing', openedAt)]);
    expect(it.state().phase).toBe('monitoring');
    it.advanceTo('16:00');
    it.takes([alert('disk', 'firing', openedAt)]);
    expect(it.state().phase).toBe('triggered');
    expect(it.log('15:59')).toEqual(['16:00 alice sms+push: fires-again']);
  });

  test('pages the owner at once when the last page is more than 15 minutes ago, else as soon as it is', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('4:00');
    it.fires('disk');
    expect(it.log('4:00')).toEqual([]);
    expect(it.deadlines()).toEqual(['repage 15:00']);
    it.advanceTo('15:00');
    expect(it.log('4:00')).toEqual(['15:00 alice sms+push: fires-again']);
  });

  test('flapping all the while pages her once in 15 minutes, and sends no message for each turn', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.resolves('disk');
    for (let minute = 3; minute < 33; minute += 1) {
      it.advanceTo(`${minute}:00`);
      it.fires('disk');
      it.advanceTo(`${minute}:30`);
      it.resolves('disk');
    }
    // The page that is due at 15:00 is deferred to the next time that it fires, and never dropped.
    expect(it.log('2:00')).toEqual([
      '2:00 alice (sms): monitoring',
      '15:00 alice sms+push: fires-again',
      '15:30 alice (sms): monitoring',
      '30:00 alice sms+push: fires-again',
      '30:30 alice (sms): monitoring',
    ]);
  });

  test('without an owner pages the first step at once, each time', () => {
    const it = incident();
    it.advanceTo('0:30');
    it.resolves('disk');
    it.advanceTo('2:00');
    it.fires('disk');
    it.advanceTo('2:30');
    it.resolves('disk');
    expect(it.log('0:30')).toEqual([
      '0:30 alice (sms): gone-before-answer',
      '2:00 alice sms+push: fires-again',
      '2:30 alice (sms): gone-before-answer',
    ]);
  });

  test('and ends while the tiers after the owner are paged: all who were paged hear of it', () => {
    const it = incident();
    it.advanceTo('2:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('25:00');
    it.fires('disk');
    it.advanceTo('31:30');
    it.resolves('disk');
    expect(it.log('31:30')).toEqual(['31:30 alice (sms): monitoring', '31:30 bob (sms): monitoring']);
  });

  test('in business hours only writes at night, and not at each turn', () => {
    const it = incident({ severity: 'SEV2', startsAt: TUESDAY_10 + 12 * 60 * MINUTE });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.resolves('disk');
    it.advanceTo('2:00');
    it.fires('disk');
    it.advanceTo('60:00');
    expect(it.contacts.filter(({ channel }) => channel !== 'email')).toEqual([]);
    expect(it.log('2:00')).toEqual([]);
  });
});

describe('an alert that joins what somebody has', () => {
  test('sends the owner one SMS, further ones within the minute make one more', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('2:00');
    it.fires('cpu');
    it.advanceTo('2:10');
    it.fires('net');
    it.advanceTo('2:20');
    it.fires('dns');
    it.advanceTo('10:00');
    expect(it.log('1:30')).toEqual(['2:00 alice (sms): alert-joined', '3:00 alice (sms): alert-joined']);
    expect(it.contacts.at(-1)?.command.message.parts[0]).toMatchObject({ firing: 4 });
  });

  test('before anybody has it tells nobody: they are being paged', () => {
    const it = incident();
    it.fires('cpu');
    it.advanceTo('0:59');
    expect(it.log()).toEqual(['0:00 alice sms+push: alert']);
  });

  test('with a higher severity pages the owner', () => {
    const it = incident({ severity: 'SEV2' });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.advanceTo('2:00');
    it.takes([{ ...alert('cpu', 'firing'), severity: 'SEV1' }]);
    expect(it.log('2:00')).toEqual([
      '2:00 alice (sms): alert-joined',
      '2:00 alice sms+push: severity-raised',
    ]);
  });

  test('with a severity that nobody knows changes nothing', () => {
    const it = incident();
    it.takes([{ ...alert('cpu', 'firing'), severity: 'critical!!' }]);
    expect(it.state().severity).toBe('SEV1');
  });
});

describe('more alerts than are told apart', () => {
  const many = Array.from({ length: BOUNDS.firing + 10 }, (_, index) => alert(`f${index}`, 'firing'));

  test('alerts alone never resolve it then, a person does', () => {
    const it = incident({ quiet: true });
    it.takes(many);
    expect(it.state().alerts).toMatchObject({ known: BOUNDS.firing, overflow: 10 });
    it.advanceTo('1:00');
    it.acknowledge('alice');
    it.takes(many.map((one) => ({ ...one, status: 'resolved' })));
    expect(it.state().phase).toBe('acknowledged');
    expect(it.resolve('alice').outcome).toBe('monitoring');
    it.advanceTo('31:00');
    expect(it.state().phase).toBe('resolved');
  });

  test('what fires still after a person called it fixed pages again', () => {
    const it = incident({ quiet: true });
    it.takes(many);
    it.advanceTo('1:00');
    expect(it.resolve('alice').outcome).toBe('mitigated');
    it.advanceTo('6:00');
    expect(it.log('6:00')).toEqual(['6:00 alice sms+push: still-firing']);
  });
});

test('what a sender left out is a remark', () => {
  const it = incident();
  it.feed({
    type: 'alerts',
    batch: {
      integration: 'am',
      resolves: true,
      alerts: [alert('x', 'firing')],
      receivedAt: TUESDAY_10,
      truncated: 7,
    },
  });
  expect(it.timeline('remark')).toEqual(['0:00 remark am left out 7 more alerts']);
});

describe('a set of fingerprints', () => {
  function setOf(entries: readonly (readonly [string, number | null])[]): Fingerprints {
    const set = edit({});
    for (const [fingerprint, startsAt] of entries) set.put(fingerprint, startsAt);
    return set.done();
  }

  test('keeps, finds and forgets, whatever they are called', () => {
    const before = setOf([
      ['a', 1],
      ['constructor', null],
    ]);
    expect([startOf(before, 'a'), startOf(before, 'constructor'), startOf(before, 'toString')]).toEqual([
      1,
      null,
      undefined,
    ]);
    const editing = edit(before);
    editing.remove('a');
    editing.put('b', 2);
    expect([editing.startOf('a'), editing.startOf('b'), editing.startOf('constructor')]).toEqual([
      undefined,
      2,
      null,
    ]);
    expect(fingerprintsOf(editing.done()).sort()).toEqual([
      ['b', 2],
      ['constructor', null],
    ]);
    // What went in is untouched: the machine's state is never changed in place.
    expect(fingerprintsOf(before).sort()).toEqual([
      ['a', 1],
      ['constructor', null],
    ]);
  });

  test('is the same one when nothing changed', () => {
    const set = setOf([['a', 1]]);
    const editing = edit(set);
    editing.remove('b');
    expect(editing.startOf('a')).toBe(1);
    expect(editing.done()).toBe(set);
  });

  test('bounded forgets the oldest, in one edit as in many', () => {
    let many: Fingerprints = {};
    const once = edit({});
    for (let index = 0; index < 10_000; index += 1) {
      once.put(`f${index}`, index, 640);
      const one = edit(many);
      one.put(`f${index}`, index, 640);
      many = one.done();
    }
    expect(once.done()).toEqual(many);
    expect(fingerprintsOf(many).length).toBeLessThanOrEqual(640);
    expect(startOf(many, 'f9999')).toBe(9_999);
    expect(startOf(many, 'f0')).toBeUndefined();
  });
});

describe('a storm', () => {
  const storm = (count: number, status: Alert['status'] = 'firing'): Alert[] =>
    Array.from({ length: count }, (_, index) => alert(`s${index}`, status));

  test('of an hour pushes nothing else out of the timeline: of its own lines the oldest go, but not the first', () => {
    const it = incident({ quiet: true });
    it.advanceTo('0:02');
    it.acknowledge('alice');
    const others = it.state().timeline.filter(({ type }) => type !== 'alerts');
    for (let index = 0; index < 3_600; index += 1) it.takes([alert(`s${index}`, 'firing')]);
    const { timeline, timelineDropped, alerts } = it.state();
    expect(alerts).toMatchObject({ known: 3_600, total: 3_600 });
    expect(timeline).toEqual(expect.arrayContaining(others));
    const lines = timeline.filter((entry) => entry.type === 'alerts');
    expect(lines).toHaveLength(BOUNDS.alertLines);
    expect([lines[0]?.summary, lines[1]?.total, lines.at(-1)?.total]).toEqual([
      's0 is failing',
      3_600 - BOUNDS.alertLines + 2,
      3_600,
    ]);
    // However many lines are gone, each thing that happened counts.
    expect(timelineDropped + lines.length).toBe(3_600);
  });

  test('of 10,000 alerts in one request is told apart, and resolved alert by alert', () => {
    const it = incident({ quiet: true });
    it.takes(storm(10_000));
    expect(it.state().alerts).toMatchObject({ known: 10_000, overflow: 0, total: 10_000 });
    it.takes(storm(9_999, 'resolved'));
    expect(it.state()).toMatchObject({ phase: 'triggered', alerts: { known: 1 } });
    it.takes(storm(10_000, 'resolved'));
    expect(it.state()).toMatchObject({ phase: 'monitoring', alerts: { known: 0, total: 10_000 } });
  });

  test.each([
    ['whose sender tells when they began', TUESDAY_10],
    ['whose sender does not', null],
  ])(
    'full of all the alerts it may carry, %s, it fits into what a run may hand to the next',
    (_, startsAt) => {
      const it = incident({ quiet: true });
      const named = (prefix: string, status: Alert['status']): Alert[] =>
        Array.from({ length: 12_000 }, (_, index) => ({
          ...alert(`${prefix}${String(index).padStart(15, '0')}`, status, startsAt),
        }));
      it.takes(named('r', 'firing'));
      it.takes(named('r', 'resolved'));
      it.takes(named('f', 'firing'));
      expect(JSON.stringify(it.state()).length).toBeLessThan(1.5 * 1024 * 1024);
    },
  );

  test('of 5,000 that is over hears every late repeat of it as old', () => {
    const it = incident({ quiet: true });
    it.takes(storm(5_000));
    it.takes(storm(5_000, 'resolved'));
    expect(it.state().phase).toBe('monitoring');
    it.takes(storm(5_000));
    expect(it.state()).toMatchObject({ phase: 'monitoring', alerts: { known: 0, total: 5_000 } });
  });
});
