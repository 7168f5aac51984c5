import { describe, expect, it } from 'vitest';
import { createProviderHealth } from '../../../activities/provider-health.js';

describe('the health of providers', () => {
  it('is a refusal of our credentials from the first until something is sent', () => {
    const health = createProviderHealth();
    expect(health.refused()).toEqual([]);
    health.note('twilio-sms', 'unauthorized');
    health.note('smtp', 'unauthorized');
    expect(health.refused()).toEqual(['smtp', 'twilio']);
    health.note('smtp', 'sent');
    expect(health.refused()).toEqual(['twilio']);
  });

  it('is of the account: a call that goes out clears what an SMS met', () => {
    const health = createProviderHealth();
    health.note('twilio-sms', 'unauthorized');
    health.note('twilio-voice', 'sent');
    expect(health.refused()).toEqual([]);
  });

  it.each(['unavailable', 'timed-out', 'bad-address', 'cancelled'] as const)(
    'is not changed by a try that ended as %s',
    (outcome) => {
      const health = createProviderHealth();
      health.note('twilio-sms', outcome);
      expect(health.refused()).toEqual([]);
      health.note('twilio-sms', 'unauthorized');
      health.note('twilio-sms', outcome);
      expect(health.refused()).toEqual(['twilio']);
    },
  );
});
