import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../domain/alert/alert.js';
import { openingQuiet } from '../../../domain/incident/quiet.js';
import { viewOf } from '../../../domain/incident/machine.js';
import { quietUntil, type QuietWindow } from '../../../domain/maintenance/window.js';
import { timelineWords } from '../../../domain/messages/timeline-words.js';
import { MINUTE } from '../../../domain/time/instant.js';
import type { VirtualIncident } from '../../support/virtual-incident.js';
import { incident, planWith, SEV1, TUESDAY_10 } from './fixtures.js';

/** From so many minutes after 10:00 to so many. */
function window(id: string, from: number, to: number, reason = 'database upgrade'): QuietWindow {
  return { id, from: TUESDAY_10 + from * MINUTE, to: TUESDAY_10 + to * MINUTE, reason };
}

const HOUR_LONG = window('w1', -30, 30);

function alert(fingerprint: string, severity = 'SEV1', status: Alert['status'] = 'firing'): Alert {
  return { fingerprint, status, startsAt: null, summary: `${fingerprint} is failing`, severity };
}

function began(it: VirtualIncident, which: QuietWindow, stopPages: boolean): void {
  it.feed({ type: 'maintenance', change: { type: 'began', window: which, stopPages } });
}

function ended(it: VirtualIncident, windowId: string): void {
  it.feed({ type: 'maintenance', change: { type: 'ended', windowId } });
}

describe('windows', () => {
  test('the last end of what follows on without a break counts, however the windows lie', () => {
    const all = [window('a', 0, 10), window('b', 5, 20), window('c', 20, 30), window('later', 40, 50)];
    expect(quietUntil(all, TUESDAY_10)).toBe(TUESDAY_10 + 30 * MINUTE);
    expect(quietUntil(all, TUESDAY_10 + 35 * MINUTE)).toBe(TUESDAY_10 + 35 * MINUTE);
    expect(quietUntil([], TUESDAY_10)).toBe(TUESDAY_10);
  });

  test('an incident opens quietly only when everything that fires is covered', () => {
    const batch = (alerts: Alert[]) => ({
      ...{ integration: 'x', resolves: true, receivedAt: 0, alerts, windows: { w1: HOUR_LONG } },
    });
    const covered = { ...alert('a'), windows: ['w1'] };
    expect(openingQuiet([batch([covered])])).toEqual([HOUR_LONG]);
    expect(openingQuiet([batch([covered, alert('b')])])).toBeUndefined();
    expect(openingQuiet([batch([covered, alert('b', 'SEV1', 'resolved')])])).toEqual([HOUR_LONG]);
    expect(openingQuiet([batch([{ ...covered, windows: ['unknown'] }])])).toBeUndefined();
    expect(openingQuiet([])).toBeUndefined();
  });
});

