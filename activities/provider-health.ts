import type { FailureReason } from '../domain/incident/event.js';

/** Which providers let us in, as deliveries of this process saw it last. Readiness shows it. */
export interface ProviderHealth {
  /** Notes how one try at one provider (`twilio-sms`, `smtp`) ended. */
  note(provider: string, outcome: 'sent' | 'cancelled' | FailureReason): void;
  /** Those that refuse our credentials, until something is sent: `twilio`, `smtp`. */
  refused(): readonly string[];
}

/** All is well until a delivery says otherwise. Forgotten at a restart. */
export function createProviderHealth(): ProviderHealth {
  const refused = new Set<string>();
  return {
    note: (provider, outcome) => {
      // SMS and voice of one provider are one account.
      const account = provider.split('-')[0] ?? provider;
      if (outcome === 'unauthorized') refused.add(account);
      else if (outcome === 'sent') refused.delete(account);
    },
    refused: () => [...refused].sort(),
  };
}
