import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createIncidents } from '../../api/incidents/create-incidents.js';
import type { PersonAction } from '../../domain/incident/event.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { MINUTE, SECOND } from '../../domain/time/instant.js';
import { incidentQuery } from '../../workflows/messages.js';
import { startSkippingIncidents, type SkippingIncidents } from '../support/skipping-incidents.js';

let incidents: SkippingIncidents;

beforeAll(async () => {
  incidents = await startSkippingIncidents();
});
afterEach(() => incidents.forget());
afterAll(() => incidents.stop());

/** What leaves now has left: the time-skipping server knows no activity that is cancelled in the moment in which it ends. */
function delivered(): Promise<unknown> {
  return incidents.env.sleep(5 * SECOND);
}

describe('an incident that is snoozed', () => {
  test('leaves its owner alone, and pages them again at its end, then the policy', async () => {
    const { openedAt, act, handle } = await incidents.open();
    await incidents.env.sleep(1.5 * MINUTE);
    expect(await act('snooze', 'alice')).toMatchObject({ outcome: 'snoozed', owner: 'alice' });
    const { deadlines } = await handle.query<IncidentView, []>(incidentQuery);
    expect(deadlines[0]).toMatchObject({
      name: 'snooze',
      label: expect.stringMatching(
        /^snoozed by alice until \d\d:\d\d UTC, then alice is paged again$/,
      ) as string,
    });
    await incidents.env.sleep(37 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '0 alice sms',
      '1 alice voice',
      '32 alice sms',
      '33 alice voice',
      '35 alice voice',
      '37 bob sms',
      '38 bob voice',
    ]);
  });
});

describe('an incident that somebody is asked to take over', () => {
  test('is theirs once they answer', async () => {
    const { openedAt, act, handle } = await incidents.open();
    await delivered();
    await act('acknowledge', 'alice');
    await incidents.env.sleep(2 * MINUTE);
    expect(await act('reassign', 'alice')).toMatchObject({ outcome: 'reassigning', owner: 'alice' });
    await incidents.env.sleep(1.5 * MINUTE);
    expect(await act('acknowledge', 'carol')).toMatchObject({ outcome: 'taken', owner: 'carol' });
    await incidents.env.sleep(10 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual(['0 alice sms', '2 carol sms', '3 carol voice']);
    expect(await handle.query<IncidentView, []>(incidentQuery)).toMatchObject({ owner: { id: 'carol' } });
  });

  test('goes above its owner when they do not', async () => {
    const { openedAt, act } = await incidents.open();
    await delivered();
    await act('acknowledge', 'alice');
    await act('reassign', 'alice');
    await incidents.env.sleep(6.5 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '0 alice sms',
      '0 carol sms',
      '1 carol voice',
      '3 carol voice',
      '5 bob sms',
      '6 bob voice',
    ]);
  });
});

describe('helpers and an undone acknowledgement', () => {
  test('a helper joins, and the incident that nobody has any more is paged anew', async () => {
    const { openedAt, act, handle } = await incidents.open();
    await delivered();
    await act('acknowledge', 'alice');
    await act('add-responders', 'alice');
    await incidents.env.sleep(2 * MINUTE);
    expect(await act('acknowledge', 'dan')).toMatchObject({ outcome: 'joined', owner: 'alice' });
    expect(await act('unacknowledge', 'alice')).toMatchObject({ outcome: 'unacknowledged' });
    await incidents.env.sleep(1.5 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '0 alice sms',
      '0 dan sms',
      '1 dan voice',
      '2 alice sms',
      '3 alice voice',
    ]);
    expect(await handle.query<IncidentView, []>(incidentQuery)).toMatchObject({
      phase: 'triggered',
      responders: [{ name: 'dan', status: 'joined' }],
    });
  });
});

test('of two people who acknowledge at the same time one has it, and the other is told who', async () => {
  const { act } = await incidents.open();
  await delivered();
  const answers = await Promise.all([act('acknowledge', 'alice'), act('acknowledge', 'bob')]);
  const [has, hears] = [...answers].sort((one, other) => one.outcome.localeCompare(other.outcome));
  expect([has?.outcome, hears?.outcome]).toEqual(['acknowledged', 'already-owned']);
  expect(hears?.owner).toBe(has?.owner);
});

test('a thousand notes are taken, leave room for what happened, and say so', async () => {
  const { openingId, handle } = await incidents.open();
  const api = createIncidents({ client: incidents.env.client });
  const by = { kind: 'user', id: 'alice', name: 'alice' } as const;
  const sentences = new Set<string>();
  for (let from = 0; from < 1_000; from += 5) {
    const answers = await Promise.all(
      [0, 1, 2, 3, 4].map((more) =>
        api.act({
          requestId: `api:${from + more}`,
          openingId,
          by,
          via: 'api',
          action: 'note',
          text: `${from + more} ${'x'.repeat(900)}`,
        }),
      ),
    );
    for (const answer of answers) {
      expect(answer).toMatchObject({ kind: 'answered', answer: { outcome: 'noted' } });
      if (answer.kind === 'answered') sentences.add(answer.answer.sentence);
    }
  }
  expect([...sentences]).toEqual([
    'Noted.',
    'Noted. The timeline has room for 200 notes: its oldest one was dropped for it.',
  ]);
  const { timeline, timelineDropped } = await handle.query<IncidentView, []>(incidentQuery);
  expect(timeline.filter(({ type }) => type === 'note')).toHaveLength(200);
  expect(timeline.map(({ type }) => type)).toEqual(expect.arrayContaining(['opened', 'paged', 'sent']));
  expect(timelineDropped).toBe(800);
});

test('a request id that was used for something else is refused by the incident itself, not answered as before', async () => {
  const { openingId } = await incidents.open();
  const api = createIncidents({ client: incidents.env.client });
  const asked = {
    requestId: 'api:one',
    requestHash: 'note one',
    openingId,
    by: { kind: 'user', id: 'alice', name: 'alice' },
    via: 'api',
  } as const;
  const note: PersonAction = { ...asked, action: 'note', text: 'one' };
  const noted = { kind: 'answered', answer: { outcome: 'noted' } };
  expect(await api.act(note)).toMatchObject(noted);
  expect(await api.act({ ...asked, requestHash: 'resolve', action: 'resolve' })).toMatchObject({
    answer: { outcome: 'key-reused' },
  });
  expect(await api.act({ ...note, requestHash: 'note two', text: 'two' })).toMatchObject({
    answer: { outcome: 'key-reused' },
  });
  expect(await api.act(note)).toMatchObject(noted);
  const view = await api.get(openingId);
  expect(view?.timeline.filter(({ type }) => type === 'note')).toMatchObject([{ text: 'one' }]);
  expect(view?.phase).toBe('triggered');
});