describe('an alert in a maintenance window', () => {
  test('is recorded and pages nobody; what still fires at the end pages then, as if it began then', () => {
    const plan = planWith({ ...SEV1, managementAfterMs: 20 * MINUTE, updateEveryMs: 15 * MINUTE });
    const it = incident({ plan, windows: [HOUR_LONG] });
    expect(it.state()).toMatchObject({ phase: 'triggered', escalation: null });
    expect(it.deadlines()).toEqual(['maintenance-over 30:00']);
    expect(viewOf(it.state(), '')).toMatchObject({
      paging: false,
      quiet: { until: HOUR_LONG.to, reason: 'database upgrade', windows: ['w1'], rests: true },
    });
    it.advanceTo('29:59');
    expect(it.contacts).toEqual([]);
    it.advanceTo('36:00');
    expect(it.log()).toEqual([
      '30:00 alice sms+push: maintenance-over',
      '31:00 alice voice: maintenance-over',
      '33:00 alice voice: maintenance-over',
      '35:00 bob sms+push: not-acknowledged',
      '36:00 bob voice: not-acknowledged',
    ]);
    // Counted from the end: management after 20 minutes, the cadence of 15.
    expect(it.deadlines()).toContain('management 50:00');
    expect(it.deadlines()).toContain('update 45:00');
    expect(it.timeline('quiet', 'quiet-over')).toHaveLength(2);
    const words = it.state().timeline.map((entry) => timelineWords(entry));
    expect(words).toContain(
      'quiet until Tue 24 Nov, 10:30 UTC, for maintenance: database upgrade; nobody is paged before',
    );
    expect(viewOf(it.state(), '').quiet).toBeUndefined();
  });

  test('tells nobody when it resolves meanwhile, is watched as ever, and fires again quietly', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.advanceTo('5:00');
    it.resolves('disk');
    expect(it.deadlines()).toEqual(['stability 35:00']);
    it.advanceTo('10:00');
    it.takes([alert('disk2')], [HOUR_LONG]);
    expect(it.deadlines()).toEqual(['maintenance-over 30:00']);
    it.resolves('disk2');
    it.advanceTo('60:00');
    expect(it.state().phase).toBe('resolved');
    expect(it.contacts).toEqual([]);
  });

  test('that fires again once the window is over pages at once', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.advanceTo('5:00');
    it.resolves('disk');
    it.advanceTo('31:00');
    it.fires('disk');
    expect(it.log()).toEqual(['31:00 alice sms+push: fires-again']);
  });

  test('does not page either when it is the worst severity, and tells the executives at the end', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.advanceTo('5:00');
    it.takes([alert('worse', 'SEV0')], [HOUR_LONG]);
    it.advanceTo('29:00');
    expect(it.contacts).toEqual([]);
    expect(it.state().severity).toBe('SEV0');
    it.advanceTo('30:00');
    expect(it.log()).toContain('30:00 gil (sms): told');
    expect(it.log().filter((line) => line.includes('maintenance-over'))).toHaveLength(5);
  });

  test('that is covered by several windows is quiet until the last of them', () => {
    const it = incident({ windows: [HOUR_LONG, window('w2', 20, 50)] });
    it.advanceTo('49:00');
    expect(it.contacts).toEqual([]);
    it.advanceTo('50:00');
    expect(it.log()).toEqual(['50:00 alice sms+push: maintenance-over']);
  });

  test('keeps its own end: what is covered for less long than the others pages first', () => {
    const it = incident({ windows: [window('long', -1, 50)] });
    it.takes([alert('other')], [window('short', -1, 20)]);
    expect(it.deadlines()).toEqual(['maintenance-over 20:00']);
    it.resolves('other');
    expect(it.deadlines()).toEqual(['maintenance-over 50:00']);
    it.takes([alert('other2')], [window('short', -1, 20)]);
    it.advanceTo('20:00');
    expect(it.log()).toEqual(['20:00 alice sms+push: maintenance-over']);
  });

  test('told again under a longer window is quiet for longer', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.advanceTo('10:00');
    it.takes([alert('disk')], [HOUR_LONG, window('w2', 5, 60)]);
    expect(it.deadlines()).toEqual(['maintenance-over 60:00']);
  });

  test('is paged on time after an outage of ours, which is told', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.outage('20:00', '45:00');
    expect(it.log()).toEqual(['45:00 alice sms+push: maintenance-over']);
    expect(it.timeline('missed-deadline')).toHaveLength(1);
  });

  test('waits for business hours at the end where its severity does', () => {
    const it = incident({ severity: 'SEV2', windows: [HOUR_LONG] });
    it.advanceTo('30:00');
    expect(it.log()).toEqual(['30:00 alice email: for-information']);
    expect(it.deadlines()).toContain('begin 1740:00');
  });
});

