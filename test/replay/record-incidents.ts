import type { IncidentView } from '../../domain/incident/view.js';
import { incidentWorkflowId, keyOfOpening, reviewWorkflowId } from '../../temporal-config/names.js';
import { configOf, PHONES, startSystem } from '../support/running-system.js';
import { saveEnded } from './save-history.js';

/** Incidents that people answer in several ways, and the review of one. */
export async function recordIncidents(): Promise<void> {
  const config = configOf({ rounds: 1 }).replace('timings: {', 'timings: { snoozeShortest: 1s,');
  const system = await startSystem({ config });

  async function save(workflowId: string, kind: 'incident' | 'review', what: string): Promise<void> {
    await saveEnded(system.client, workflowId, kind, what);
  }

  async function opened(group: string): Promise<string> {
    console.log(group);
    await system.alert('firing', { group });
    for (;;) {
      const { body } = await system.request('GET', '/v1/incidents?open=true');
      const [first] = (body as { incidents: { openingId: string }[] }).incidents;
      if (first !== undefined) return first.openingId;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function resolved(openingId: string, group: string): Promise<void> {
    await system.alert('resolved', { group });
    await system.until(openingId, 'resolved', ({ phase }: IncidentView) => phase === 'resolved');
  }

  function idOf(openingId: string): string {
    return incidentWorkflowId(keyOfOpening(openingId) ?? '');
  }

  async function seen(openingId: string, ...types: readonly IncidentView['timeline'][number]['type'][]) {
    await system.until(openingId, types.join(', '), ({ timeline }) =>
      types.every((wanted) => timeline.some(({ type }) => type === wanted)),
    );
  }

  async function act(openingId: string, action: string, body: unknown): Promise<void> {
    const { status } = await system.request('POST', `/v1/incidents/${openingId}/${action}`, { body });
    if (status !== 200) throw new Error(`${action} answered ${status}`);
  }

  try {
    const called = await opened('key-press');
    const call = await system.booth.nextCall({ to: PHONES.bob });
    await call.answer();
    await call.press('4');
    await act(called, 'updates', { text: 'rolling back', by: 'bob' });
    await act(called, 'severity', { severity: 'SEV0', by: 'bob' });
    await act(called, 'acknowledge', { by: 'bob' });
    await act(called, 'resolve', { by: 'bob' });
    await resolved(called, 'key-press');
    await save(idOf(called), 'incident', 'key-press');
    await act(called, 'postmortem', { url: 'https://wiki.example.com/pm', by: 'bob' });
    await save(reviewWorkflowId(called), 'review', 'published');

    const unanswered = await opened('unanswered');
    await seen(unanswered, 'catch-all');
    await resolved(unanswered, 'unanswered');
    await save(idOf(unanswered), 'incident', 'unanswered');

    // Whatever people ask of an incident that somebody has.
    const asked = await opened('asked');
    await act(asked, 'snooze', { for: '2s', by: 'alice' });
    await act(asked, 'notes', { text: 'a deploy is under way', by: 'alice' });
    await system.booth.nextSms({ to: PHONES.alice, about: 'snooze over' });
    await act(asked, 'acknowledge', { by: 'alice' });
    await act(asked, 'reassign', { to: 'carol', reason: 'shift', by: 'alice' });
    await system.booth.nextSms({ to: PHONES.carol, about: 'to take over' });
    await act(asked, 'acknowledge', { by: 'carol' });
    await act(asked, 'reassign', { to: 'alice', by: 'carol' });
    await seen(asked, 'not-taken-over');
    await act(asked, 'acknowledge', { by: 'carol' });
    await act(asked, 'responders', { users: ['erin'], services: ['other'], by: 'carol' });
    await system.booth.nextSms({ to: PHONES.erin, about: 'help wanted' });
    await act(asked, 'acknowledge', { by: 'erin' });
    await seen(asked, 'responders-unanswered');
    await act(asked, 'unacknowledge', { by: 'carol' });
    await system.booth.nextSms({ to: PHONES.alice, about: 'open again' });
    await act(asked, 'take', { by: 'bob' });
    await resolved(asked, 'asked');
    await save(idOf(asked), 'incident', 'asked');

    system.booth.misbehave({
      kind: 'http-error',
      status: 503,
      channel: 'sms',
      to: PHONES.alice,
      times: 'always',
    });
    const undelivered = await opened('undelivered');
    await seen(undelivered, 'ack-timeout');
    await act(undelivered, 'escalate', { by: 'bob', reason: 'need a database person' });
    await act(undelivered, 'take', { by: 'carol' });
    await resolved(undelivered, 'undelivered');
    await save(idOf(undelivered), 'incident', 'escalated-by-hand');
  } finally {
    await system.stop();
  }
}
