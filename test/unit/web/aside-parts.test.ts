import { describe, expect, test } from 'vitest';
import { zoneTimes } from '../../../config/zone-times.js';
import type { Step } from '../../../domain/escalation/policy.js';
import type { ResponderLine } from '../../../domain/incident/event.js';
import { viewOf as viewOfState } from '../../../domain/incident/machine.js';
import type { IncidentView } from '../../../domain/incident/view.js';
import { HOUR, MINUTE, type Instant } from '../../../domain/time/instant.js';
import { incidentFragment, incidentPage, type IncidentPage } from '../../../web/incident-page.js';
import { viewOf as viewWith } from '../../api/support/incidents-of-the-tests.js';
import { incident, TUESDAY_10 } from '../incident/fixtures.js';

type It = ReturnType<typeof incident>;

const PARTS = ['hand-over', 'snoozed', 'helpers'] as const;
type Part = (typeof PARTS)[number];

function pageOf(view: IncidentView, now: Instant, reader: string): IncidentPage {
  return {
    view,
    reader: { id: reader, name: reader },
    times: zoneTimes('Europe/Berlin'),
    nonce: 'a-nonce-of-a-form',
    now,
  };
}

/** A real incident so many minutes after its beginning (11:00 in Berlin), as this reader's page says it. */
function looksAt(it: It, minutes: number, reader = 'alice'): (part: Part | 'state' | 'paged') => string {
  const page = incidentFragment(pageOf(viewOfState(it.state(), 'w'), TUESDAY_10 + minutes * MINUTE, reader));
  return (part) => textOf(partOf(page, part));
}

/** What stands between the tags of a part; the parts stand beside each other. */
function partOf(page: string, part: string): string {
  const inside = page.split(`<div data-part="${part}"`)[1]?.split('<div data-part=')[0];
  if (inside === undefined) throw new Error(`The page has no part "${part}".`);
  return inside.slice(inside.indexOf('>') + 1);
}