describe('beside it', () => {
  test('an alert of the same incident that no window covers pages at once, by the worst severity of all', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.advanceTo('4:00');
    it.takes([alert('cpu', 'SEV3')]);
    expect(it.log()).toEqual(['4:00 alice sms+push: alert']);
    expect(it.timeline('quiet-over')).toEqual(['4:00 quiet-over not-covered']);
    expect(it.state().severity).toBe('SEV1');
  });

  test('an alert that no window covers pages once, with its own severity, in whatever order a batch has it', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.feed({
      type: 'alerts',
      batch: {
        ...{ integration: 'test', resolves: true, receivedAt: TUESDAY_10, windows: { w1: HOUR_LONG } },
        alerts: [alert('cpu', 'SEV0'), { ...alert('disk2'), windows: ['w1'] }],
      },
    });
    const paged = it.log().filter((line) => line.startsWith('0:00 alice sms'));
    expect(paged).toEqual(['0:00 alice sms+push: alert']);
    expect(it.timeline('step')).toHaveLength(1);
  });

  test('a covered alert joins an incident that somebody has without a word, and counts when its window is over', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('5:00');
    it.takes([alert('worse', 'SEV0')], [window('w1', 0, 20)]);
    it.advanceTo('19:00');
    expect(it.log('1:00')).toEqual([]);
    expect(it.state().severity).toBe('SEV1');
    it.advanceTo('20:00');
    expect(it.state().severity).toBe('SEV0');
    expect(it.log('20:00').some((line) => line.includes('severity-raised'))).toBe(true);
  });

  test('a covered alert of no higher severity is told to the owner when its window is over', () => {
    const it = incident();
    it.acknowledge('alice');
    it.advanceTo('5:00');
    it.takes([alert('other')], [window('w1', 0, 20)]);
    it.advanceTo('20:30');
    expect(it.log('1:00')).toEqual(['20:00 alice (sms): alert-joined']);
  });

  test('a covered alert that is over before its window is told to nobody', () => {
    const it = incident();
    it.acknowledge('alice');
    it.takes([alert('other')], [window('w1', 0, 20)]);
    it.resolves('other');
    it.advanceTo('24:00');
    expect(it.log('1:00')).toEqual([]);
  });

  test('whoever acknowledges a quiet incident has it, and is asked for nothing before the end', () => {
    const it = incident({ plan: planWith({ ...SEV1, updateEveryMs: 10 * MINUTE }), windows: [HOUR_LONG] });
    it.acknowledge('alice');
    expect(it.deadlines()).toEqual(['maintenance-over 30:00']);
    it.advanceTo('30:00');
    expect(it.contacts).toEqual([]);
    expect(it.deadlines()).toEqual(['update 40:00', 'still-on-it 55:00', 'no-progress 60:00']);
  });

  test('who raises the severity of what is quiet, or calls it fixed while it fires, hears until when nobody is paged', () => {
    const it = incident({ windows: [HOUR_LONG] });
    const { code } = it.state();
    const note = `quiet until 10:30 UTC for maintenance, ESCALATE ${code} pages now.`;
    expect(it.severity('alice', 'SEV0').sentence).toContain(
      `Changed from SEV1 to SEV0; ${note} SEV0 payments`,
    );
    expect(it.resolve('alice').sentence).toContain(`I will check again in 5 minutes; ${note}`);
    expect(it.contacts).toEqual([]);
    it.escalate('alice');
    expect(it.severity('alice', 'SEV1').sentence).not.toContain('quiet');
  });

  test('a person who escalates ends the quiet; one who takes an acknowledgement back does not', () => {
    const it = incident({ windows: [HOUR_LONG] });
    it.acknowledge('alice');
    expect(it.acts('alice', { action: 'unacknowledge' }).sentence).toContain('people are paged at');
    it.advanceTo('2:00');
    expect(it.contacts).toEqual([]);
    it.escalate('alice');
    expect(it.log()).toEqual(['2:00 alice sms+push: escalated-by-hand']);
    expect(it.deadlines()).not.toContain('maintenance-over 30:00');
  });
});

