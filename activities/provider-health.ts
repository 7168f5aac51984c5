import type { FailureReason } from '../domain/incident/event.js';
import { createCircuit, type Circuit, type CircuitState } from './circuit.js';
import { accountOf, type Provider } from './providers/provider.js';

type Known = Pick<Provider, 'name' | 'channel' | 'account' | 'isPerRecipient'>;

/** A provider that is to be tried, and how. */
export interface ProviderTry<P> {
  readonly provider: P;
  /** It was broken and this try shows whether it is back: it must not cost much time. */
  readonly isProbe: boolean;
}

/** What one provider looks like now. */
export interface ProviderState {
  readonly provider: string;
  readonly channel: Provider['channel'];
  readonly state: CircuitState;
  /** Why it is not closed; null while it is. */
  readonly reason: FailureReason | null;
}

/** Which providers let us in and work, as deliveries of this process saw it last. */
export interface ProviderHealth {
  /** Says which providers there are: those that a reload of the config took away are forgotten. */
  known(providers: readonly Known[]): void;
  /**
   * The order in which providers of one channel are tried: as given, but with the broken ones last. None is left out: when all
   * are broken, all are tried. At most one delivery at a time tries a broken one first, once its time has come.
   */
  order<P extends Known>(providers: readonly P[]): readonly ProviderTry<P>[];
  /** Notes how one try ended; says when that made the provider be tried last, or first again. */
  note(provider: Known, outcome: 'sent' | 'cancelled' | FailureReason): 'opened' | 'closed' | null;
  /** Those that refuse our credentials, until something is sent: `twilio`, `smtp`. */
  refused(): readonly string[];
  /**
   * Those that fail again and again, each with why and when they are tried: `twilio-sms: unavailable, tried last`. A standby
   * is not tried while one before it works, so what is said of it may be old.
   */
  failing(): readonly string[];
  /** Every provider there is, by name. */
  states(): readonly ProviderState[];
}

/** All is well until a delivery says otherwise. Forgotten at a restart. */
export function createProviderHealth(now: () => number = () => Date.now()): ProviderHealth {
  const refused = new Set<string>();
  const circuits = new Map<string, { readonly circuit: Circuit; readonly channel: Provider['channel'] }>();
  const circuitOf = ({ name, channel }: Known): Circuit => {
    const known = circuits.get(name);
    if (known !== undefined) return known.circuit;
    const circuit = createCircuit();
    circuits.set(name, { circuit, channel });
    return circuit;
  };
  const states = (): readonly ProviderState[] =>
    [...circuits]
      .map(([provider, { circuit, channel }]) => ({
        provider,
        channel,
        state: circuit.state(now()),
        reason: circuit.reason(),
      }))
      .sort((one, other) => one.provider.localeCompare(other.provider));
  let there: readonly Known[] | null = null;
  /** Whether nothing is sent through it while another before it works, though its time to be tried has come. */
  const standsBy = (name: string): boolean => {
    const known = there ?? [];
    const index = known.findIndex((provider) => provider.name === name);
    return known
      .slice(0, Math.max(0, index))
      .some(
        (before) =>
          before.channel === known[index]?.channel &&
          circuits.get(before.name)?.circuit.state(now()) === 'closed',
      );
  };
  return {
    known: (providers) => {
      if (providers === there) return;
      there = providers;
      const shared = providers.filter(({ isPerRecipient }) => isPerRecipient !== true);
      for (const name of circuits.keys()) {
        if (!shared.some((provider) => provider.name === name)) circuits.delete(name);
      }
      for (const account of refused) {
        if (!shared.some((provider) => accountOf(provider) === account)) refused.delete(account);
      }
      for (const provider of shared) circuitOf(provider);
    },
    order: (providers) => {
      if (providers.length < 2) return providers.map((provider) => ({ provider, isProbe: false }));
      const at = now();
      const looked = providers.map((provider) => ({ provider, state: circuitOf(provider).state(at) }));
      const closed = looked.filter(({ state }) => state === 'closed');
      const rest = looked.filter(({ state }) => state !== 'closed');
      // Worth a try is only one that would come before what works: the others are there for when that fails.
      const firstClosed = looked.findIndex(({ state }) => state === 'closed');
      const back = looked.slice(0, Math.max(0, firstClosed)).find(({ state }) => state === 'half-open');
      const probed = back !== undefined && circuitOf(back.provider).probe(at) ? [back] : [];
      return [...probed, ...closed, ...rest.filter((each) => !probed.includes(each))].map((each) => ({
        provider: each.provider,
        isProbe: probed.includes(each),
      }));
    },
    note: (provider, outcome) => {
      if (provider.isPerRecipient === true) return null;
      const account = accountOf(provider);
      if (outcome === 'unauthorized') refused.add(account);
      else if (outcome === 'sent') refused.delete(account);
      return circuitOf(provider).note(outcome, now());
    },
    refused: () => [...refused].sort(),
    failing: () =>
      states().flatMap(({ provider, state, reason }) => {
        if (state === 'closed') return [];
        const due = standsBy(provider) ? 'tried when those before it fail' : 'the next message tries it';
        const next = state === 'open' ? 'tried last' : due;
        return [`${provider}: ${reason ?? 'failing'}, ${next}`];
      }),
    states,
  };
}