/** What a person reads, in one line. */
function textOf(body: string): string {
  return body
    .replace(/<\/?bdi>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function step(user: string): Step {
  return { name: user, targets: [{ kind: 'user', id: user }], timeoutMs: 5 * MINUTE };
}

function line(name: string, ...users: string[]): ResponderLine {
  return { name, steps: (users.length === 0 ? [name] : users).map(step) };
}

/** An incident that alice has since 1:00. */
function owned(): It {
  const it = incident({ outcome: ({ kind }) => (kind === 'page' ? 'delivered' : 'sent') });
  it.advanceTo('1:00');
  it.acknowledge('alice');
  it.advanceTo('2:00');
  return it;
}

describe('an incident of which nothing goes on beside the policy', () => {
  test('has none of these parts, and yet their places, so that the script can fill them', () => {
    const says = looksAt(owned(), 3);
    for (const part of PARTS) expect(says(part)).toBe('');
  });
});

describe('somebody who is asked to take it over', () => {
  test('stands there with who asked, why, since when, and how they were reached', () => {
    const it = owned();
    it.acts('carol', { action: 'reassign', to: 'bob', reason: 'her shift is over' });
    it.advanceTo('3:30');
    const says = looksAt(it, 4);
    expect(says('hand-over')).toBe(
      'Hand-over 11:02 CET 2 min ago carol asked bob to take it over: her shift is over' +
        ' Not answered yet: you keep it until then. bob: SMS delivered 11:02 CET,' +
        ' push message delivered 11:02 CET, phone call delivered 11:03 CET',
    );
    expect(says('state')).toBe(
      'You have it, since 11:01 CET. Now acknowledged. bob is asked to take it over.',
    );
    expect(looksAt(it, 4, 'bob')('hand-over')).toContain('Not answered yet: alice keeps it until then.');
  });

  test('is told apart from one who answered, which names who had it and who asked', () => {
    const it = owned();
    it.acts('carol', { action: 'reassign', to: 'bob' });
    it.advanceTo('3:00');
    it.acknowledge('bob');
    const says = looksAt(it, 5);
    expect(says('hand-over')).toBe(
      'Hand-over 11:03 CET 2 min ago bob took it over from alice, as carol asked',
    );
    expect(says('state')).toBe('bob has it, since 11:03 CET. Now acknowledged.');
  });

  test('is told apart from one who did not answer', () => {
    const it = owned();
    it.acts('carol', { action: 'reassign', to: 'bob' });
    it.advanceTo('7:30');
    expect(looksAt(it, 8)('hand-over')).toBe(
      'Hand-over 11:07 CET 60 s ago bob was asked and did not take it over',
    );
  });

  test('is gone when somebody else takes it first', () => {
    const it = owned();
    it.acts('carol', { action: 'reassign', to: 'bob' });
    it.take('dan');
    expect(looksAt(it, 4)('hand-over')).toBe('');
  });

  test.each<[string, (it: It) => void]>([
    ['somebody else took it', (it) => it.take('dan')],
    ['it is given back', (it) => it.acts('alice', { action: 'unacknowledge' })],
    ['it is quiet', (it) => it.resolves('disk')],
  ])('is history, however it ended, once %s', (_what, happens) => {
    const accepted = owned();
    accepted.acts('carol', { action: 'reassign', to: 'bob' });
    accepted.acknowledge('bob');
    const notTaken = owned();
    notTaken.acts('carol', { action: 'reassign', to: 'bob' });
    notTaken.advanceTo('7:30');
    for (const it of [accepted, notTaken]) {
      expect(looksAt(it, 8)('hand-over')).not.toBe('');
      happens(it);
      expect(looksAt(it, 9)('hand-over')).toBe('');
    }
  });

  test('and did not is history once somebody of the tier above answers', () => {
    const it = owned();
    it.acts('carol', { action: 'reassign', to: 'bob' });
    it.advanceTo('7:30');
    const [paged] = viewOfState(it.state(), 'w').paged.filter(
      ({ open, userId }) => open && userId !== 'alice',
    );
    expect(looksAt(it, 8)('hand-over')).toContain('did not take it over');
    it.acknowledge(paged?.userId ?? 'nobody');
    expect(looksAt(it, 9)('hand-over')).toBe('');
  });

  test('of an incident that nobody has leaves it so, and their messages stand once', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acts('carol', { action: 'reassign', to: 'bob' });
    expect(looksAt(it, 2)('hand-over')).toBe(
      'Hand-over 11:01 CET 60 s ago carol asked bob to take it over Not answered yet, and nobody has it so far',
    );
  });
});

describe('a snooze', () => {
  test('stands there with its end, how far off that is, and who wanted it', () => {
    const it = owned();
    it.acts('alice', { action: 'snooze', forMs: 30 * MINUTE });
    const says = looksAt(it, 4, 'bob');
    expect(says('snoozed')).toBe(
      'Snoozed 11:32 CET in 28 min By alice. Nobody asks for progress until then; then somebody is called on again.',
    );
    expect(says('state')).toContain('Left alone until 11:32 CET.');
    it.resolves('disk');
    expect(looksAt(it, 5)('snoozed')).toBe('');
  });

  test('that ends tomorrow says so', () => {
    const it = owned();
    it.acts('alice', { action: 'snooze', forMs: 23 * HOUR });
    expect(looksAt(it, 2)('snoozed')).toContain('Wed 25 Nov, 10:02 CET in 23 h');
  });
});

describe('people who are asked to help', () => {
  test('stand there with who asked, why, since when, and how each of them stands', () => {
    const it = owned();
    const responders = [line('dan'), line('service storage', 'fay', 'gil')];
    it.acts('alice', { action: 'add-responders', responders, reason: 'needs a DBA' });
    it.advanceTo('2:30');
    expect(looksAt(it, 3)('helpers')).toBe(
      'Asked to help' +
        ' 11:02 CET 60 s ago dan: being paged, not answered yet:' +
        ' SMS delivered 11:02 CET, push message delivered 11:02 CET Asked by alice: needs a DBA' +
        ' 11:02 CET 60 s ago service storage: being paged, not answered yet.' +
        ' fay: SMS delivered 11:02 CET, push message delivered 11:02 CET Asked by alice: needs a DBA',
    );
    it.acknowledge('dan');
    it.advanceTo('8:00');
    it.acknowledge('gil');
    expect(looksAt(it, 9)('helpers')).toBe(
      'Asked to help' +
        ' 11:02 CET 7 min ago dan joined Asked by alice: needs a DBA' +
        ' 11:02 CET 7 min ago service storage: gil joined Asked by alice: needs a DBA',
    );
  });

  test('who do not answer are said to, and those who are no longer needed are gone', () => {
    const it = owned();
    it.acts('erin', { action: 'add-responders', responders: [line('dan'), line('storage', 'fay')] });
    it.advanceTo('7:30');
    expect(looksAt(it, 8)('helpers')).toBe(
      'Asked to help 11:02 CET 6 min ago dan: did not answer Asked by erin' +
        ' 11:02 CET 6 min ago storage: nobody answered (paged: fay) Asked by erin',
    );
    it.resolves('disk');
    expect(looksAt(it, 9)('helpers')).toBe('');
  });

  test('while the policy pages too: their messages stand once, with those of the others', () => {
    const it = incident();
    it.advanceTo('1:00');
    it.acts('erin', { action: 'add-responders', responders: [line('storage', 'fay')] });
    const says = looksAt(it, 2);
    expect(says('helpers')).toBe(
      'Asked to help 11:01 CET 60 s ago storage: being paged, not answered yet (paged: fay) Asked by erin',
    );
    expect(says('paged')).toContain('fay, since 11:01 CET: SMS sent 11:01 CET');
  });

  test('are not said to be paged before somebody is found', () => {
    const view = viewWith({
      responders: [{ name: 'team storage', by: 'Alice', since: 0, status: 'paging', paged: [] }],
    });
    expect(textOf(partOf(incidentFragment(pageOf(view, MINUTE, 'x')), 'helpers'))).toContain(
      'team storage: looked for, nobody is paged yet',
    );
  });
});

describe('what somebody wrote', () => {
  const nasty = '<script>alert("1")</script>';
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;';
  const since = TUESDAY_10;
  const helper = { name: nasty, by: nasty, since, reason: nasty, paged: [nasty], joined: nasty };
  const entries = {
    asked: { at: since, type: 'reassigning', who: nasty, via: 'api', to: nasty, reason: nasty },
    taken: { at: since, type: 'reassigned', who: nasty, via: 'api', from: nasty },
    not: { at: since, type: 'not-taken-over', to: nasty },
  } as const;
  const owner = { id: 'x', name: nasty, since };

  test.each<[string, Part, number, Partial<IncidentView>]>([
    [
      'a hand-over under way',
      'hand-over',
      4,
      { owner, handover: { to: nasty, by: nasty, since }, timeline: [entries.asked] },
    ],
    ['a hand-over that was accepted', 'hand-over', 3, { owner, timeline: [entries.asked, entries.taken] }],
    ['a hand-over that was not', 'hand-over', 1, { timeline: [entries.asked, entries.not] }],
    ['a snooze', 'snoozed', 1, { owner, snoozed: { by: nasty, until: since + HOUR } }],
    [
      'helpers being paged',
      'helpers',
      4,
      { responders: [{ ...helper, paged: [nasty, 'Z'], status: 'paging' }] },
    ],
    ['helpers who joined', 'helpers', 3, { responders: [{ ...helper, status: 'joined' }] }],
    [
      'helpers who did not answer',
      'helpers',
      4,
      { responders: [{ ...helper, paged: [nasty, 'Z'], status: 'unanswered' }] },
    ],
  ])('is shown as it was written and never run: %s', (_what, part, times, changes) => {
    const body = incidentPage(pageOf(viewWith(changes), since + MINUTE, 'y'));
    const inside = partOf(body, part);
    expect(inside.split(escaped)).toHaveLength(times + 1);
    expect(body.match(/<script/g)).toHaveLength(1);
  });

  test('is one line, without what turns the text around, and no longer than a phone bears', () => {
    const reason = `first\n\n\u202esecond ${'x'.repeat(500)}`;
    const view = viewWith({ responders: [{ ...helper, reason, status: 'paging' }] });
    const inside = partOf(incidentFragment(pageOf(view, since, 'y')), 'helpers');
    expect(inside).toContain('<bdi>first second xxx');
    expect(inside).toContain('x…</bdi>');
    expect(inside).not.toContain('\u202e');
    expect(inside).not.toContain('x'.repeat(200));
  });

  test('of two directions keeps its own: every name and reason is isolated', () => {
    const arabic = 'محمد';
    const view = viewWith({
      owner: { ...owner, name: arabic },
      handover: { to: arabic, by: arabic, since },
      snoozed: { by: arabic, until: since },
      responders: [
        { name: arabic, by: arabic, since, reason: arabic, status: 'joined', paged: [], joined: 'Z' },
      ],
      timeline: [],
    });
    const page = incidentFragment(pageOf(view, since, 'y'));
    for (const part of PARTS) {
      const inside = partOf(page, part);
      expect(inside.split(arabic).length).toBeGreaterThan(1);
      expect(inside.split(`<bdi>${arabic}</bdi>`).length).toBe(inside.split(arabic).length);
    }
  });
});

test('each part has a heading of its own level, below the one of the page', () => {
  const it = owned();
  it.acts('alice', { action: 'add-responders', responders: [line('dan')] });
  it.acts('carol', { action: 'reassign', to: 'bob' });
  it.acts('alice', { action: 'snooze', forMs: HOUR });
  const page = incidentFragment(pageOf(viewOfState(it.state(), 'w'), TUESDAY_10 + 3 * MINUTE, 'alice'));
  const headings = [...page.matchAll(/<h([1-6])[^>]*>([^<]*)</g)].map(
    ([, level, words]) => `${level} ${words}`,
  );
  expect(headings).toEqual([
    '1 checkout is down',
    '2 Hand-over',
    '2 Snoozed',
    '2 What happens next',
    '2 Asked to help',
    '2 Facts',
    '2 What happened',
  ]);
});