describe('a window that is made or ended meanwhile', () => {
  test('leaves alone what is being paged, unless it is to stop that', () => {
    const it = incident();
    it.advanceTo('2:00');
    began(it, HOUR_LONG, false);
    it.advanceTo('5:00');
    expect(it.log('5:00')).toEqual(['5:00 bob sms+push: not-acknowledged']);
  });

  test('stops pages in the middle of an escalation; at its end whatever fires is paged anew', () => {
    const it = incident();
    it.advanceTo('6:00');
    began(it, window('w1', 6, 40), true);
    expect(it.deadlines()).toEqual(['maintenance-over 40:00']);
    expect(it.state().pages.every(({ status }) => status === 'superseded')).toBe(true);
    it.advanceTo('39:00');
    expect(it.log('6:01')).toEqual([]);
    it.advanceTo('40:00');
    expect(it.log('6:01')).toEqual(['40:00 alice sms+push: maintenance-over']);
  });

  test('stops pages once: told again it leaves alone what a person began since', () => {
    const it = incident();
    const which = window('w1', 0, 40);
    began(it, which, true);
    it.escalate('alice');
    expect(it.state().escalation).not.toBeNull();
    began(it, which, true);
    expect(it.state().escalation).not.toBeNull();
  });

  test('stops nothing that pages since it was quiet by that window from the start', () => {
    const byHand = incident({ windows: [HOUR_LONG] });
    byHand.escalate('alice');
    const before = byHand.state().escalation;
    expect(before?.reason).toBe('escalated-by-hand');
    began(byHand, HOUR_LONG, true);
    expect(byHand.state().escalation).toEqual(before);
    byHand.advanceTo('5:00');
    expect(byHand.log('5:00')).toEqual(['5:00 bob sms+push: not-acknowledged']);

    const uncovered = incident({ windows: [HOUR_LONG] });
    uncovered.takes([alert('cpu')]);
    began(uncovered, HOUR_LONG, true);
    expect(uncovered.state().escalation).not.toBeNull();
    // Another window has not had its say.
    began(uncovered, window('w2', 0, 20), true);
    expect(uncovered.state().escalation).toBeNull();
  });

  test('takes back calls that ring, also those of a step before', () => {
    const withdrawn = (it: VirtualIncident): readonly unknown[] =>
      it.commands.flatMap(({ command }) => (command.type === 'withdraw' ? [command.providerId] : []));
    const it = incident();
    it.advanceTo('6:10');
    began(it, window('w1', 6, 40), true);
    const calls = it.contacts.filter(({ channel }) => channel === 'voice');
    expect(calls.map(({ who }) => who)).toEqual(['alice', 'alice', 'bob']);
    expect(withdrawn(it)).toHaveLength(3);
  });

  test('whoever was paged before may still answer while it rests', () => {
    const it = incident();
    began(it, window('w1', 0, 40), true);
    expect(it.acknowledge('alice').outcome).toBe('acknowledged');
    expect(viewOf(it.state(), '').owner?.id).toBe('alice');
  });

  test('whoever was paged before hears nothing of what is over while it rests', () => {
    const it = incident();
    it.advanceTo('0:10');
    began(it, window('w1', 0, 120), true);
    it.resolves('disk');
    it.advanceTo('60:00');
    expect(it.state().phase).toBe('resolved');
    expect(it.log('0:01')).toEqual([]);
  });

  test('lets an owner keep the incident, and asks nothing of them until the end', () => {
    const it = incident({ plan: planWith({ ...SEV1, updateEveryMs: 10 * MINUTE }) });
    it.acknowledge('alice');
    began(it, window('w1', 0, 40), true);
    expect(it.deadlines()).toEqual(['maintenance-over 40:00']);
    it.advanceTo('40:00');
    expect(it.state().owner?.actor.id).toBe('alice');
    expect(it.log('0:01')).toEqual([]);
    expect(it.deadlines()).toEqual(['update 50:00', 'still-on-it 65:00', 'no-progress 70:00']);
  });

  test('stops no page of an incident that somebody declared', () => {
    const it = incident({ quiet: true });
    began(it, window('w1', 0, 40), true);
    expect(it.deadlines()).toContain('ack 5:00');
  });

  test('prolongs what is quiet, and ended early pages at once what still fires', () => {
    const it = incident({ windows: [HOUR_LONG] });
    began(it, window('w2', 10, 60), false);
    expect(it.deadlines()).toEqual(['maintenance-over 60:00']);
    it.advanceTo('12:00');
    ended(it, 'w2');
    expect(it.deadlines()).toEqual(['maintenance-over 30:00']);
    expect(it.contacts).toEqual([]);
    ended(it, 'another');
    ended(it, 'w1');
    expect(it.log()).toEqual(['12:00 alice sms+push: maintenance-over']);
    expect(it.timeline('quiet-over')).toEqual(['12:00 quiet-over ended']);
  });

  test('ended early counts for covered alerts beside an owner too', () => {
    const it = incident();
    it.acknowledge('alice');
    it.takes([alert('other', 'SEV0')], [window('w1', 0, 20)]);
    it.advanceTo('3:00');
    ended(it, 'w1');
    expect(it.state().severity).toBe('SEV0');
  });

  test('changes nothing of an incident without anything in maintenance', () => {
    const it = incident();
    const before = it.state();
    ended(it, 'w1');
    expect(it.state()).toEqual(before);
  });
});

test('many covers are told apart up to a bound, and never outlast the first end', () => {
  const it = incident({ windows: [window('w0', -1, 10)] });
  for (let index = 1; index < 120; index += 1)
    it.takes([alert(`a${index}`)], [window(`w${index}`, -1, 20 + index)]);
  expect(it.state().quiet?.covers.length).toBeLessThanOrEqual(50);
  expect(it.deadlines()).toEqual(['maintenance-over 10:00']);
  it.advanceTo('10:00');
  expect(it.state().escalation).not.toBeNull();
});
