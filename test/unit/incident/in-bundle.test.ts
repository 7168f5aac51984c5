import { describe, expect, test } from 'vitest';
import type { DeliveryReport } from '../../../domain/incident/event.js';
import { apply } from '../../../domain/incident/machine.js';
import { timelineWords } from '../../../domain/messages/timeline-words.js';
import { incident } from './fixtures.js';

const BUNDLE = { id: 'b-1', incidents: 3 };

/** Alice's call at 1:00 has gone out with the pages of two other incidents. */
function calledTogether() {
  const it = incident();
  it.advanceTo('1:00');
  const call = it.contacts.find(({ channel, who }) => channel === 'voice' && who === 'alice')?.command;
  if (call === undefined) throw new Error('Alice was not called.');
  const report: DeliveryReport = {
    ...{ deliveryId: call.deliveryId, provider: 'twilio-voice', providerId: 'CA1' },
    ...{ status: 'sent', bundle: BUNDLE },
  };
  return { it, deliveryId: call.deliveryId, report };
}

describe('a page that went out in a message about several incidents', () => {
  test('the timeline says so', () => {
    const { it, report } = calledTogether();
    const { state } = apply(it.state(), { type: 'delivery', report }, it.state().openedAt + 61_000);
    const entry = state.timeline.findLast(({ type }) => type === 'sent');
    expect(entry).toMatchObject({ bundle: BUNDLE, providerId: 'CA1' });
    expect(entry === undefined ? '' : timelineWords(entry)).toBe(
      'sent to alice by phone call (primary), through twilio-voice (CA1), as part of a message about 3 incidents',
    );
  });

  test('its call is taken back for this incident alone', () => {
    const { it, deliveryId, report } = calledTogether();
    const at = it.state().openedAt + 61_000;
    // The stand-in has said of every delivery that it was sent: this one rings again, together with others.
    const before = it.state();
    const sent = apply(before, { type: 'delivery', report }, at).state;
    const bob = { kind: 'user', id: 'bob', name: 'bob' } as const;
    const { commands } = apply(
      sent,
      {
        type: 'action',
        action: { requestId: 'r1', openingId: sent.openingId, by: bob, via: 'sms', action: 'acknowledge' },
      },
      at + 1_000,
    );
    expect(commands.filter(({ type }) => type === 'withdraw')).toEqual([
      {
        ...{ type: 'withdraw', deliveryId, channel: 'voice', provider: 'twilio-voice', providerId: 'CA1' },
        bundle: { id: 'b-1', openingId: sent.openingId },
      },
    ]);
  });
});
